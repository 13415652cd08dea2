/* What is asked of whom, beside what a room asks for itself: clients and hosts, our own domain, and whether anybody is there. */
#include "core/flight/query.h"

#include <string.h>

#include "base/jid.h"
#include "core/tools/say.h"

/* Of our own domain, for a ping to ourselves: some servers drop an IQ to a bare domain. */
#define SELF_RESOURCE "line"

/* ejabberd 24.12 with mod_privilege doesn't answer components at all, and set-up waits for this. */
#define HOST_INFO_LIFE_MS 3000

/* False, and Q has ended, when there is no memory. */
static bool
ask_plain(struct flight *flight, enum action_kind kind, struct query *q)
{
	struct said *s = say(flight->env, kind);

	if (s == NULL) {
		query_end(flight, q);
		return false;
	}
	s->act.id = say_str(flight->env, s, q->id);
	s->act.from.bare = say_str(flight->env, s, q->ours_domain ? flight->env->set.domain : q->user->bridge);
	s->act.to.bare = say_str(flight->env, s, q->peer);
	s->act.to.resource = say_str(flight->env, s, q->peer_resource);
	return true;
}

bool
query_sounds(struct flight *flight, struct host *h, uint64_t ms)
{
	if (h->sounded_at != 0 && h->sounded_at + ms > flight->env->now.mono_ms)
		return false;
	h->sounded_at = flight->env->now.mono_ms;
	return true;
}

void
query_alive(struct flight *flight, struct host *h)
{
	struct query *q = query_add(flight, ASK_ALIVE, NULL, h, h->name, NULL, true);

	if (q != NULL)
		ask_plain(flight, ACTION_INFO_GET, q);
}

bool
query_witness(struct flight *flight, struct user *u)
{
	struct query *q = query_add(flight, ASK_WITNESS, u, u->host, u->primary, NULL, true);
	struct said *s = q != NULL ? say(flight->env, ACTION_CONFIG_GET) : NULL;

	if (s == NULL) {
		if (q != NULL)
			query_end(flight, q);
		return false;
	}
	q->way = u->host->form;
	s->act.id = say_str(flight->env, s, q->id);
	s->act.way = q->way;
	s->act.from.bare = flight->env->set.domain;
	s->act.to.bare = s->act.owner = say_str(flight->env, s, u->primary);
	s->act.node = NODE_DEVICES;
	return true;
}

void
query_ping(struct flight *flight, struct user *u, const char *resource)
{
	struct query *q = query_add(flight, ASK_PING, u, u->host, u->primary, resource, false);

	if (q != NULL)
		ask_plain(flight, ACTION_PING, q);
}

void
query_info(struct flight *flight, struct user *u, const char *bare, const char *resource)
{
	struct query *q;

	/* A guess of the kind is worth less than what else waits for answers. */
	if (flight->queries.count > QUERIES_MAX / 2 || flight->env->nsaid >= ANSWERS_MAX)
		return;
	/* Nor is one account to take that all: so many has who has all devices at once. */
	if (u->guesses >= USER_DEVICES_MAX * DEVICE_RESOURCES_MAX)
		return;
	q = query_add(flight, resource != NULL ? ASK_INFO : ASK_ENTITY, u, u->host, bare, resource, false);
	if (q != NULL)
		ask_plain(flight, ACTION_INFO_GET, q);
}

bool
query_host_info(struct flight *flight, struct host *h)
{
	struct query *q = query_add(flight, ASK_HOST_INFO, NULL, h, h->name, NULL, true);

	if (q != NULL)
		query_lives(flight, q, HOST_INFO_LIFE_MS);
	return q != NULL && ask_plain(flight, ACTION_INFO_GET, q);
}

bool
query_self(struct flight *flight)
{
	struct query *q = query_add(flight, ASK_SELF, NULL, NULL, flight->env->set.domain, SELF_RESOURCE, true);

	return q != NULL && ask_plain(flight, ACTION_PING, q);
}

struct query *
query_of_self(const struct flight *flight, const char *id)
{
	struct table_node *n = table_get(&flight->queries, id, strlen(id));
	struct query *q = n != NULL ? TABLE_OF(n, struct query, node) : NULL;

	return q != NULL && q->ask == ASK_SELF ? q : NULL;
}

void
query_word(struct flight *flight, struct host *h, const char *jid)
{
	struct query *q = query_add(flight, ASK_WORD, NULL, h, jid, NULL, true);

	if (q != NULL)
		ask_plain(flight, ACTION_ROSTER_GET, q);
}

void
query_goes(struct query *q, enum way way)
{
	q->way = way;
}
