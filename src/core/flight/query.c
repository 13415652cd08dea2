#include "core/flight/query.h"

#include <string.h>

#include "base/jid.h"
#include "base/mem.h"
#include "core/model/contacts.h"
#include "core/model/device.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/tools/say.h"

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
query_free(struct flight *flight, struct query *q)
{
	if (q == NULL)
		return;
	timer_end(&flight->env->timers, &q->timer);
	mem_free(q->peer);
	mem_free(q->peer_resource);
	reading_free(q->reading);
	mem_free(q);
}

struct query *
query_add(struct flight *flight, enum ask ask, struct user *u, struct host *h, const char *peer, const char *resource,
    bool ours_domain)
{
	struct query *q;

	if (flight->queries.count >= QUERIES_MAX)
		return NULL;
	q = mem_alloc(sizeof(*q));
	if (q == NULL) {
		say_oom(flight->env);
		return NULL;
	}
	rng_word(&flight->env->rng, q->id, RNG_ID_LEN);
	q->peer = mem_strdup(peer);
	q->peer_resource = mem_strdup(resource);
	if (q->peer == NULL || (resource != NULL && q->peer_resource == NULL) ||
	    timer_begin(&flight->env->timers, &q->timer, TIMER_QUERY) != 0 ||
	    table_put(&flight->queries, &q->node, q->id, RNG_ID_LEN) != 0) {
		say_oom(flight->env);
		query_free(flight, q);
		return NULL;
	}
	q->ask = ask;
	q->user = u;
	q->host = h;
	q->ours_domain = ours_domain;
	q->sent_at = flight->env->now.mono_ms;
	silence_asked(flight->model, &q->asking);
	query_lives(flight, q, QUERY_LIFE_MS);
	q->next = flight->all_queries;
	if (q->next != NULL)
		q->next->prev = q;
	flight->all_queries = q;
	if (u != NULL) {
		u->queries++;
		if (ask == ASK_INFO)
			u->asking++;
		if (ask == ASK_INFO || ask == ASK_ENTITY)
			u->guesses++;
		if (ask == ASK_FORGET)
			u->parting++;
	}
	return q;
}

void
query_lives(struct flight *flight, struct query *q, uint64_t ms)
{
	q->life = ms;
	timer_set(&flight->env->timers, &q->timer, flight->env->now.mono_ms + ms);
}

void
query_end(struct flight *flight, struct query *q)
{
	table_del(&flight->queries, &q->node);
	if (q->prev != NULL)
		q->prev->next = q->next;
	else
		flight->all_queries = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	if (q->user != NULL) {
		q->user->queries--;
		if (q->ask == ASK_INFO)
			q->user->asking--;
		if (q->ask == ASK_INFO || q->ask == ASK_ENTITY)
			q->user->guesses--;
		if (q->ask == ASK_FORGET)
			q->user->parting--;
	}
	query_free(flight, q);
}

/* Does this answer belong to Q? */
static bool
belongs(const struct flight *flight, const struct query *q, const struct event *ev)
{
	const struct answer_event *a = &ev->answer;
	bool privileged = q->way != WAY_ORDINARY;

	if (!same(q->peer, ev->from.bare) || !same(q->peer_resource, ev->from.resource))
		return false;
	if (!same(ev->to.bare, q->ours_domain ? flight->env->set.domain : q->user->bridge))
		return false;
	/* What it forwards is not known. */
	if (a->extent == EXTENT_TOO_LARGE)
		return true;
	if (!privileged)
		return !a->wrapped;
	if (!a->wrapped)
		return !a->ok; /* refused before it was executed */
	if (!same(a->inner_id, q->id))
		return false;
	return a->inner_from == NULL || same(a->inner_from, q->user->primary);
}

static struct domain *
domain_of(const struct flight *flight, const struct query *q)
{
	return domain_find(flight->model, jid_domain(q->peer));
}

static enum asked
kind_of(const struct query *q)
{
	switch (q->ask) {
	case ASK_ROSTER:
	case ASK_CLAIM:
	case ASK_WORD:
		return ASKED_ROSTER;
	case ASK_PEP:
	case ASK_BLOCKLIST:
	case ASK_FORGET:
	case ASK_WITNESS:
		return q->way != WAY_ORDINARY ? ASKED_PRIVILEGED : ASKED_ORDINARY;
	default:
		return ASKED_OTHER;
	}
}

static uint64_t
who_of(const struct flight *flight, const struct query *q)
{
	const struct account *a = q->ask == ASK_CLAIM ? device_account(flight->model, q->peer) : NULL;

	if (a != NULL)
		return a->node.hash;
	return q->user != NULL ? q->user->by_primary.hash : 0;
}

void
query_take(struct flight *flight, struct query *q, bool is_answered, struct query_taken *out)
{
	flight->concluded = q->asking.order;
	/* A server takes the stanzas of a stream in their order. */
	if (is_answered && q->sent_at > flight->arrived_at)
		flight->arrived_at = q->sent_at;
	if (is_answered && domain_of(flight, q) != NULL)
		silence_answered(flight->model, domain_of(flight, q), kind_of(q), who_of(flight, q), &q->asking);
	*out = (struct query_taken){ q->ask, q->way, q->user, q->host, q->peer, q->peer_resource, q->reading, q->trial,
		q->handed_on };
	q->peer_resource = q->peer = NULL;
	q->reading = NULL;
	query_end(flight, q);
}

void
query_taken_clear(struct query_taken *t)
{
	reading_free(t->reading);
	mem_free(t->resource);
	mem_free(t->peer);
}

/* Is no answer to this one more than that nothing came? */
static bool
is_judged(const struct query *q)
{
	return q->ask == ASK_PEP || q->ask == ASK_ROSTER || q->ask == ASK_BLOCKLIST || q->ask == ASK_CLAIM ||
	    q->ask == ASK_HOST_INFO || q->ask == ASK_WORD || q->ask == ASK_WITNESS;
}

enum outcome
query_outcome(const struct answer_event *a)
{
	if (a == NULL)
		return OUTCOME_SILENT;
	if (a->extent == EXTENT_TOO_LARGE)
		return OUTCOME_TOO_LARGE;
	if (a->ok)
		return OUTCOME_RESULT;
	return a->error == COND_ITEM_NOT_FOUND || a->error == COND_GONE ? OUTCOME_ABSENT : OUTCOME_REFUSED;
}

const char *
query_outcome_name(enum outcome o)
{
	static const char *const names[] = {
		[OUTCOME_RESULT] = "result",
		[OUTCOME_REFUSED] = "refused",
		[OUTCOME_ABSENT] = "absent",
		[OUTCOME_TOO_LARGE] = "too large",
		[OUTCOME_SILENT] = "silent",
	};

	return names[o];
}

struct query *
query_find(const struct flight *flight, const struct event *ev)
{
	const char *id = ev->answer.id;
	struct table_node *n = id != NULL ? table_get(&flight->queries, id, strlen(id)) : NULL;
	struct query *q = n != NULL ? TABLE_OF(n, struct query, node) : NULL;

	/* The time may be over before anybody has looked at the timers; where silence is judged, it has not been yet. */
	if (q == NULL || (!is_judged(q) && q->timer.at <= flight->env->now.mono_ms) || !belongs(flight, q, ev))
		return NULL;
	return q;
}

enum silence
query_judge(struct flight *flight, struct query *q)
{
	const struct domain *d = is_judged(q) ? domain_of(flight, q) : NULL;

	return d != NULL ? silence_judge(flight->model, d, kind_of(q), who_of(flight, q), &q->asking, q->life) :
			   SILENCE_COUNTS;
}

void
query_waits(struct flight *flight, struct query *q)
{
	timer_set(&flight->env->timers, &q->timer, q->asking.until);
}

void
query_forget_user(struct flight *flight, struct user *u)
{
	struct query *q, *next;

	for (q = flight->all_queries; q != NULL && u->queries > 0; q = next) {
		next = q->next;
		if (q->user == u)
			query_end(flight, q);
	}
}

void
query_forget_all(struct flight *flight)
{
	while (flight->all_queries != NULL)
		query_end(flight, flight->all_queries);
}

void
query_init(struct flight *flight, const uint8_t *key)
{
	table_init(&flight->queries, key);
}

void
query_clear(struct flight *flight)
{
	table_clear(&flight->queries);
}
