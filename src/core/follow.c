#include "core/follow.h"

#include <string.h>

#include "base/mem.h"
#include "core/consent/consent.h"
#include "core/consent/enrol.h"
#include "core/consent/remind.h"
#include "core/consent/verify.h"
#include "core/due.h"
#include "core/flight/change.h"
#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/flight/query.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/contacts.h"
#include "core/model/device.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/outlets/delivery.h"
#include "core/outlets/errand.h"
#include "core/outlets/greeting.h"
#include "core/outlets/pep.h"
#include "core/outlets/pep_answer.h"
#include "core/outlets/pep_step.h"
#include "core/outlets/slots.h"
#include "core/outlets/telling.h"
#include "core/outlets/unsubscribe.h"
#include "core/sources/audit.h"
#include "core/sources/blocking.h"
#include "core/sources/doubt.h"
#include "core/sources/grant.h"
#include "core/sources/missing.h"
#include "core/sources/presence.h"
#include "core/sources/roster.h"
#include "core/sources/watch.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

static void
host_told(struct core *c, struct user *u, int serves)
{
	if (serves > 0)
		doubt_served(&c->sources, u->host);
	else if (serves < 0)
		doubt_not_served(&c->sources, u->host, u);
}

/* What an answer (NULL: none came in time) means for what was asked. */
static void
conclude(struct core *c, struct query *q, const struct answer_event *a)
{
	struct query_taken t;

	if (q->ask == ASK_PEP)
		slots_measure(&c->outlets, q, a != NULL);
	query_take(&c->flight, q, a != NULL, &t);
	switch (t.ask) {
	case ASK_PEP:
		pep_answer(&c->outlets, &t, a);
		break;
	case ASK_ROSTER:
		host_told(c, t.user, roster_tells_of_host(t.user, a));
		roster_answer(&c->sources, t.user, t.reading, a);
		break;
	case ASK_BLOCKLIST:
		blocking_answer(&c->sources, t.user, t.way, a);
		break;
	case ASK_PING:
		presence_pinged(&c->sources, t.user, t.resource, a);
		break;
	case ASK_INFO:
	case ASK_ENTITY:
		presence_info(&c->sources, t.user, t.peer, t.resource, a);
		break;
	case ASK_HOST_INFO:
		if (a != NULL)
			doubt_alive(&c->sources, t.host);
		grant_info(&c->sources, t.host, a);
		break;
	case ASK_SELF:
		missing_pinged(&c->sources, a);
		break;
	case ASK_WORD:
		missing_answered(&c->sources, t.host, a);
		break;
	case ASK_CLAIM:
		verify_account(&c->consent, t.peer, a);
		break;
	case ASK_WITNESS:
		if (a == NULL)
			doubt_not_served(&c->sources, t.host, t.user);
		else if (a->wrapped)
			doubt_served(&c->sources, t.host);
		break;
	case ASK_FORGET:
		unsubscribe_next(&c->outlets, t.user);
		break;
	case ASK_ALIVE:
		if (a != NULL)
			doubt_alive(&c->sources, t.host);
		break;
	}
	query_taken_clear(&t);
}

void
follow_answer(struct core *c, const struct event *ev)
{
	struct query *q = query_find(&c->flight, ev);
	struct answer_event unread;

	if (q == NULL || (ev->answer.extent == EXTENT_PORTION && !query_is_roster(q))) {
		c->env.stats.strangers++;
		return;
	}
	if (ev->answer.extent != EXTENT_PORTION) {
		conclude(c, q, &ev->answer);
	} else if (q->ask == ASK_CLAIM ? verify_portion(&c->consent, q->peer, &ev->answer) :
					 roster_portion(&c->sources, q, &ev->answer)) {
		query_goes_on(&c->flight, q);
	} else {
		/* What is still to come is of no use. */
		unread = ev->answer;
		unread.ok = false;
		unread.error = COND_RESOURCE_CONSTRAINT;
		conclude(c, q, &unread);
	}
}

bool
follow_self(struct core *c, const struct event *ev)
{
	static const struct answer_event came = {.ok = true};
	struct query *q = NULL;

	if (ev->request.kind == REQUEST_PING && ev->from.bare != NULL && ev->request.id != NULL &&
	    strcmp(ev->from.bare, c->env.set.domain) == 0)
		q = query_of_self(&c->flight, ev->request.id);
	if (q != NULL)
		conclude(c, q, &came);
	return q != NULL;
}

/* The same where another user's roster is of use at the same time, so that it can be told from one that is busy. */
static void
ask_alive(struct core *c, const struct query *about)
{
	struct user *u = about->user;

	doubt_sound(&c->sources, about->host, u);
	/* Where IQs are dropped, probes are answered. */
	if (u != NULL && claim_may_probe(&c->model, u, NULL) && u->settled && u->probe.order == 0 && user_online(u))
		probe_send(&c->flight, u, NULL);
}

void
follow_due(struct core *c, struct query *q)
{
	if (q->ask == ASK_PEP && slots_look(&c->outlets, q))
		return;
	switch (query_judge(&c->flight, q)) {
	case SILENCE_WAIT_ASK:
		/* What is slow is given less, whether or not it still answers. */
		slots_shrink(&c->outlets, q);
		ask_alive(c, q);
		query_waits(&c->flight, q);
		break;
	case SILENCE_WAIT:
		/* What was asked to tell may be lost as well. */
		if (q->asking.times > 0)
			doubt_sound(&c->sources, q->host, NULL);
		query_waits(&c->flight, q);
		break;
	case SILENCE_COUNTS:
		conclude(c, q, NULL);
		break;
	}
}

void
follow_claim(struct core *c, struct user *u)
{
	uint64_t rests = u != NULL ? roster_rests_until(&c->sources, u) : 0;

	if (rests != 0)
		verify_rests(&c->consent, u, rests - c->env.now.mono_ms);
	else if (u != NULL)
		roster_turn(&c->sources, u, TURN_CLAIM);
}

void
follow_forget(struct core *c, struct user *u)
{
	if (u->queries > 0) {
		slots_forget(&c->outlets, u);
		query_forget_user(&c->flight, u);
	}
	slots_leave(u);
	doubt_forget_user(u);
	pace_forget(u);
	change_forget(u);
	verify_forget_user(&c->consent, u);
	delivery_forget_user(&c->outlets, u);
	greeting_forget(&c->outlets, u);
	contacts_clear(u);
	unsubscribe_clear(u);
	audit_forget(&u->audit);
	while (u->devices != NULL)
		device_remove(&c->model, u->devices);
	user_remove(&c->model, u);
}

/* Whoever has got her name enrols when she has gone. */
static void
gone(struct core *c, struct user *u, const char *primary)
{
	struct reply *reply = enrol_take_reply(u);
	char *bridge = u->heir ? mem_strdup(u->bridge) : NULL;
	bool heir = u->heir;
	enum text_id why;

	follow_forget(c, u);
	if (heir && enrol_ask(&c->consent, primary, reply, &why) != 0) {
		reply_done(&c->env, reply, false, TEXT(why));
		/* Who comes after her is asked at once, and nothing is taken back before; unless he isn't. */
		if (c->env.link_up && bridge != NULL)
			say_presence(&c->env, bridge, primary, PRESENCE_UNSUBSCRIBE);
	}
	mem_free(bridge);
}

void
follow_stored(struct core *c, uint64_t ticket, bool ok)
{
	struct change *ch;
	struct user *u;

	while ((ch = change_take(&c->flight, ticket)) != NULL) {
		u = ch->id[0] == '\0' && ch->kind == CHANGE_OTHER ? user_find(&c->model, ch->primary) : NULL;
		if (u != NULL)
			pep_stored(&c->outlets, u, ch->ticket, ok);
		consent_stored(&c->consent, ch, ok);
		/* At once: a later row of the same ticket would find her by name. */
		u = user_find(&c->model, ch->primary);
		if (u != NULL && (u->marks & MARK_GONE))
			gone(c, u, ch->primary);
		change_free(ch);
	}
}

/* Who is blocked waits for nothing, who is fresh has missed what was delivered, who is gone is freed. */
static void
contacts_changed(struct core *c, struct user *u, bool watch)
{
	struct contact *k;
	size_t i;

	while ((k = u->gone) != NULL) {
		u->gone = k->next_gone;
		telling_gone(k);
		greeting_unwatch(&c->outlets, k);
		unsubscribe_later(k);
	}
	for (i = 0; i < u->ncontacts; i++) {
		k = u->contacts[i];
		if (!audience_reaches(k))
			telling_gone(k);
		else if (k->fresh)
			delivery_new_contact(&c->outlets, k);
		k->fresh = false;
		/* The grant may have come later than some of them. */
		if (watch && k->watcher == NULL)
			greeting_watch(&c->outlets, k);
	}
}

/* Her row says so before anything else does. */
static void
narrowed(struct core *c, struct user *u)
{
	pep_urgent(&c->outlets, u, u->narrowed);
	u->narrowed = 0;
	change_owes(&c->flight, u, u->pep.urgent);
}

void
follow_marked(struct core *c)
{
	struct user *u;
	unsigned marks;

	while ((u = user_take_marked(&c->model, &marks)) != NULL) {
		if (marks & MARK_SHOWN)
			pep_touch(&c->outlets, u);
		if (marks & MARK_AGAIN)
			pep_forget_errors(u);
		if (marks & MARK_URGENT)
			narrowed(c, u);
		if (marks & MARK_PROVED) {
			consent_proved(&c->consent, u);
			remind_proved(&c->consent, u);
		}
		if (marks & MARK_LAPSED)
			consent_lapsed(&c->consent, u);
		if (marks & MARK_WATCH)
			audit_settled(&c->sources, u);
		if (marks & MARK_ASK)
			presence_ask_soon(&c->sources, u);
		if (marks & MARK_HURRY)
			presence_hurry(&c->sources, u);
		if (marks & MARK_PLACE)
			presence_has_place(&c->sources, u);
		if (marks & MARK_POLL)
			roster_poll(&c->sources, u);
		if (marks & MARK_KNOWN)
			watch_known(&c->sources, u);
		if (marks & MARK_STANDS)
			delivery_stands(&c->outlets, u);
		if (marks & MARK_LEAVES)
			delivery_leaves(&c->outlets, u);
		if (marks & MARK_GRANT)
			pep_granted(&c->outlets, u);
		if (marks & MARK_CLIENT)
			delivery_clients(&c->outlets, u);
		if (marks & MARK_CONTACTS)
			contacts_changed(c, u, (marks & MARK_WATCHED) != 0);
		if (marks & MARK_PARTED)
			unsubscribe_next(&c->outlets, u);
		if (marks & MARK_NO_ROSTER)
			delivery_abandon(&c->outlets, u, (marks & MARK_UNUSED) != 0);
		if ((marks & MARK_ROSTER) || ((marks & MARK_READ) && !blocking_ask(&c->sources, u)))
			delivery_roster(&c->outlets, u);
		if (marks & MARK_WANTS)
			delivery_want_roster(&c->outlets, u);
		if (marks & MARK_DONE)
			errand_check_done(&c->outlets, u);
		if (marks & MARK_POLL_AGAIN)
			roster_poll_again(&c->sources, u);
		if (marks & MARK_URGENT)
			slots_hurry(u);
		if (marks & MARK_TIMES)
			timer_set(&c->env.timers, &u->timer, due_deadline(c, u));
	}
}
