#include "core/sources/grant.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rate.h"
#include "core/consent/verify.h"
#include "core/consent/withhold.h"
#include "core/flight/query.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/sources/roster.h"
#include "core/tools/say.h"

/* Any server may send what looks like a grant, as often as it likes: the log isn't its to fill. */
#define IGNORED_EVERY_MS 60000
#define CHANGED_EVERY_MS 10000

/* Lines of what it grants. */
static const struct rate grant_lines = {.every_ms = 10000, .burst = 6};

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
advise(struct sources *sources, const struct host *h)
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
		say_log(sources->env, LOG_LEVEL_WARN, "advice", "host", h->name, "component", sources->env->set.domain,
		    "text", text, NULL);
}

/* Events are sent by us as far as they are let be: what is missing for that, on a server that doesn't deliver them. */
static void
advise_delivery(struct sources *sources, const struct host *h)
{
	const struct grant_event *g = &h->grant;
	const char *text = NULL;

	if (!h->configured || g->version == 1 || grants_nothing(g) || host_delivers(sources->model, h) ||
	    h->server == SERVER_DELIVERS)
		return;
	if (!g->message)
		text = "grant message \"outgoing\" as well: this server tells contacts nothing while the user's own "
		       "account is offline, and polypresence may not";
	else if (!g->presence && (g->roster & MAY_GET))
		text = "grant presence \"roster\" as well: a contact who signs in is not told the current state while "
		       "the user's own account is offline";
	if (text != NULL)
		say_log(sources->env, LOG_LEVEL_WARN, "advice", "host", h->name, "text", text, NULL);
}

/* It does without, so this is no warning. */
static void
advise_blocking(struct sources *sources, const struct host *h)
{
	const struct grant_event *g = &h->grant;

	if (!h->configured || g->version == 1 || (g->iq_blocking & MAY_GET) || !g->message || !(g->roster & MAY_GET) ||
	    host_delivers(sources->model, h) || h->server == SERVER_DELIVERS)
		return;
	say_log(sources->env, LOG_LEVEL_INFO, "advice", "host", h->name, "text",
	    "grant iq \"urn:xmpp:blocking\" (get) as well: without it contacts whom a user blocks go on getting her "
	    "events",
	    NULL);
}

/* Not before it is known whether the server delivers them. */
static void
advise_events(struct sources *sources, const struct host *h)
{
	if (h->server == SERVER_UNKNOWN)
		return;
	advise_delivery(sources, h);
	advise_blocking(sources, h);
}

void
grant_wake(struct sources *sources, const struct host *h)
{
	struct user *u;

	for (u = sources->model->users; u != NULL; u = u->next) {
		if (u->host == h)
			roster_poll(sources, u);
	}
	if (h->grant.roster & MAY_GET)
		verify_granted(sources->consent, h);
}

/* A grant that came late or changed: whoever waited for one tries again. */
static void
wake(struct sources *sources, const struct host *h)
{
	struct user *u;

	grant_wake(sources, h);
	for (u = sources->model->users; u != NULL; u = u->next) {
		if (u->host == h)
			user_mark(sources->model, u, MARK_GRANT);
	}
}

/* By member: nobody promises what is between them. */
static bool
same_grant(const struct grant_event *a, const struct grant_event *b)
{
	return a->version == b->version && a->roster == b->roster && a->message == b->message &&
	    a->presence == b->presence && a->presence_roster == b->presence_roster && a->iq_pubsub == b->iq_pubsub &&
	    a->iq_owner == b->iq_owner && a->iq_blocking == b->iq_blocking;
}

static void
say_grant(struct sources *sources, struct host *h)
{
	const struct grant_event *g = &h->grant;
	char changes[24];

	snprintf(changes, sizeof(changes), "%" PRIu64, h->grant_changes);
	say_log(sources->env, LOG_LEVEL_INFO, "grant", "host", h->name, "roster", may_name(g->roster), "message",
	    g->message ? "outgoing" : "none", "presence",
	    !g->presence	   ? "none" :
		g->presence_roster ? "roster" :
				     "managed_entity",
	    "pubsub", may_name(g->iq_pubsub), "owner", may_name(g->iq_owner), "blocking", may_name(g->iq_blocking),
	    "version", g->version == 1 ? "1" : "2", "changes", h->grant_changes > 1 ? changes : NULL, NULL);
	if (h->configured)
		advise(sources, h);
	advise_events(sources, h);
	h->grant_say_at = h->grant_changes = 0;
}

/* A server whose grants come and go all the time has a line now and then, of the last ones. */
static void
grant_changed(struct sources *sources, struct host *h)
{
	uint64_t at = rate_opens(h->grant_bucket, &grant_lines);

	h->grant_changes++;
	if (at > sources->env->now.mono_ms) {
		h->grant_say_at = at;
		if (at < sources->grants_at)
			sources->grants_at = at;
		return;
	}
	rate_pour(&h->grant_bucket, &grant_lines, sources->env->now.mono_ms);
	say_grant(sources, h);
}

void
grant_due(struct sources *sources)
{
	struct host *h;

	if (sources->grants_at > sources->env->now.mono_ms)
		return;
	sources->grants_at = TIMER_NEVER;
	for (h = host_next(sources->model, NULL); h != NULL; h = host_next(sources->model, h)) {
		if (h->grant_say_at != 0 && h->grant_say_at <= sources->env->now.mono_ms) {
			rate_pour(&h->grant_bucket, &grant_lines, sources->env->now.mono_ms);
			say_grant(sources, h);
		}
		if (h->grant_say_at != 0 && h->grant_say_at < sources->grants_at)
			sources->grants_at = h->grant_say_at;
	}
}

uint64_t
grant_deadline(const struct sources *sources)
{
	return sources->grants_at;
}

struct host *
grant_in(struct sources *sources, const struct event *ev)
{
	const struct grant_event *g = &ev->grant;
	struct host *h = ev->from.bare != NULL ? host_find(sources->model, ev->from.bare) : NULL;

	if (h == NULL || !withhold_knows(h) || ev->from.resource != NULL || ev->to.resource != NULL ||
	    strcmp(ev->to.bare, sources->env->set.domain) != 0) {
		sources->env->stats.strangers++;
		if (ev->from.bare != NULL && strchr(ev->from.bare, '@') == NULL &&
		    sources->env->now.mono_ms >= sources->ignored_until) {
			sources->ignored_until = sources->env->now.mono_ms + IGNORED_EVERY_MS;
			say_log(sources->env, LOG_LEVEL_WARN, "grant.ignored", "from", ev->from.bare, "text",
			    "not a host named by `hosts` in the configuration", NULL);
		}
		return NULL;
	}
	/* The server has said how it writes it, whatever the configuration does; it knows no other form. */
	if (!h->granted && !host_is_written(h, ev->from.bare))
		say_oom(sources->env);
	if (h->granted && same_grant(&h->grant, g))
		return NULL;
	h->granted = true;
	h->missing = false;
	h->anew_why = NULL;
	h->grant = *g;
	/* It may be another server's by now, which says so as often as it likes. */
	if (!h->configured && h->changed_at != 0 && sources->env->now.mono_ms < h->changed_at + CHANGED_EVERY_MS)
		return NULL;
	h->changed_at = sources->env->now.mono_ms;
	grant_changed(sources, h);
	if (!h->info_asked) {
		h->info_asked = true;
		/* Set-up must not wait for what was never asked. */
		if (!query_host_info(sources->flight, h))
			grant_info(sources, h, NULL);
	}
	wake(sources, h);
	return h;
}

void
grant_info(struct sources *sources, struct host *h, const struct answer_event *a)
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
	say_log(sources->env, LOG_LEVEL_INFO, "server", "host", h->name, "name",
	    a != NULL && a->ok && a->name != NULL ? a->name : "unknown", "delivery",
	    host_delivers(sources->model, h)			? "server" :
		h->grant.message && (h->grant.roster & MAY_GET) ? "component" :
								  "server, gaps while owners are offline",
	    NULL);
	advise_events(sources, h);
	wake(sources, h);
}

void
grant_init(struct sources *sources)
{
	sources->grants_at = TIMER_NEVER;
}

void
grant_reset(struct host *h)
{
	h->granted_before = h->granted_before || h->granted;
	h->granted = h->missing = false;
	h->anew_why = NULL;
	h->changed_at = 0;
	h->grant_say_at = h->grant_changes = 0;
	memset(&h->grant, 0, sizeof(h->grant));
	h->roster_worked = h->blocklist_unread = false;
	h->server = SERVER_UNKNOWN;
	h->info_asked = false;
}
