#include "core/sources/doubt.h"

#include <string.h>

#include "core/flight/line.h"
#include "core/flight/query.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/sources/anew.h"
#include "core/sources/roster.h"
#include "core/sources/verdict.h"
#include "core/tools/say.h"

/* Requests without an answer in a row before a privilege counts as lost: of a host's only user, of one of several. */
#define SILENT_LIFE_MS (10 * 60 * 1000)
#define ALONE_MAX 2
#define SILENT_MAX 3

/* That it was lost is said once in this time. */
#define LOST_EVERY_MS (5 * 60 * 1000)

/*
 * ejabberd that has taken privileges away answers no IQ of ours at all, as any server that stands still for a while:
 * one that does so for longer has taken them away.
 */
#define DOUBT_MAX_MS 30000

/* Whose rosters are asked for before silence speaks about a host. */
#define OTHERS_ASKED 3

/* Users who are looked at, each time, for one to be asked. */
#define LOOKED_AT 512

/* Between two requests that are sent only to learn whether a host answers anything. */
#define SOUND_EVERY_MS 3000

void
doubt_reset(struct host *h)
{
	h->silent = 0;
	h->silent_at = 0;
	memset(&h->no_answer, 0, sizeof(h->no_answer));
	h->served_order = h->alive_order = h->doubt_order = 0;
}

void
doubt_forget_user(const struct user *u)
{
	if (u->host->doubt_about == u)
		u->host->doubt_about = NULL;
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
doubt_served(struct sources *sources, struct host *h)
{
	h->silent = 0;
	verdict_success(&h->no_answer);
	h->doubt_order = 0;
	h->doubt_about = NULL;
	if (h->served_order < sources->flight->concluded)
		h->served_order = sources->flight->concluded;
	anew_works(sources, h);
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

/* Can U's being served, or not, tell of the host, and is that known soon?  By the roster or, without it, by a node. */
static bool
is_asked(struct sources *sources, struct user *u)
{
	if (u->host->grant.roster & MAY_GET)
		return !roster_coming(u) && roster_want(sources, u);
	return u->queries == 0 && u->pep.step == STEP_IDLE && u->pep.digest[NODE_PUBLIC] != 0 &&
	    query_witness(sources->flight, u);
}

/* Somebody who was answered, or else who perhaps was not, as nobody is by a host that stands still. */
static bool
ask_one(struct sources *sources, const struct user *but, bool heard)
{
	struct host *h = but->host;
	struct user *u;
	size_t n;

	for (n = 0; n < h->users && n < LOOKED_AT; n++) {
		u = user_next(h);
		if (u != but && u->stored && user_shown(u) && (u->pep.unheard == 0) == heard && !is_suspect(h, u) &&
		    is_asked(sources, u))
			return true;
	}
	return false;
}

/* Without either all that is known is who isn't served. */
static bool
has_witnesses(const struct host *h)
{
	return (h->grant.roster & MAY_GET) || host_may_own(h);
}

/*
 * The roster of another user of the same host, or without that grant his node's configuration, which tells whether it
 * is one account or all; false: nobody's can be.
 */
static bool
ask_another(struct sources *sources, const struct user *but)
{
	return has_witnesses(but->host) && (ask_one(sources, but, true) || ask_one(sources, but, false));
}

static void
ask_others(struct sources *sources, const struct user *but)
{
	unsigned n;

	for (n = 0; n < OTHERS_ASKED && ask_another(sources, but); n++)
		;
}

void
doubt_sound(struct sources *sources, struct host *h, const struct user *about)
{
	if (!query_sounds(sources->flight, h, SOUND_EVERY_MS))
		return;
	if (about == NULL || !ask_another(sources, about))
		query_alive(sources->flight, h);
}

void
doubt_alive(struct sources *sources, struct host *h)
{
	h->alive_order = sources->flight->concluded;
	/* From here on silence to what needs a privilege is no silence of the server. */
	if (h->doubt_order == DOUBT_WAITS && sources->flight->concluded > h->doubt_from) {
		h->doubt_order = sources->model->asked_order;
		h->silent = 1;
		if (h->doubt_about != NULL)
			ask_others(sources, h->doubt_about);
	}
}

/* U is the first who was not served: is it the host that doesn't?  Only what is asked from here on tells. */
static void
begin_doubt(struct sources *sources, struct host *h, struct user *u)
{
	h->doubted_at = sources->env->now.mono_ms;
	h->doubt_from = h->doubt_order = sources->model->asked_order;
	if (h->alive_order == 0) {
		/* It may be one that answers no ordinary request of a component. */
		ask_others(sources, u);
		return;
	}
	h->doubt_order = DOUBT_WAITS;
	h->doubt_about = u;
	doubt_sound(sources, h, NULL);
}

static void
say_lost(struct sources *sources, struct host *h)
{
	if (h->lost_said_at != 0 && h->lost_said_at + LOST_EVERY_MS > sources->env->now.mono_ms)
		return;
	h->lost_said_at = sources->env->now.mono_ms;
	say_log(sources->env, LOG_LEVEL_WARN, "privilege.lost", "host", h->name, "text",
	    "privileges that this server has granted are ignored, as ejabberd does when another connection of this "
	    "component has closed; a new stream is asked for",
	    NULL);
}

/* Does a failure of what was asked say anything of a privilege, and not only of a server that stands still? */
static bool
tells_of_all(const struct sources *sources, const struct host *h)
{
	if (h->doubt_order == DOUBT_WAITS)
		return sources->flight->concluded > h->doubt_from &&
		    h->doubted_at + DOUBT_MAX_MS <= sources->env->now.mono_ms;
	return sources->flight->concluded > h->doubt_order;
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
doubt_not_served(struct sources *sources, struct host *h, struct user *u)
{
	if (line_shared(sources->flight))
		return; /* the answer may have gone to the other connection */
	/* Who was asked later was served: this one is about her. */
	if (sources->flight->concluded < h->served_order)
		return;
	/* What happened long ago, and never again, is no row. */
	if (h->silent_at + SILENT_LIFE_MS < sources->env->now.mono_ms)
		forget_silence(h);
	h->silent_at = sources->env->now.mono_ms;
	if (h->no_answer.n == 0)
		begin_doubt(sources, h, u);
	verdict_failure(&h->no_answer, u);
	if (h->doubt_order == DOUBT_WAITS)
		doubt_sound(sources, h, NULL);
	if (h->silent == 0 ||
	    sources->flight->concluded > (h->doubt_order == DOUBT_WAITS ? h->doubt_from : h->doubt_order))
		h->silent++;
	if (!tells_of_all(sources, h) || !are_enough(h)) {
		ask_another(sources, u);
		return;
	}
	/* For the sake of a host that nobody names any more the others' stream isn't given up. */
	if (h->anew_why != NULL || !h->configured)
		return;
	say_lost(sources, h);
	anew_want(sources, h, "the server ignores privileges that it has granted");
}
