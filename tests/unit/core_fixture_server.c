/* The server: grants, clients, and what it answers, as Prosody or as ejabberd has them (SERVERS). */
#include "core_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS_MAX 1024
#define RULES_MAX 16
#define IQS_MAX 65536

struct server server;

struct rule {
	enum action_kind kind;
	enum reaction how;
	enum condition error;
	enum app_condition app;
	int times;
};

static struct {
	const char *full, *type;
	bool dead;
} clients[CLIENTS_MAX];
static size_t nclients;
static struct rule rules[RULES_MAX];
static size_t nrules;
static unsigned granted;  /* by home.test */
static const char *other; /* another host that grants something; NULL: none */
static unsigned other_granted;
static const char *broken[8];
static const char *mute[512];
static size_t nbroken, nmute;
static size_t portions;
static struct iq *iqs[IQS_MAX];
static size_t niqs, next_iq;
static struct iq *held[IQS_MAX];
static size_t nheld;

/* The stream is gone: so are the questions. */
void
server_reset(void)
{
	stream_ends();
	next_iq = niqs;
	nheld = 0;
	line_reset();
}

void
behaves(void)
{
	nrules = 0;
}

static void
add_rule(enum action_kind kind, enum reaction how, enum condition error, enum app_condition app, int times)
{
	assert_true(nrules < RULES_MAX);
	rules[nrules++] = (struct rule){kind, how, error, app, times};
}

void
reacts(enum action_kind kind, enum reaction how, int times)
{
	add_rule(kind, how, COND_NONE, APP_NONE, times);
}

void
fails(enum action_kind kind, enum condition error, enum app_condition app, int times)
{
	add_rule(kind, FAILS, error, app, times);
}

void
refuses(enum action_kind kind, enum condition error, int times)
{
	add_rule(kind, REFUSES, error, APP_NONE, times);
}

void
grant_by(const char *host, const char *to, unsigned what, int version)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_GRANT;
	ev.from.bare = host;
	if (strcmp(host, "home.test") != 0) {
		other = kept(host);
		other_granted = what;
	}
	ev.to.bare = to;
	ev.grant.version = version;
	ev.grant.roster = what & GRANT_ROSTER ? MAY_GET : 0;
	ev.grant.message = (what & GRANT_MESSAGE) != 0;
	ev.grant.presence = (what & (GRANT_PRESENCE | GRANT_PRESENCE_ROSTER)) != 0;
	ev.grant.presence_roster = (what & GRANT_PRESENCE_ROSTER) != 0;
	ev.grant.iq_pubsub = what & GRANT_PUBSUB ? MAY_GET | MAY_SET : 0;
	ev.grant.iq_owner = what & GRANT_OWNER ? MAY_GET | MAY_SET : 0;
	ev.grant.iq_blocking = what & GRANT_BLOCKING ? MAY_GET : 0;
	feeds(&ev);
}

void
grant_is_taken_back(void)
{
	granted = 0;
}

void
grant(unsigned what)
{
	granted = what;
	grant_by("home.test", DOMAIN, what, 2);
}

/* Accounts and clients */

void
account_is_broken(const char *primary)
{
	assert_true(nbroken < sizeof(broken) / sizeof(broken[0]));
	broken[nbroken++] = kept(primary);
}

void
account_is_silent(const char *primary)
{
	assert_true(nmute < sizeof(mute) / sizeof(mute[0]));
	mute[nmute++] = kept(primary);
}

void
accounts_speak(void)
{
	nmute = 0;
}

static bool
is_mute(const char *primary)
{
	size_t i;

	for (i = 0; i < nmute && strcmp(mute[i], primary) != 0; i++)
		;
	return i < nmute;
}

static bool
is_broken(const char *primary)
{
	size_t i;

	for (i = 0; i < nbroken && strcmp(broken[i], primary) != 0; i++)
		;
	return i < nbroken;
}

void
roster_portions(size_t n)
{
	portions = n;
}

static size_t
client_at(const char *full)
{
	size_t i;

	for (i = 0; i < nclients && strcmp(clients[i].full, full) != 0; i++)
		;
	return i;
}

static size_t
client_find(const char *full)
{
	size_t i = client_at(full);

	if (i == nclients) {
		assert_true(nclients < CLIENTS_MAX);
		clients[nclients].full = kept(full);
		clients[nclients].type = NULL;
		clients[nclients++].dead = false;
	}
	return i;
}

void
client_is(const char *full, const char *type)
{
	clients[client_find(full)].type = kept(type);
}

void
client_is_dead(const char *full)
{
	clients[client_find(full)].dead = true;
}

/* What is granted for the account JID, or the host. */
static unsigned
granted_for(const char *jid)
{
	const char *host = strchr(jid, '@') != NULL ? strchr(jid, '@') + 1 : jid;

	if (strcmp(host, "home.test") == 0)
		return server.forgets_grants ? 0 : granted;
	return other != NULL && strcmp(host, other) == 0 ? other_granted : 0;
}

/* Which says nothing to what it doesn't grant. */
static bool
is_ejabberd(void)
{
	return server.name != NULL && strcmp(server.name, "ejabberd") == 0;
}

/* IQs */

void
server_takes(const struct action *act)
{
	struct iq *iq = calloc(1, sizeof(*iq));

	keep_memory(iq);
	assert_true(niqs < IQS_MAX);
	iq->kind = act->kind;
	iq->id = kept(act->id);
	assert_true(strlen(iq->id) >= 26); /* 128 bits and more, at five bits a character */
	iq->from = kept(act->from.bare);
	iq->to = kept(act->to.bare);
	iq->to_resource = kept(act->to.resource);
	iq->owner = kept(act->owner);
	iq->node = kept(act->node);
	iq->who = kept(act->who);
	iq->way = act->way;
	iq->access = act->access;
	iq->config = act->config;
	if (act->kind == ACTION_PUBLISH) {
		iq->payload = publish_copy(act);
		/* publish-options go with every publish, as configured. */
		assert_int_equal(act->access,
		    strcmp(act->node, NODE_DEVICES) == 0 ? settings.access : ACCESS_WHITELIST);
	}
	iq->aside = (iq->kind == ACTION_PING && strcmp(iq->to, DOMAIN) == 0) ||
	    (iq->kind == ACTION_ROSTER_GET && granted_for(iq->to) == 0);
	iqs[niqs++] = iq;
}

struct iq *
iq_last(enum action_kind kind)
{
	size_t i;

	for (i = niqs; i > 0; i--) {
		if (iqs[i - 1]->kind == kind && !iqs[i - 1]->aside)
			return iqs[i - 1];
	}
	fail_msg("no such IQ was sent");
	return NULL;
}

unsigned
iq_count(enum action_kind kind)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < niqs; i++)
		n += iqs[i]->kind == kind && !iqs[i]->aside;
	return n;
}

unsigned
words_asked(const char *host)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < niqs; i++)
		n += iqs[i]->kind == ACTION_ROSTER_GET && iqs[i]->aside &&
		    strcmp(strchr(iqs[i]->to, '@') + 1, host) == 0;
	return n;
}

struct event
answer_to(const struct iq *iq, enum condition error)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_ANSWER;
	ev.from.bare = iq->to;
	ev.from.resource = iq->to_resource;
	ev.to.bare = iq->from;
	ev.answer.id = iq->id;
	ev.answer.ok = error == COND_NONE;
	ev.answer.error = error;
	if (iq->owner != NULL && iq->way != WAY_ORDINARY) {
		ev.answer.wrapped = true;
		ev.answer.inner_id = iq->id;
	}
	return ev;
}

struct event
too_large_answer_to(const struct iq *iq, enum payload_kind payload)
{
	struct event ev = answer_to(iq, COND_RESOURCE_CONSTRAINT);

	ev.answer.extent = EXTENT_TOO_LARGE;
	ev.answer.wrapped = false;
	ev.answer.inner_id = NULL;
	ev.answer.payload = payload;
	return ev;
}

/* The privilege that a request takes. */
static unsigned
needed_for(enum action_kind kind)
{
	switch (kind) {
	case ACTION_PUBLISH:
	case ACTION_CREATE:
	case ACTION_RETRACT:
		return GRANT_PUBSUB;
	case ACTION_BLOCKLIST_GET:
		return GRANT_BLOCKING;
	default:
		return GRANT_OWNER;
	}
}

static void
answer_client(struct iq *iq, struct event *ev)
{
	char full[512];
	size_t i;

	snprintf(full, sizeof(full), "%s%s%s", iq->to, iq->to_resource != NULL ? "/" : "",
	    iq->to_resource != NULL ? iq->to_resource : "");
	i = client_at(full); /* of one that nobody has named nothing is known */
	if (i < nclients && clients[i].dead) {
		ev->answer.ok = false;
		ev->answer.error = COND_SERVICE_UNAVAILABLE;
	}
	ev->answer.payload = iq->kind == ACTION_INFO_GET ? PAYLOAD_INFO : PAYLOAD_NONE;
	ev->answer.category = "client";
	ev->answer.type = i < nclients ? clients[i].type : NULL;
}

/* Answer IQ as a server of this kind does; false: not at all. */
static bool
answer(struct iq *iq, struct event *ev)
{
	bool privileged = iq->owner != NULL && iq->way != WAY_ORDINARY;
	enum app_condition app = APP_NONE;
	enum access access = ACCESS_UNKNOWN;
	enum condition error;

	*ev = answer_to(iq, COND_NONE);
	if (iq->kind != ACTION_INFO_GET && iq->kind != ACTION_PING && is_mute(iq->to))
		return false;
	if (!privileged && server.drops_ordinary && iq->to_resource == NULL && strchr(iq->to, '@') != NULL &&
	    iq->kind != ACTION_ROSTER_GET)
		return false;
	switch (iq->kind) {
	case ACTION_ROSTER_GET:
		server_says_roster(iq, (granted_for(iq->to) & GRANT_ROSTER) != 0, ev);
		return !roster_is_silent(iq->to) && (granted_for(iq->to) != 0 || !is_ejabberd());
	case ACTION_PING:
	case ACTION_INFO_GET:
		if (strchr(iq->to, '@') != NULL) {
			answer_client(iq, ev);
			return !server.hears_no_disco || iq->kind == ACTION_PING;
		}
		ev->answer.payload = PAYLOAD_INFO;
		ev->answer.category = "server";
		ev->answer.type = "im";
		ev->answer.name = server.name;
		return server.name != NULL;
	default:
		break;
	}
	assert_string_equal(iq->to, iq->owner);
	if (is_broken(iq->to)) {
		*ev = answer_to(iq, COND_FORBIDDEN);
		ev->answer.wrapped = false;
		return true;
	}
	if (privileged) {
		assert_string_equal(iq->from, DOMAIN);
		if (server.drops_privileged || (server.hears_capitals && iq->way != WAY_PRIVILEGED_CAPS))
			return false;
		if (server.echoes && iq->way != WAY_PRIVILEGED_CAPS) {
			ev->answer.echo = true;
			return true;
		}
		if (is_ejabberd() && granted_for(iq->to) == 0)
			return false;
		if (!(granted_for(iq->to) & needed_for(iq->kind))) {
			*ev = answer_to(iq, COND_FORBIDDEN);
			ev->answer.wrapped = false;
			return true;
		}
	}
	if (iq->kind == ACTION_BLOCKLIST_GET) {
		server_says_blocklist(iq, ev);
		return true;
	}
	error = pep(iq, &app, &access);
	*ev = answer_to(iq, error);
	ev->answer.app = app;
	ev->answer.access = access;
	ev->answer.payload = access != ACCESS_UNKNOWN ? PAYLOAD_CONFIG : PAYLOAD_NONE;
	return true;
}

static struct rule *
rule_for(const struct iq *iq)
{
	size_t i;

	for (i = 0; i < nrules; i++) {
		if (rules[i].kind != iq->kind || rules[i].times == 0)
			continue;
		if (rules[i].times > 0)
			rules[i].times--;
		return &rules[i];
	}
	return NULL;
}

/* As it comes over the stream. */
static void
say(struct event *ev)
{
	struct roster_event *r = &ev->answer.roster;
	struct event begun = *ev;
	size_t n = r->nitems;

	if (ev->kind == EVENT_ANSWER && portions > 0 && n > portions) {
		begun.answer.extent = EXTENT_TOO_LARGE;
		begun.answer.ok = false;
		begun.answer.roster.nitems = 0;
		assert_true(admits(&begun));
		for (ev->answer.extent = EXTENT_PORTION; n > portions; n -= portions, r->items += portions) {
			r->nitems = portions;
			feeds_status(ev);
		}
		ev->answer.extent = EXTENT_LAST;
		r->nitems = n;
	}
	feeds_status(ev);
}

bool
server_answers(void)
{
	const struct rule *r;
	struct event ev;
	struct iq *iq;
	bool speaks;

	if (next_iq == niqs)
		return false;
	iq = iqs[next_iq++];
	if (strcmp(iq->to, DOMAIN) == 0) {
		/* It is routed back to us. */
		ev = (struct event){ .kind = EVENT_REQUEST,
			.from = {DOMAIN, NULL},
			.to = {DOMAIN, iq->to_resource} };
		ev.request.kind = REQUEST_PING;
		ev.request.id = iq->id;
		feeds_status(&ev);
		return true;
	}
	r = rule_for(iq);
	switch (r != NULL ? r->how : ANSWERS) {
	case SILENCE:
		return true;
	case HOLDS:
		held[nheld++] = iq;
		return true;
	case LOSES:
		(void)answer(iq, &ev);
		return true;
	case ECHO:
		ev = answer_to(iq, COND_NONE);
		ev.answer.echo = speaks = true;
		break;
	case FAILS:
	case REFUSES:
		ev = answer_to(iq, r->error);
		ev.answer.app = r->app;
		speaks = true;
		if (r->how == REFUSES)
			ev.answer.wrapped = false;
		break;
	case ANSWERS:
	default:
		speaks = answer(iq, &ev);
		break;
	}
	iq->answered = true;
	if (speaks)
		say(&ev);
	return true;
}

void
release_first(void)
{
	struct event ev;
	struct iq *iq;
	size_t i;

	assert_true(nheld > 0);
	iq = held[0];
	for (i = 1; i < nheld; i++)
		held[i - 1] = held[i];
	nheld--;
	iq->answered = true;
	if (answer(iq, &ev))
		feeds(&ev);
}

void
released(void)
{
	behaves();
	while (nheld > 0)
		release_first();
}

/* A new test has a new server. */
void
server_forget(void)
{
	behaves();
	pep_forget();
	rosters_forgotten();
	nclients = niqs = next_iq = nheld = nbroken = nmute = 0;
	other = NULL;
	portions = 0;
	granted = 0;
}
