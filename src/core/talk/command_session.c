#include "core/talk/command_session.h"

#include <string.h>

#include "base/hash.h"
#include "base/jid.h"
#include "base/limits.h"
#include "base/mem.h"
#include "core/model/audience.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/answers.h"

struct session {
	struct table_node node;
	char id[RNG_ID_LEN + 1];
	const char *command;
	char *owner, *resource;
	uint64_t asker;	   /* who shares with others, see answers.h: a hash */
	unsigned of_asker; /* how many sessions he has: what goes_before() compares */
	bool at_home;	   /* an account of a configured host */
	bool user;	   /* and enrolled */
	struct timer timer;
};

struct session *
session_of(struct timer *t)
{
	return TABLE_OF(t, struct session, timer);
}

/* One more or less of ASKER's sessions. */
static void
count(struct talk *talk, uint64_t asker)
{
	const struct table_node *n;
	struct session *s;
	unsigned all = 0;

	for (n = table_next(&talk->sessions, NULL); n != NULL; n = table_next(&talk->sessions, n))
		all += TABLE_OF(n, const struct session, node)->asker == asker;
	for (n = table_next(&talk->sessions, NULL); n != NULL; n = table_next(&talk->sessions, n)) {
		s = TABLE_OF(n, struct session, node);
		if (s->asker == asker)
			s->of_asker = all;
	}
}

static void
session_free(struct talk *talk, struct session *s)
{
	timer_end(&talk->env->timers, &s->timer);
	mem_free(s->owner);
	mem_free(s->resource);
	mem_free(s);
}

void
session_end(struct talk *talk, struct session *s)
{
	table_del(&talk->sessions, &s->node);
	count(talk, s->asker);
	session_free(talk, s);
}

void
session_due(struct talk *talk, struct session *s)
{
	session_end(talk, s);
}

void
session_clear(struct talk *talk)
{
	struct table_node *n;

	while ((n = table_next(&talk->sessions, NULL)) != NULL)
		session_end(talk, TABLE_OF(n, struct session, node));
	table_clear(&talk->sessions);
}

void
session_init(struct talk *talk, const uint8_t *key)
{
	table_init(&talk->sessions, key);
}

/* Does ACCOUNT have more to do than to answer requests, its bridge's or those of who would show it? */
static bool
has_accepted(const struct talk *talk, const char *account)
{
	const struct user *u = user_find(talk->model, account);
	const struct account *a = device_account(talk->model, account);
	struct device *d;

	if (u != NULL && u->approved)
		return true;
	for (d = a != NULL ? a->devices : NULL; d != NULL; d = d->same_account) {
		if (d->approved && !d->user->leaving && audience_tells(talk->model, d))
			return true;
	}
	return false;
}

/* Who of a full house makes room first: of who has most, of others' domains before our hosts' accounts, the oldest. */
static bool
goes_before(const struct session *a, const struct session *b)
{
	if (a->of_asker != b->of_asker)
		return a->of_asker > b->of_asker;
	if (a->at_home != b->at_home)
		return b->at_home;
	return a->timer.at < b->timer.at;
}

/* A user's only one, which has just begun. */
static bool
is_kept(const struct talk *talk, const struct session *s)
{
	return s->user && s->of_asker == 1 && s->timer.at > talk->env->now.mono_ms + SESSION_LIFE_MS - SESSION_KEPT_MS;
}

/*
 * Who makes room for NEW, which is in the table already: the oldest of its account, and of who has most of the users'
 * sessions or of the others', NULL where nobody has to.  False: it would be who has just begun his only one.
 */
static bool
room_for(const struct talk *talk, const struct session *new, struct session *out[2])
{
	unsigned max = has_accepted(talk, new->owner) ? SESSIONS_PER_USER : 1, own = 0, all = 0;
	struct session *s, *oldest = NULL, *most = NULL;
	const struct table_node *n;

	for (n = table_next(&talk->sessions, NULL); n != NULL; n = table_next(&talk->sessions, n)) {
		s = TABLE_OF(n, struct session, node);
		if (s == new)
			continue;
		if (strcmp(s->owner, new->owner) == 0) {
			own++;
			if (oldest == NULL || s->timer.at < oldest->timer.at)
				oldest = s;
		}
		if (s->user == new->user) {
			all++;
			if (most == NULL || goes_before(s, most))
				most = s;
		}
	}
	out[0] = own >= max ? oldest : NULL;
	if (out[0] != NULL && out[0]->user == new->user)
		all--;
	out[1] = all >= SESSIONS_MAX ? most : NULL;
	return out[1] == NULL || !is_kept(talk, out[1]);
}

/* As OWNER is now. */
static void
look_at(const struct talk *talk, struct session *s)
{
	char work[JID_PART_MAX + 1];
	const char *asker = answers_asker(talk->env, s->owner, work, &s->at_home);

	s->asker = hash_bytes(talk->sessions.key, asker, strlen(asker));
	s->user = s->at_home && user_enrolled(user_find(talk->model, s->owner));
}

struct session *
session_begin(struct talk *talk, const struct event *ev, const char *command)
{
	struct session *s = mem_alloc(sizeof(*s)), *out[2];

	if (s == NULL)
		return NULL;
	rng_word(&talk->env->rng, s->id, RNG_ID_LEN);
	s->command = command;
	s->owner = mem_strdup(ev->from.bare);
	s->resource = mem_strdup(ev->from.resource != NULL ? ev->from.resource : "");
	if (s->owner == NULL || s->resource == NULL || timer_begin(&talk->env->timers, &s->timer, TIMER_SESSION) != 0 ||
	    table_put(&talk->sessions, &s->node, s->id, RNG_ID_LEN) != 0) {
		session_free(talk, s);
		return NULL;
	}
	look_at(talk, s);
	count(talk, s->asker);
	timer_set(&talk->env->timers, &s->timer, talk->env->now.mono_ms + SESSION_LIFE_MS);
	if (!room_for(talk, s, out)) {
		session_end(talk, s);
		return NULL;
	}
	return s;
}

void
session_shown(struct talk *talk, struct session *s)
{
	struct session *out[2];
	int i;

	room_for(talk, s, out);
	for (i = 0; i < 2; i++) {
		if (out[i] != NULL)
			session_end(talk, out[i]);
	}
}

struct session *
session_find(const struct talk *talk, const struct event *ev, const char *command)
{
	const char *id = ev->command.sessionid, *resource = ev->from.resource != NULL ? ev->from.resource : "";
	struct table_node *n = table_get(&talk->sessions, id, strlen(id));
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
