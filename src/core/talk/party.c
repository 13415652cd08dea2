#include "core/talk/party.h"

#include <stdio.h>
#include <string.h>

#include "base/jid.h"
#include "core/consent/consent.h"
#include "core/consent/enrol.h"
#include "core/consent/verify.h"
#include "core/model/claim.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/talk/command_form.h"
#include "core/tools/reply.h"

/* What says which device ends, or is hidden, shows none, and that waits for nothing. */
static bool
shows_nothing(const struct event *ev)
{
	const char *node = ev->command.node;

	return strcmp(node, "leave") == 0 ||
	    (ev->command.nfields > 0 && (strcmp(node, "unlink") == 0 || (strcmp(node, "edit") == 0 && form_hides(ev))));
}

struct user *
party_named(const struct talk *talk, const char *text)
{
	char bare[JID_MAX + 1];
	struct user *u = NULL;
	struct host *h;
	struct jid j;

	if (jid_parse_typed(&j, text) != 0 || j.locallen == 0)
		return NULL;
	/* Each server writes its domain in one form, and so do we: users are known by that. */
	h = host_find(talk->model, j.domain);
	snprintf(bare, sizeof(bare), "%.*s@%s", (int)j.locallen, j.text, h != NULL ? h->name : talk->env->set.domain);
	if (h != NULL)
		u = user_find(talk->model, bare);
	else if (jid_same_domain(j.domain, talk->env->set.domain))
		u = user_find_bridge(talk->model, bare);
	return u;
}

bool
party_is_enrolled(const struct talk *talk, const struct event *ev)
{
	return user_enrolled(user_find(talk->model, ev->from.bare));
}

void
party_not_enrolled(struct talk *talk, const struct event *ev, bool to_change)
{
	enum text_id text = TEXT_NOT_ENROLLED;

	if (consent_shown_by(talk->consent, ev->from.bare, NULL, 0) > 0) {
		text = TEXT_NOT_ENROLLED_SHOWN;
	} else if (!to_change) {
		/* The same to everybody: who may be somebody else is not told that there is something. */
		verify_hurry(talk->consent, ev->from.bare);
		text = TEXT_NOT_ENROLLED_NOR_KNOWN;
	}
	reply_end(talk->env, ev, false, TEXT(text));
}

struct user *
party_proved(struct talk *talk, const struct event *ev, struct user *u)
{
	/* What was linked is shown to nobody who may have come after her, not even that it was. */
	if (u->claim.suspended_ms != 0) {
		reply_end(talk->env, ev, false, TEXT(TEXT_NOT_A_CONTACT));
		return NULL;
	}
	/* Whoever speaks for a host that was taken out is any other server. */
	if (!user_shown(u)) {
		reply_end(talk->env, ev, false, TEXT(TEXT_NOTHING_SHOWN));
		return NULL;
	}
	if (!claim_stands(u)) {
		verify_spoke(talk->consent, u, NULL);
		reply_end(talk->env, ev, false, TEXT(TEXT_BEING_ASKED));
		return NULL;
	}
	return u;
}

static struct user *
as_enrolled(struct talk *talk, const struct event *ev, bool to_change)
{
	struct user *u = user_find(talk->model, ev->from.bare);

	if (!user_enrolled(u)) {
		party_not_enrolled(talk, ev, to_change);
		return NULL;
	}
	return shows_nothing(ev) ? u : party_proved(talk, ev, u);
}

struct user *
party_enrolled(struct talk *talk, const struct event *ev)
{
	return as_enrolled(talk, ev, false);
}

void
party_ask_to_accept(struct talk *talk, const struct event *ev, struct user *u, enum text_id text)
{
	enrol_invite(talk->consent, u);
	reply_end(talk->env, ev, false, TEXT(text, u->bridge));
}

struct user *
party_accepted(struct talk *talk, const struct event *ev)
{
	struct user *u = as_enrolled(talk, ev, true);

	if (u == NULL || u->approved)
		return u;
	party_ask_to_accept(talk, ev, u, TEXT_ACCEPT_FIRST);
	return NULL;
}
