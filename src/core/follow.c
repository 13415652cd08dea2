#include "core/follow.h"

#include <string.h>

#include "core/blocking.h"
#include "core/change.h"
#include "core/doubt.h"
#include "core/host.h"
#include "core/link.h"
#include "core/missing.h"
#include "core/outbox_answer.h"
#include "core/presence.h"
#include "core/probe.h"
#include "core/query.h"
#include "core/roster.h"
#include "core/silence.h"
#include "core/slots.h"
#include "core/unsubscribe.h"
#include "core/user.h"
#include "core/verify.h"

/* What an answer (NULL: none came in time) means for what was asked. */
static void
conclude(struct core *c, struct query *q, const struct answer_event *a)
{
	struct query_taken t;

	c->concluded = q->asking.order;
	if (q->ask == ASK_OUTBOX)
		slots_measure(c, q, a != NULL);
	query_take(c, q, a != NULL, &t);
	switch (t.ask) {
	case ASK_OUTBOX:
		outbox_answer(c, &t, a);
		break;
	case ASK_ROSTER:
		roster_answer(c, t.user, t.reading, a);
		break;
	case ASK_BLOCKLIST:
		blocking_answer(c, t.user, t.way, a);
		break;
	case ASK_PING:
		presence_pinged(c, t.user, t.resource, a);
		break;
	case ASK_INFO:
	case ASK_ENTITY:
		presence_info(c, t.user, t.peer, t.resource, a);
		break;
	case ASK_HOST_INFO:
		if (a != NULL)
			doubt_alive(c, t.host);
		host_info(c, t.host, a);
		break;
	case ASK_SELF:
		missing_pinged(c, a);
		break;
	case ASK_WORD:
		missing_answered(c, t.host, a);
		break;
	case ASK_CLAIM:
		verify_account(c, t.peer, a);
		break;
	case ASK_WITNESS:
		if (a == NULL)
			doubt_not_served(c, t.host, t.user);
		else if (a->wrapped)
			doubt_served(c, t.host);
		break;
	case ASK_FORGET:
		unsubscribe_next(c, t.user);
		break;
	case ASK_ALIVE:
		if (a != NULL)
			doubt_alive(c, t.host);
		break;
	}
	query_taken_clear(&t);
}

void
follow_answer(struct core *c, const struct event *ev)
{
	struct query *q = query_find(c, ev);
	struct answer_event unread;

	if (q == NULL || (ev->answer.extent == EXTENT_PORTION && !query_is_roster(q))) {
		c->stats.strangers++;
		return;
	}
	if (ev->answer.extent != EXTENT_PORTION) {
		conclude(c, q, &ev->answer);
	} else if (q->ask == ASK_CLAIM ? verify_portion(c, q->peer, &ev->answer) : roster_portion(c, q, &ev->answer)) {
		query_goes_on(c, q);
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
	    strcmp(ev->from.bare, c->set.domain) == 0)
		q = query_of_self(c, ev->request.id);
	if (q != NULL)
		conclude(c, q, &came);
	return q != NULL;
}

/* The same where another user's roster is of use at the same time, so that it can be told from one that is busy. */
static void
ask_alive(struct core *c, const struct query *about)
{
	struct user *u = about->user;

	doubt_sound(c, about->host, u);
	/* Where IQs are dropped, probes are answered. */
	if (u != NULL && verify_may_probe(c, u, NULL) && u->settled && u->probe.order == 0 && user_online(u))
		probe_send(c, u, NULL);
}

void
follow_due(struct core *c, struct query *q)
{
	if (q->ask == ASK_OUTBOX && slots_look(c, q))
		return;
	switch (query_judge(c, q)) {
	case SILENCE_WAIT_ASK:
		/* What is slow is given less, whether or not it still answers. */
		slots_shrink(c, q);
		ask_alive(c, q);
		query_waits(c, q);
		break;
	case SILENCE_WAIT:
		/* What was asked to tell may be lost as well. */
		if (q->asking.times > 0)
			doubt_sound(c, q->host, NULL);
		query_waits(c, q);
		break;
	case SILENCE_COUNTS:
		conclude(c, q, NULL);
		break;
	}
}

void
follow_stored(struct core *c, uint64_t ticket, bool ok)
{
	struct change *ch;

	while ((ch = change_take(c, ticket)) != NULL) {
		link_stored(c, ch, ok);
		change_free(ch);
	}
}
