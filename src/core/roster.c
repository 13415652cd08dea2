#include "core/roster.h"

#include <string.h>

#include "base/jid.h"
#include "base/mem.h"
#include "core/delivery.h"
#include "core/device.h"
#include "core/host.h"
#include "core/link.h"
#include "core/query.h"
#include "core/say.h"
#include "core/user.h"

#define POLL_EVERY_MS 60000

/* People who come online may use up this much of the budget before it is time. */
#define BUDGET_AHEAD_MS 1000

void
roster_ask(struct core *c, struct user *u)
{
	struct query *q;
	struct said *s;

	if (!c->link_up)
		return;
	if (u->roster_asking) {
		u->roster_again = true;
		return;
	}
	q = query_add(c, ASK_ROSTER, u, u->host, u->primary, NULL, true);
	if (q == NULL)
		return;
	s = say(c, ACTION_ROSTER_GET);
	if (s == NULL) {
		query_end(c, q);
		return;
	}
	u->roster_asking = true;
	u->roster_again = false;
	s->act.id = say_str(c, s, q->id);
	s->act.from.bare = c->set.domain;
	s->act.to.bare = say_str(c, s, u->primary);
}

static bool
poll_again(const struct user *u)
{
	return user_online(u) && (u->host->grant.roster & MAY_GET) && user_shown(u);
}

uint64_t
roster_poll_deadline(const struct core *c, const struct host *h)
{
	const struct user *u = h->poll_head;
	uint64_t at;

	if (!c->link_up || u == NULL)
		return TIMER_NEVER;
	at = u->roster_asked_at != 0 ? u->roster_asked_at + POLL_EVERY_MS : 0;
	return at > h->poll_bucket ? at : h->poll_bucket;
}

void
roster_came_online(struct core *c, struct user *u)
{
	struct host *h = u->host;

	if (!(h->grant.roster & MAY_GET) || !u->stored || !user_shown(u))
		return;
	if (h->poll_bucket > c->now.mono_ms + BUDGET_AHEAD_MS) {
		host_poll(u);
		return;
	}
	if (h->poll_bucket < c->now.mono_ms)
		h->poll_bucket = c->now.mono_ms;
	h->poll_bucket += 1000 / c->set.rosters_per_s;
	roster_ask(c, u);
}

bool
roster_poll_next(struct core *c, struct host *h)
{
	struct user *u;

	while (roster_poll_deadline(c, h) <= c->now.mono_ms && (u = h->poll_head) != NULL) {
		h->poll_head = u->poll_next;
		if (h->poll_head == NULL)
			h->poll_tail = NULL;
		u->polled = false;
		if (!(h->grant.roster & MAY_GET) || !user_shown(u) || !u->stored)
			continue;
		if (h->poll_bucket < c->now.mono_ms)
			h->poll_bucket = c->now.mono_ms;
		h->poll_bucket += 1000 / c->set.rosters_per_s;
		roster_ask(c, u);
		return true;
	}
	return false;
}

static struct contact **
contact_find(struct user *u, const char *jid)
{
	struct contact **at;

	for (at = &u->contacts; *at != NULL && strcmp((*at)->jid, jid) != 0; at = &(*at)->next)
		;
	return at;
}

static void
contact_free(struct core *c, struct contact *k)
{
	delivery_unwatch(c, k);
	mem_free(k->jid);
	mem_free(k);
}

static struct contact *
contact_add(struct core *c, struct user *u, const char *jid)
{
	struct contact *k;

	if (u->ncontacts >= USER_CONTACTS_MAX)
		return NULL;
	k = mem_alloc(sizeof(*k));
	if (k != NULL)
		k->jid = mem_strdup(jid);
	if (k == NULL || k->jid == NULL) {
		mem_free(k);
		c->oom = true;
		return NULL;
	}
	k->user = u;
	k->next = u->contacts;
	u->contacts = k;
	u->ncontacts++;
	delivery_watch(c, k);
	return k;
}

void
roster_clear(struct core *c, struct user *u)
{
	struct contact *k;

	while ((k = u->contacts) != NULL) {
		u->contacts = k->next;
		contact_free(c, k);
	}
	u->ncontacts = 0;
	u->roster_known = false;
}

/* THREATS 23: an explicit subscription outlives the friendship; end it as the owner. */
static void
end_subscription(struct core *c, struct user *u, const char *jid)
{
	struct query *q;
	struct said *s;

	if (!host_may_own(u->host) || u->host->privileged != TRIAL_WORKS || u->out.setup[NODE_PUBLIC] == SETUP_NONE)
		return;
	if (u->withheld != 0)
		return;
	q = query_add(c, ASK_FORGET, u, u->host, u->primary, NULL, true);
	if (q == NULL)
		return;
	q->way = u->host->form;
	s = say(c, ACTION_UNSUBSCRIBE);
	if (s == NULL) {
		query_end(c, q);
		return;
	}
	s->act.id = say_str(c, s, q->id);
	s->act.way = q->way;
	s->act.from.bare = c->set.domain;
	s->act.to.bare = s->act.owner = say_str(c, s, u->primary);
	s->act.node = NODE_DEVICES;
	s->act.who = say_str(c, s, jid);
}

static bool
watches(const struct roster_item *i)
{
	return !i->remove && (i->subscription == SUBSCRIPTION_FROM || i->subscription == SUBSCRIPTION_BOTH);
}

static bool
in_group(const struct core *c, const struct roster_item *i)
{
	size_t g;

	if (*c->set.group == '\0' || i->remove)
		return false;
	for (g = 0; g < i->ngroups; g++) {
		if (strcmp(i->groups[g], c->set.group) == 0)
			return true;
	}
	return false;
}

/* Has this account ever been asked, whatever came of it? */
static bool
asked_before(const struct user *u, const char *jid)
{
	const struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && strcmp(d->jid, jid) == 0)
			return true;
	}
	return false;
}

static void
take_item(struct core *c, struct user *u, const struct roster_item *i)
{
	struct contact **at = contact_find(u, i->jid), *k = *at;
	const struct link_wish wish = {i->name, -1, -1, -1};
	const char *why;

	/* Our own bridges are nobody's contacts in this sense. */
	if (strcmp(jid_domain(i->jid), c->set.domain) == 0)
		return;
	if (watches(i)) {
		if (k == NULL) {
			k = contact_add(c, u, i->jid);
			if (k != NULL && u->roster_known && !u->deliver)
				delivery_new_contact(c, u, i->jid);
		} else if (k->watcher == NULL) {
			delivery_watch(c, k); /* the grant came later */
		}
		if (k != NULL)
			k->seen = true;
	} else if (k != NULL) {
		*at = k->next;
		u->ncontacts--;
		contact_free(c, k);
		end_subscription(c, u, i->jid);
	}
	/* Not at the price of a tombstone, which would be asked again the next time. */
	if (user_shown(u) && in_group(c, i) && !asked_before(u, i->jid) && u->ndevices < USER_DEVICES_MAX)
		link_ask(c, u, i->jid, &wish, NULL, &why);
}

/*
 * The ways in which servers keep rosters from a component that has lost its
 * privileges: they say nothing, or forbid what they gave before.  Another error
 * is the account's own: on Prosody whoever blocks us has his server refuse us
 * for him.
 */
static bool
like_a_lost_grant(const struct host *h, const struct answer_event *a)
{
	return a == NULL || (!a->ok && a->error == COND_FORBIDDEN && h->roster_worked);
}

void
roster_answer(struct core *c, struct user *u, const struct answer_event *a)
{
	bool granted = (u->host->grant.roster & MAY_GET) != 0; /* it may have been taken back meanwhile */
	bool lost = granted && like_a_lost_grant(u->host, a);
	struct contact **at, *k;
	size_t i;

	u->roster_asking = false;
	if (a == NULL || !a->ok || a->payload != PAYLOAD_ROSTER) {
		say_log(c, LOG_LEVEL_DEBUG, "roster.refused", "user", u->primary, "error",
		    a == NULL ? "no answer" : condition_name(a->error), NULL);
		u->roster_asked_at = c->now.mono_ms;
		host_polled(u);
		if (lost)
			host_not_served(c, u->host, u);
		if (lost && !u->roster_twice && u->host->roster_worked) {
			roster_ask(c, u); /* what waits for it goes on waiting */
			u->roster_twice = u->roster_asking;
			if (u->roster_asking)
				return;
		}
		u->roster_twice = u->roster_again = false;
		delivery_abandon(c, u);
		if (poll_again(u))
			host_poll(u);
		return;
	}
	u->roster_twice = false;
	u->host->roster_worked = true;
	host_served(c, u->host);
	for (k = u->contacts; k != NULL; k = k->next)
		k->seen = false;
	for (i = 0; i < a->roster.nitems; i++)
		take_item(c, u, &a->roster.items[i]);
	for (at = &u->contacts; (k = *at) != NULL;) {
		if (k->seen) {
			at = &k->next;
			continue;
		}
		*at = k->next;
		u->ncontacts--;
		end_subscription(c, u, k->jid);
		contact_free(c, k);
	}
	u->roster_known = true;
	u->roster_at = u->roster_asked_at = c->now.mono_ms;
	host_polled(u);
	if (u->roster_again && granted)
		roster_ask(c, u); /* what waits for it waits for the newer one */
	else
		delivery_roster(c, u);
	if (poll_again(u))
		host_poll(u);
}

/* A push needs an answer like any IQ (RFC 6121, section 2.1.6). */
static void
answer_push(struct core *c, const struct event *ev)
{
	struct said *s;

	s = say(c, ACTION_ANSWER);
	if (s == NULL)
		return;
	s->act.id = say_str(c, s, ev->roster.id);
	s->act.from.bare = say_str(c, s, ev->to.bare);
	s->act.to.bare = say_str(c, s, ev->from.bare);
	s->act.answer.kind = REQUEST_PING; /* an empty result */
}

void
roster_push(struct core *c, const struct event *ev)
{
	struct user *u = ev->from.bare != NULL ? user_find(c, ev->from.bare) : NULL;
	size_t i;

	if (u != NULL && !u->host->configured)
		u = NULL;
	if (u == NULL || ev->from.resource != NULL || !(u->host->grant.roster & MAY_GET) || ev->to.resource != NULL ||
	    strcmp(ev->to.bare, c->set.domain) != 0) {
		c->stats.strangers++;
		if (ev->from.bare != NULL && ev->roster.id != NULL)
			say_error(c, ev, ev->roster.id, ERROR_CANCEL, COND_SERVICE_UNAVAILABLE, APP_NONE, NULL);
		return;
	}
	for (i = 0; i < ev->roster.nitems; i++)
		take_item(c, u, &ev->roster.items[i]);
	answer_push(c, ev);
}
