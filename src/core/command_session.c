#include "core/command_session.h"

#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "core/answers.h"
#include "core/user.h"

struct session {
	struct table_node node;
	char id[QUERY_ID_LEN + 1];
	const char *command;
	char *owner, *resource;
	uint64_t asker; /* who shares with others, see answers.h: a hash */
	struct timer timer;
};

struct session *
session_of(struct timer *t)
{
	return TABLE_OF(t, struct session, timer);
}

void
session_end(struct core *c, struct session *s)
{
	table_del(&c->sessions, &s->node);
	timer_set(&c->timers, &s->timer, TIMER_NEVER);
	mem_free(s->owner);
	mem_free(s->resource);
	mem_free(s);
}

void
session_due(struct core *c, struct session *s)
{
	session_end(c, s);
}

void
session_clear(struct core *c)
{
	struct table_node *n;

	while ((n = table_next(&c->sessions, NULL)) != NULL)
		session_end(c, TABLE_OF(n, struct session, node));
}

static uint64_t
asker_of(const struct core *c, const char *owner)
{
	char work[JID_PART_MAX + 1];
	bool at_home;
	const char *asker = answers_asker(c, owner, work, &at_home);

	return hash_bytes(c->sessions.key, asker, strlen(asker));
}

/* The oldest session of whoever has most of them, and gets one more if it is ASKER. */
static struct session *
of_the_greediest(const struct core *c, uint64_t asker)
{
	struct session *all[SESSIONS_MAX], *found = NULL;
	uint64_t askers[SESSIONS_MAX];
	const struct table_node *t;
	size_t n = 0, i, k, count, most = 0;

	for (t = table_next(&c->sessions, NULL); t != NULL && n < SESSIONS_MAX; t = table_next(&c->sessions, t)) {
		all[n] = TABLE_OF(t, struct session, node);
		askers[n] = all[n]->asker;
		n++;
	}
	for (i = 0; i < n; i++) {
		count = askers[i] == asker;
		for (k = 0; k < n; k++)
			count += askers[k] == askers[i];
		if (found == NULL || count > most || (count == most && all[i]->timer.at < found->timer.at)) {
			found = all[i];
			most = count;
		}
	}
	return found;
}

/* The oldest session of this account makes room when it has its two, and in a full house that of who has most. */
static void
make_room(struct core *c, const char *owner)
{
	struct session *s, *oldest = NULL;
	struct table_node *n;
	unsigned count = 0;

	for (n = table_next(&c->sessions, NULL); n != NULL; n = table_next(&c->sessions, n)) {
		s = TABLE_OF(n, struct session, node);
		if (strcmp(s->owner, owner) != 0)
			continue;
		count++;
		if (oldest == NULL || s->timer.at < oldest->timer.at)
			oldest = s;
	}
	if (count >= SESSIONS_PER_USER)
		session_end(c, oldest);
	if (c->sessions.count >= SESSIONS_MAX)
		session_end(c, of_the_greediest(c, asker_of(c, owner)));
}

struct session *
session_begin(struct core *c, const struct event *ev, const char *command)
{
	struct session *s;

	make_room(c, ev->from.bare);
	s = mem_alloc(sizeof(*s));
	if (s == NULL)
		return NULL;
	rng_word(&c->rng, s->id, QUERY_ID_LEN);
	s->command = command;
	s->owner = mem_strdup(ev->from.bare);
	s->resource = mem_strdup(ev->from.resource != NULL ? ev->from.resource : "");
	s->asker = asker_of(c, ev->from.bare);
	s->timer.kind = TIMER_SESSION;
	s->timer.at = TIMER_NEVER;
	if (s->owner == NULL || s->resource == NULL || user_reserve_timer(c) != 0 ||
	    table_put(&c->sessions, &s->node, s->id, QUERY_ID_LEN) != 0) {
		mem_free(s->owner);
		mem_free(s->resource);
		mem_free(s);
		return NULL;
	}
	timer_set(&c->timers, &s->timer, c->now.mono_ms + SESSION_LIFE_MS);
	return s;
}

struct session *
session_find(const struct core *c, const struct event *ev, const char *command)
{
	const char *id = ev->command.sessionid, *resource = ev->from.resource != NULL ? ev->from.resource : "";
	struct table_node *n = table_get(&c->sessions, id, strlen(id));
	struct session *s = n != NULL ? TABLE_OF(n, struct session, node) : NULL;

	if (s == NULL || s->command != command || strcmp(s->owner, ev->from.bare) != 0 ||
	    strcmp(s->resource, resource) != 0)
		return NULL;
	return s;
}

const char *
session_id(const struct session *s)
{
	return s->id;
}
