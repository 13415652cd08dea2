#include "core/sources/missing.h"

#include <stdio.h>
#include <string.h>

#include "core/flight/query.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/sources/anew.h"
#include "core/tools/say.h"

#define WAIT_MS 5000
#define NAME_LEN 16

/* The lines to add, each short enough for a value of the log; the samples in etc/ have them whole. */
static const char prosody_lines[] =
    "in the VirtualHost and in the Component: modules_enabled = { \"privilege\" }; in the "
    "VirtualHost: privileged_entities = { [\"%s\"] = ... }; see prosody.cfg.lua";
static const char ejabberd_lines[] =
    "in modules: mod_privilege, with roster, message, presence and iq for an acl that holds "
    "server: %s; see ejabberd.yml";

void
missing_link_up(struct sources *sources)
{
	sources->missing_at = TIMER_NEVER;
	sources->missing_from = sources->env->now.mono_ms + WAIT_MS;
	if (!query_self(sources->flight))
		sources->missing_at = sources->missing_from;
}

void
missing_pinged(struct sources *sources, const struct answer_event *a)
{
	/* The link has its own measures against a server that doesn't answer at all. */
	if (a == NULL && query_self(sources->flight))
		return;
	sources->missing_at = sources->missing_from > sources->env->now.mono_ms ? sources->missing_from :
										  sources->env->now.mono_ms;
}

bool
missing_delivery(const struct user *u, int node)
{
	enum node_setup setup = user_setup(u, node);

	return !u->host->grant.message && (setup == SETUP_OURS || setup == SETUP_SILENT);
}

static bool
was_granted(const struct sources *sources, const struct host *h)
{
	const struct user *u;

	if (h->granted_before)
		return true;
	for (u = sources->model->users; u != NULL; u = u->next) {
		if (u->host == h && (missing_delivery(u, NODE_PUBLIC) || missing_delivery(u, NODE_PRIVATE)))
			return true;
	}
	return false;
}

static const struct user *
somebody(const struct sources *sources, const struct host *h)
{
	const struct user *u;

	for (u = sources->model->users; u != NULL && (u->host != h || !u->stored || !user_shown(u)); u = u->next)
		;
	return u;
}

/* Of an enrolled account, or of one that nobody has. */
static void
ask_word(struct sources *sources, struct host *h)
{
	char name[NAME_LEN + 1], jid[JID_MAX + 1];
	const struct user *u = somebody(sources, h);

	rng_word(&sources->env->rng, name, NAME_LEN);
	snprintf(jid, sizeof(jid), "%s@%s", name, h->name);
	query_word(sources->flight, h, u != NULL ? u->primary : jid);
}

static void
tell(struct sources *sources, const struct host *h)
{
	char prosody[sizeof(prosody_lines) + JID_PART_MAX], ejabberd[sizeof(ejabberd_lines) + JID_PART_MAX];

	snprintf(prosody, sizeof(prosody), prosody_lines, sources->env->set.domain);
	snprintf(ejabberd, sizeof(ejabberd), ejabberd_lines, sources->env->set.domain);
	say_log(sources->env, LOG_LEVEL_WARN, "grant.missing", "host", h->name, "text",
	    "this host has granted nothing: its users are served only as far as they have invited this service",
	    "prosody", prosody, "ejabberd", ejabberd, NULL);
}

void
missing_due(struct sources *sources)
{
	struct host *h;
	struct user *u;

	sources->missing_at = TIMER_NEVER;
	for (h = host_next(sources->model, NULL); h != NULL; h = host_next(sources->model, h)) {
		if (h->granted || h->missing)
			continue;
		h->missing = true;
		if (h->configured) {
			tell(sources, h);
			ask_word(sources, h);
		}
		for (u = sources->model->users; u != NULL; u = u->next) {
			if (u->host == h)
				user_mark(sources->model, u, MARK_GRANT);
		}
	}
}

uint64_t
missing_deadline(const struct sources *sources)
{
	return sources->env->link_up && !sources->env->draining ? sources->missing_at : TIMER_NEVER;
}

void
missing_answered(struct sources *sources, struct host *h, const struct answer_event *a)
{
	if (h->granted)
		return;
	if (query_outcome(a) == OUTCOME_REFUSED || query_outcome(a) == OUTCOME_ABSENT)
		return; /* its own word: it doesn't grant it */
	if (a != NULL || was_granted(sources, h))
		anew_want(sources, h, "the server has not said what it grants, as it did before");
}

void
missing_reset(struct sources *sources)
{
	sources->missing_at = sources->anew_at = TIMER_NEVER;
	sources->anew_asked = false;
}
