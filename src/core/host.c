#include "core/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "base/rate.h"
#include "core/anew.h"
#include "core/delivery.h"
#include "core/line.h"
#include "core/outbox.h"
#include "core/query.h"
#include "core/roster.h"
#include "core/say.h"
#include "core/slots.h"
#include "core/user.h"
#include "core/verdict.h"
#include "core/verify.h"
#include "core/withhold.h"

/* Any server may send what looks like a grant, as often as it likes: the log isn't its to fill. */
#define IGNORED_EVERY_MS 60000
#define CHANGED_EVERY_MS 10000

/* A second connection that comes and goes costs a new stream in this time at most. */
#define ENDED_EVERY_MS 60000

/* Requests without an answer in a row before a privilege counts as lost: of a host's only user, of one of several. */
#define SILENT_LIFE_MS (10 * 60 * 1000)
#define ALONE_MAX 2
#define SILENT_MAX 3

/* Lines of what it grants. */
static const struct rate grant_lines = {.every_ms = 10000, .burst = 6};

/* That it was lost is said once in this time. */
#define LOST_EVERY_MS (5 * 60 * 1000)

/*
 * ejabberd that has taken privileges away answers no IQ of ours at all, as any server that stands still for a while:
 * one that does so for longer has taken them away.
 */
#define DOUBT_MAX_MS 30000

/* Whose rosters are asked for before silence speaks about a host. */
#define OTHERS_ASKED 3

/* Between two requests that are sent only to learn whether a host answers anything. */
#define SOUND_EVERY_MS 3000

struct host *
host_find(const struct core *c, const char *name)
{
	char work[JID_PART_MAX + 1];
	const char *key = jid_unicode_domain(name, work);
	struct table_node *n = table_get(&c->hosts, key, strlen(key));

	return n != NULL ? TABLE_OF(n, struct host, node) : NULL;
}

static void
forget(struct host *h)
{
	h->granted_before = h->granted_before || h->granted;
	h->granted = h->missing = false;
	h->anew_why = NULL;
	h->changed_at = 0;
	h->grant_say_at = h->grant_changes = 0;
	memset(&h->grant, 0, sizeof(h->grant));
	h->privileged = h->ordinary = TRIAL_UNKNOWN;
	h->form = WAY_PRIVILEGED;
	h->privileged_again = 0;
	h->silent = 0;
	h->silent_at = 0;
	h->roster_worked = h->blocklist_unread = false;
	memset(&h->no_answer, 0, sizeof(h->no_answer));
	memset(&h->refusals, 0, sizeof(h->refusals));
	memset(&h->no_ordinary, 0, sizeof(h->no_ordinary));
	h->server = SERVER_UNKNOWN;
	h->info_asked = false;
	slots_reset(h);
	h->served_order = h->alive_order = h->doubt_order = 0;
}

static void
host_free(struct host *h)
{
	mem_free(h->name);
	mem_free(h->key);
	mem_free(h);
}

struct host *
host_get(struct core *c, const char *name)
{
	struct host *h = host_find(c, name);
	char work[JID_PART_MAX + 1];

	if (h != NULL)
		return h;
	h = mem_alloc(sizeof(*h));
	if (h == NULL)
		return NULL;
	h->name = mem_strdup(name);
	h->key = mem_strdup(jid_unicode_domain(name, work));
	if (h->name == NULL || h->key == NULL || table_put(&c->hosts, &h->node, h->key, strlen(h->key)) != 0) {
		host_free(h);
		return NULL;
	}
	forget(h);
	return h;
}

void
host_free_all(struct core *c)
{
	struct table_node *n, *next;
	struct host *h;

	for (n = table_next(&c->hosts, NULL); n != NULL; n = next) {
		next = table_next(&c->hosts, n);
		h = TABLE_OF(n, struct host, node);
		table_del(&c->hosts, n);
		host_free(h);
	}
	table_clear(&c->hosts);
}

int
host_configure(struct core *c)
{
	bool anew = false, before;
	struct table_node *n;
	struct host *h;
	struct said *s;
	size_t i;

	for (i = 0; i < c->set.nhosts; i++) {
		if (host_get(c, c->set.hosts[i]) == NULL)
			return ERR_NOMEM;
	}
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		h = TABLE_OF(n, struct host, node);
		before = h->configured;
		h->configured = false;
		for (i = 0; i < c->set.nhosts && !h->configured; i++)
			h->configured = host_find(c, c->set.hosts[i]) == h;
		if (before)
			withhold_say(c, h);
		anew = anew || (!before && h->configured);
	}
	withhold_configure(c);
	/* What it grants was said when the stream began, and wasn't listened to. */
	s = anew && c->link_up ? say(c, ACTION_RECONNECT) : NULL;
	if (s != NULL)
		s->act.reconnect.reason = "another host is configured, and says what it grants to a new stream only";
	return 0;
}

void
host_reset(struct core *c)
{
	struct table_node *n;

	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n))
		forget(TABLE_OF(n, struct host, node));
}

static const char *
may_name(unsigned may)
{
	static const char *const names[] = {"none", "get", "set", "both"};

	return names[may & 3];
}

static bool
grants_nothing(const struct grant_event *g)
{
	return g->roster == 0 && !g->message && !g->presence && g->iq_pubsub == 0 && g->iq_owner == 0 &&
	    g->iq_blocking == 0;
}

static void
advise(struct core *c, const struct host *h)
{
	const char *text = NULL;

	if (h->grant.version == 1)
		text = "this server has XEP-0356 without the iq permission: users must make their bridge JID a "
		       "publisher themselves; ejabberd 25.03 or later, or Prosody 0.12 or later, needs no invitation";
	else if (grants_nothing(&h->grant))
		text = "nothing is granted: does the acl, or the access rule, that this server's privileges name match "
		       "the component (ejabberd: `server' in the acl)?  What it takes first is iq "
		       "\"http://jabber.org/protocol/pubsub\" (both); see README";
	else if (!host_may_publish(h))
		text = "grant iq \"http://jabber.org/protocol/pubsub\" (both) to publish for users without an "
		       "invitation";
	else if (!host_may_own(h))
		text = "grant iq \"http://jabber.org/protocol/pubsub#owner\" (both) as well: nodes are then set up "
		       "and repaired, and publishing costs the server less";
	else if (!(h->grant.roster & MAY_GET))
		text = "grant roster \"get\" as well: the roster group is not read without it, and where events are "
		       "ours to send (ejabberd) contacts get none, or what the server happens to deliver";
	if (text != NULL)
		say_log(c, LOG_LEVEL_WARN, "advice", "host", h->name, "component", c->set.domain, "text", text, NULL);
}

/* Events are sent by us as far as they are let be: what is missing for that, on a server that doesn't deliver them. */
static void
advise_delivery(struct core *c, const struct host *h)
{
	const struct grant_event *g = &h->grant;
	const char *text = NULL;

	if (!h->configured || g->version == 1 || grants_nothing(g) || host_delivers(c, h) ||
	    h->server == SERVER_DELIVERS)
		return;
	if (!g->message)
		text = "grant message \"outgoing\" as well: this server tells contacts nothing while the user's own "
		       "account is offline, and polypresence may not";
	else if (!g->presence && (g->roster & MAY_GET))
		text = "grant presence \"roster\" as well: a contact who signs in is not told the current state while "
		       "the user's own account is offline";
	if (text != NULL)
		say_log(c, LOG_LEVEL_WARN, "advice", "host", h->name, "text", text, NULL);
}

/* It does without, so this is no warning. */
static void
advise_blocking(struct core *c, const struct host *h)
{
	const struct grant_event *g = &h->grant;

	if (!h->configured || g->version == 1 || (g->iq_blocking & MAY_GET) || !g->message || !(g->roster & MAY_GET) ||
	    host_delivers(c, h) || h->server == SERVER_DELIVERS)
		return;
	say_log(c, LOG_LEVEL_INFO, "advice", "host", h->name, "text",
	    "grant iq \"urn:xmpp:blocking\" (get) as well: without it contacts whom a user blocks go on getting her "
	    "events",
	    NULL);
}

/* Not before it is known whether the server delivers them. */
static void
advise_events(struct core *c, const struct host *h)
{
	if (h->server == SERVER_UNKNOWN)
		return;
	advise_delivery(c, h);
	advise_blocking(c, h);
}

/* A grant that came late or changed: whoever waited for one tries again. */
void
host_wake(struct core *c, const struct host *h)
{
	struct user *u;

	for (u = c->users; u != NULL; u = u->next) {
		if (u->host != h)
			continue;
		roster_poll(c, u);
		outbox_granted(c, u);
	}
	if (h->grant.roster & MAY_GET)
		verify_granted(c, h);
}

/* By member: nobody promises what is between them. */
static bool
same_grant(const struct grant_event *a, const struct grant_event *b)
{
	return a->version == b->version && a->roster == b->roster && a->message == b->message &&
	    a->presence == b->presence && a->presence_roster == b->presence_roster && a->iq_pubsub == b->iq_pubsub &&
	    a->iq_owner == b->iq_owner && a->iq_blocking == b->iq_blocking;
}

/* The server has said how it writes H, whatever the configuration does; it knows no other form. */
static void
name_as_written(struct core *c, struct host *h, const char *name)
{
	char *copy;

	if (strcmp(h->name, name) == 0)
		return;
	copy = mem_strdup(name);
	if (copy == NULL) {
		c->oom = true;
		return;
	}
	mem_free(h->name);
	h->name = copy;
}

static void
say_grant(struct core *c, struct host *h)
{
	const struct grant_event *g = &h->grant;
	char changes[24];

	snprintf(changes, sizeof(changes), "%" PRIu64, h->grant_changes);
	say_log(c, LOG_LEVEL_INFO, "grant", "host", h->name, "roster", may_name(g->roster), "message",
	    g->message ? "outgoing" : "none", "presence",
	    !g->presence	   ? "none" :
		g->presence_roster ? "roster" :
				     "managed_entity",
	    "pubsub", may_name(g->iq_pubsub), "owner", may_name(g->iq_owner), "blocking", may_name(g->iq_blocking),
	    "version", g->version == 1 ? "1" : "2", "changes", h->grant_changes > 1 ? changes : NULL, NULL);
	if (h->configured)
		advise(c, h);
	advise_events(c, h);
	h->grant_say_at = h->grant_changes = 0;
}

/* A server whose grants come and go all the time has a line now and then, of the last ones. */
static void
grant_changed(struct core *c, struct host *h)
{
	uint64_t at = rate_opens(h->grant_bucket, &grant_lines);

	h->grant_changes++;
	if (at > c->now.mono_ms) {
		h->grant_say_at = at;
		if (at < c->grants_at)
			c->grants_at = at;
		return;
	}
	rate_pour(&h->grant_bucket, &grant_lines, c->now.mono_ms);
	say_grant(c, h);
}

void
host_due(struct core *c)
{
	struct table_node *n;
	struct host *h;

	if (c->grants_at > c->now.mono_ms)
		return;
	c->grants_at = TIMER_NEVER;
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		h = TABLE_OF(n, struct host, node);
		if (h->grant_say_at != 0 && h->grant_say_at <= c->now.mono_ms) {
			rate_pour(&h->grant_bucket, &grant_lines, c->now.mono_ms);
			say_grant(c, h);
		}
		if (h->grant_say_at != 0 && h->grant_say_at < c->grants_at)
			c->grants_at = h->grant_say_at;
	}
}

uint64_t
host_deadline(const struct core *c)
{
	return c->grants_at;
}

void
host_grant(struct core *c, const struct event *ev)
{
	const struct grant_event *g = &ev->grant;
	struct host *h = ev->from.bare != NULL ? host_find(c, ev->from.bare) : NULL;

	if (h == NULL || !withhold_knows(h) || ev->from.resource != NULL || ev->to.resource != NULL ||
	    strcmp(ev->to.bare, c->set.domain) != 0) {
		c->stats.strangers++;
		if (ev->from.bare != NULL && strchr(ev->from.bare, '@') == NULL && c->now.mono_ms >= c->ignored_until) {
			c->ignored_until = c->now.mono_ms + IGNORED_EVERY_MS;
			say_log(c, LOG_LEVEL_WARN, "grant.ignored", "from", ev->from.bare, "text",
			    "not a host named by `hosts` in the configuration", NULL);
		}
		return;
	}
	if (!h->granted)
		name_as_written(c, h, ev->from.bare);
	if (h->granted && same_grant(&h->grant, g))
		return;
	h->granted = true;
	h->missing = false;
	h->anew_why = NULL;
	h->grant = *g;
	/* It may be another server's by now, which says so as often as it likes. */
	if (!h->configured && h->changed_at != 0 && c->now.mono_ms < h->changed_at + CHANGED_EVERY_MS)
		return;
	h->changed_at = c->now.mono_ms;
	h->privileged = TRIAL_UNKNOWN;
	h->form = WAY_PRIVILEGED;
	h->privileged_again = 0;
	grant_changed(c, h);
	if (!h->info_asked) {
		h->info_asked = true;
		query_host_info(c, h);
	}
	host_wake(c, h);
}

void
host_info(struct core *c, struct host *h, const struct answer_event *a)
{
	/*
	 * Whether events reach contacts while the owner is away can't be seen
	 * from a component, so this is the one place that goes by the server's
	 * name: who is not known to deliver is not relied on.
	 */
	if (a != NULL && a->ok && a->name != NULL && strcmp(a->name, "Prosody") == 0)
		h->server = SERVER_DELIVERS;
	else
		h->server = SERVER_UNRELIABLE;
	say_log(c, LOG_LEVEL_INFO, "server", "host", h->name, "name",
	    a != NULL && a->ok && a->name != NULL ? a->name : "unknown", "delivery",
	    host_delivers(c, h)					? "server" :
		h->grant.message && (h->grant.roster & MAY_GET) ? "component" :
								  "server, gaps while owners are offline",
	    NULL);
	advise_events(c, h);
	host_wake(c, h);
}

bool
host_may_publish(const struct host *h)
{
	return h->granted && (h->grant.iq_pubsub & MAY_SET);
}

bool
host_may_own(const struct host *h)
{
	return host_may_publish(h) && h->grant.iq_owner == (MAY_GET | MAY_SET);
}

bool
host_delivers(const struct core *c, const struct host *h)
{
	if (c->set.deliver == DELIVER_NEVER)
		return true;
	return c->set.deliver == DELIVER_AUTO && h->server == SERVER_DELIVERS;
}

bool
host_setup(const struct core *c, const struct host *h, enum node_setup *out)
{
	/* Creating a node with a configuration needs no more than `pubsub'; changing one needs `pubsub#owner'. */
	*out = host_may_own(h) ? SETUP_SERVER : SETUP_NONE;
	if (!h->grant.message || !(h->grant.roster & MAY_GET) || c->set.deliver == DELIVER_NEVER)
		return true;
	if (c->set.deliver == DELIVER_AUTO && h->server == SERVER_UNKNOWN)
		return false;
	if (!host_delivers(c, h))
		*out = h->grant.presence_roster ? SETUP_SILENT : SETUP_OURS;
	return true;
}

static void
forget_silence(struct host *h)
{
	bool succeeded = h->no_answer.succeeded;

	memset(&h->no_answer, 0, sizeof(h->no_answer));
	h->no_answer.succeeded = succeeded;
	h->silent = 0;
}

void
host_served(struct core *c, struct host *h)
{
	h->silent = 0;
	verdict_success(&h->no_answer);
	h->doubt_order = 0;
	h->doubt_about = NULL;
	if (h->served_order < c->concluded)
		h->served_order = c->concluded;
	anew_works(c, h);
}

static bool
is_suspect(const struct host *h, const struct user *u)
{
	unsigned i;

	for (i = 0; i < h->no_answer.n; i++) {
		if (h->no_answer.who[i] == u->by_primary.hash)
			return true;
	}
	return false;
}

/* Anybody, so that who is silent can't choose. */
static struct user *
somebody(struct core *c)
{
	struct user *u = c->users;
	uint64_t n = rng_below(&c->rng, c->nusers);

	while (n-- > 0)
		u = u->next;
	return u;
}

/* Can U's being served, or not, tell of the host, and is that known soon?  By the roster or, without it, by a node. */
static bool
is_asked(struct core *c, struct user *u)
{
	if (u->host->grant.roster & MAY_GET)
		return !roster_coming(u) && roster_want(c, u);
	return u->queries == 0 && u->out.step == STEP_IDLE && u->out.digest[NODE_PUBLIC] != 0 && query_witness(c, u);
}

/* Somebody who was answered, or else who perhaps was not, as nobody is by a host that stands still. */
static bool
ask_one(struct core *c, const struct user *but, bool heard)
{
	struct user *start, *u;

	u = start = somebody(c);
	do {
		if (u != but && u->host == but->host && u->stored && user_shown(u) && (u->out.unheard == 0) == heard &&
		    !is_suspect(u->host, u) && is_asked(c, u))
			return true;
		u = u->next != NULL ? u->next : c->users;
	} while (u != start);
	return false;
}

/* Without either all that is known is who isn't served. */
static bool
has_witnesses(const struct host *h)
{
	return (h->grant.roster & MAY_GET) || host_may_own(h);
}

bool
host_ask_another(struct core *c, const struct user *but)
{
	return has_witnesses(but->host) && (ask_one(c, but, true) || ask_one(c, but, false));
}

static void
ask_others(struct core *c, const struct user *but)
{
	unsigned n;

	for (n = 0; n < OTHERS_ASKED && host_ask_another(c, but); n++)
		;
}

void
host_sound(struct core *c, struct host *h, const struct user *about)
{
	if (h->sounded_at != 0 && h->sounded_at + SOUND_EVERY_MS > c->now.mono_ms)
		return;
	h->sounded_at = c->now.mono_ms;
	if (about == NULL || !host_ask_another(c, about))
		query_alive(c, h);
}

void
host_alive(struct core *c, struct host *h)
{
	h->alive_order = c->concluded;
	/* From here on silence to what needs a privilege is no silence of the server. */
	if (h->doubt_order == DOUBT_WAITS && c->concluded > h->doubt_from) {
		h->doubt_order = c->asked_order;
		h->silent = 1;
		if (h->doubt_about != NULL)
			ask_others(c, h->doubt_about);
	}
}

/* U is the first who was not served: is it the host that doesn't?  Only what is asked from here on tells. */
static void
begin_doubt(struct core *c, struct host *h, struct user *u)
{
	h->doubted_at = c->now.mono_ms;
	h->doubt_from = h->doubt_order = c->asked_order;
	if (h->alive_order == 0) {
		/* It may be one that answers no ordinary request of a component. */
		ask_others(c, u);
		return;
	}
	h->doubt_order = DOUBT_WAITS;
	h->doubt_about = u;
	host_sound(c, h, NULL);
}

static void
say_lost(struct core *c, struct host *h)
{
	if (h->lost_said_at != 0 && h->lost_said_at + LOST_EVERY_MS > c->now.mono_ms)
		return;
	h->lost_said_at = c->now.mono_ms;
	say_log(c, LOG_LEVEL_WARN, "privilege.lost", "host", h->name, "text",
	    "privileges that this server has granted are ignored, as ejabberd does when another connection of this "
	    "component has closed; a new stream is asked for",
	    NULL);
}

/* Does a failure of what was asked say anything of a privilege, and not only of a server that stands still? */
static bool
tells_of_all(const struct core *c, const struct host *h)
{
	if (h->doubt_order == DOUBT_WAITS)
		return c->concluded > h->doubt_from && h->doubted_at + DOUBT_MAX_MS <= c->now.mono_ms;
	return c->concluded > h->doubt_order;
}

/*
 * One account may be alone with it, or two, if nobody else does anything: others are asked before anything is said of
 * the host, or where none can be, all of them or three have to fare so.
 */
static bool
are_enough(const struct host *h)
{
	if (!has_witnesses(h) && h->users > 1)
		return h->no_answer.n >= EVIDENCE_MAX || h->no_answer.n >= h->users;
	return h->no_answer.n >= 2 || h->silent >= (h->users < 2 ? ALONE_MAX : SILENT_MAX);
}

void
host_not_served(struct core *c, struct host *h, struct user *u)
{
	if (line_shared(c))
		return; /* the answer may have gone to the other connection */
	/* Who was asked later was served: this one is about her. */
	if (c->concluded < h->served_order)
		return;
	/* What happened long ago, and never again, is no row. */
	if (h->silent_at + SILENT_LIFE_MS < c->now.mono_ms)
		forget_silence(h);
	h->silent_at = c->now.mono_ms;
	if (h->no_answer.n == 0)
		begin_doubt(c, h, u);
	verdict_failure(&h->no_answer, u);
	if (h->doubt_order == DOUBT_WAITS)
		host_sound(c, h, NULL);
	if (h->silent == 0 || c->concluded > (h->doubt_order == DOUBT_WAITS ? h->doubt_from : h->doubt_order))
		h->silent++;
	if (!tells_of_all(c, h) || !are_enough(h)) {
		host_ask_another(c, u);
		return;
	}
	/* For the sake of a host that nobody names any more the others' stream isn't given up. */
	if (h->anew_why != NULL || !h->configured)
		return;
	say_lost(c, h);
	anew_want(c, h, "the server ignores privileges that it has granted");
}

bool
host_second_connection_ended(struct core *c)
{
	struct table_node *n;
	struct host *h;

	/* This is no guess, so it doesn't double. */
	if (c->now.mono_ms < c->ended_after)
		return false;
	c->ended_after = c->now.mono_ms + ENDED_EVERY_MS;
	anew_again(c);
	for (n = table_next(&c->hosts, NULL); n != NULL; n = table_next(&c->hosts, n)) {
		h = TABLE_OF(n, struct host, node);
		if (h->configured)
			anew_want(c, h,
			    "another connection of this component has ended, and may have taken the privileges along");
	}
	return true;
}

void
host_forget_user(struct user *u)
{
	slots_leave(u);
	if (u->host->doubt_about == u)
		u->host->doubt_about = NULL;
	ring_out(&u->probe_turn);
	ring_out(&u->roster_turn);
}
