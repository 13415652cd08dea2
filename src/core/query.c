#include "core/query.h"

#include <string.h>

#include "base/mem.h"
#include "core/host.h"
#include "core/outbox_answer.h"
#include "core/presence.h"
#include "core/roster.h"
#include "core/say.h"
#include "core/user.h"

/* ejabberd 24.12 with mod_privilege doesn't answer components at all, and set-up waits for this. */
#define HOST_INFO_LIFE_MS 3000

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
query_free(struct query *q)
{
	if (q == NULL)
		return;
	mem_free(q->peer);
	mem_free(q->peer_resource);
	mem_free(q);
}

struct query *
query_add(struct core *c, enum ask ask, struct user *u, struct host *h, const char *peer, const char *resource,
    bool ours_domain)
{
	struct query *q;

	if (c->queries.count >= QUERIES_MAX)
		return NULL;
	q = mem_alloc(sizeof(*q));
	if (q == NULL) {
		c->oom = true;
		return NULL;
	}
	rng_word(&c->rng, q->id, QUERY_ID_LEN);
	q->peer = mem_strdup(peer);
	q->peer_resource = mem_strdup(resource);
	if (q->peer == NULL || (resource != NULL && q->peer_resource == NULL) || user_reserve_timer(c) != 0 ||
	    table_put(&c->queries, &q->node, q->id, QUERY_ID_LEN) != 0) {
		c->oom = true;
		query_free(q);
		return NULL;
	}
	q->ask = ask;
	q->user = u;
	q->host = h;
	q->ours_domain = ours_domain;
	q->sent_at = c->now.mono_ms;
	q->timer.kind = TIMER_QUERY;
	q->timer.at = TIMER_NEVER;
	timer_set(&c->timers, &q->timer, c->now.mono_ms + QUERY_LIFE_MS);
	q->next = c->all_queries;
	if (q->next != NULL)
		q->next->prev = q;
	c->all_queries = q;
	if (u != NULL) {
		u->queries++;
		if (ask == ASK_INFO)
			u->asking++;
	}
	return q;
}

void
query_end(struct core *c, struct query *q)
{
	table_del(&c->queries, &q->node);
	timer_set(&c->timers, &q->timer, TIMER_NEVER);
	if (q->prev != NULL)
		q->prev->next = q->next;
	else
		c->all_queries = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	if (q->user != NULL) {
		q->user->queries--;
		if (q->ask == ASK_INFO)
			q->user->asking--;
	}
	if (q->ask == ASK_OUTBOX)
		q->host->in_flight--;
	query_free(q);
}

/* Does this answer belong to Q? */
static bool
belongs(const struct core *c, const struct query *q, const struct event *ev)
{
	const struct answer_event *a = &ev->answer;
	bool privileged = q->way != WAY_ORDINARY;

	if (!same(q->peer, ev->from.bare) || !same(q->peer_resource, ev->from.resource))
		return false;
	if (!same(ev->to.bare, q->ours_domain ? c->set.domain : q->user->bridge))
		return false;
	if (!privileged)
		return !a->wrapped;
	if (!a->wrapped)
		return !a->ok; /* refused before it was executed */
	if (!same(a->inner_id, q->id))
		return false;
	return a->inner_from == NULL || same(a->inner_from, q->user->primary);
}

/* What an answer (NULL: none came in time) means for what was asked. */
static void
conclude(struct core *c, struct query *q, const struct answer_event *a)
{
	struct user *u = q->user;
	struct host *h = q->host;
	enum ask ask = q->ask;
	enum way way = q->way;
	uint64_t took = c->now.mono_ms - q->sent_at;
	char *resource = q->peer_resource, *peer = q->peer;

	/* A server takes the stanzas of a stream in their order. */
	if (a != NULL && q->sent_at > c->arrived_at)
		c->arrived_at = q->sent_at;
	q->peer_resource = q->peer = NULL;
	query_end(c, q);
	switch (ask) {
	case ASK_OUTBOX:
		host_measure(h, a != NULL, took);
		outbox_answer(c, u, way, a);
		break;
	case ASK_ROSTER:
		roster_answer(c, u, a);
		break;
	case ASK_PING:
		presence_pinged(c, u, resource, a);
		break;
	case ASK_INFO:
		presence_info(c, u, peer, resource, a);
		break;
	case ASK_HOST_INFO:
		host_info(c, h, a);
		break;
	case ASK_FORGET:
		break;
	}
	mem_free(resource);
	mem_free(peer);
}

void
query_answer(struct core *c, const struct event *ev)
{
	const char *id = ev->answer.id;
	struct table_node *n = id != NULL ? table_get(&c->queries, id, strlen(id)) : NULL;
	struct query *q;

	if (n == NULL) {
		c->stats.strangers++;
		return;
	}
	q = TABLE_OF(n, struct query, node);
	/* Its time may be over before anybody has looked at the timers. */
	if (q->timer.at <= c->now.mono_ms || !belongs(c, q, ev)) {
		c->stats.strangers++;
		return;
	}
	conclude(c, q, &ev->answer);
}

void
query_due(struct core *c, struct query *q)
{
	conclude(c, q, NULL);
}

void
query_forget_user(struct core *c, struct user *u)
{
	struct query *q, *next;

	for (q = c->all_queries; q != NULL && u->queries > 0; q = next) {
		next = q->next;
		if (q->user != u)
			continue;
		/* Nobody will see how it ends: the others must not wait for it. */
		if (q->trial && q->way != WAY_ORDINARY && q->host->privileged == TRIAL_RUNNING)
			q->host->privileged = TRIAL_UNKNOWN;
		if (q->trial && q->way == WAY_ORDINARY && q->host->ordinary == TRIAL_RUNNING)
			q->host->ordinary = TRIAL_UNKNOWN;
		query_end(c, q);
	}
}

void
query_forget_all(struct core *c)
{
	while (c->all_queries != NULL)
		query_end(c, c->all_queries);
}

/* False, and Q has ended, when there is no memory. */
static bool
ask_plain(struct core *c, enum action_kind kind, struct query *q)
{
	struct said *s = say(c, kind);

	if (s == NULL) {
		query_end(c, q);
		return false;
	}
	s->act.id = say_str(c, s, q->id);
	s->act.from.bare = say_str(c, s, q->ours_domain ? c->set.domain : q->user->bridge);
	s->act.to.bare = say_str(c, s, q->peer);
	s->act.to.resource = say_str(c, s, q->peer_resource);
	return true;
}

void
query_ping(struct core *c, struct user *u, const char *resource)
{
	struct query *q = query_add(c, ASK_PING, u, u->host, u->primary, resource, false);

	if (q != NULL)
		ask_plain(c, ACTION_PING, q);
}

void
query_info(struct core *c, struct user *u, const char *bare, const char *resource)
{
	struct query *q;

	/* A guess of the kind is worth less than what else waits for answers. */
	if (c->queries.count > QUERIES_MAX / 2 || c->nsaid >= ANSWERS_MAX)
		return;
	q = query_add(c, ASK_INFO, u, u->host, bare, resource, false);
	if (q != NULL)
		ask_plain(c, ACTION_INFO_GET, q);
}

void
query_host_info(struct core *c, struct host *h)
{
	struct query *q = query_add(c, ASK_HOST_INFO, NULL, h, h->name, NULL, true);

	if (q != NULL)
		timer_set(&c->timers, &q->timer, c->now.mono_ms + HOST_INFO_LIFE_MS);
	if (q == NULL || !ask_plain(c, ACTION_INFO_GET, q))
		host_info(c, h, NULL); /* set-up must not wait for what was never asked */
}
