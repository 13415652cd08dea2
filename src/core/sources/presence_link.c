/* Presence at the beginning and the end of a stream: who is asked, in turn, and what was known becomes a ghost. */
#include "core/sources/presence.h"

#include <string.h>

#include "core/consent/consent.h"
#include "core/consent/invite.h"
#include "core/consent/verify.h"
#include "core/flight/change.h"
#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/settle.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/sources/audit.h"
#include "core/sources/roster.h"

void
presence_link_up(struct core *c)
{
	struct user *u;

	for (u = c->users; u != NULL; u = u->next) {
		settle_forget(u); /* that begins with the probes */
		settle_has_turn(u, false);
		u->hurried = false;
		pace_probe(u, TURN_SETTLE);
		user_mark(c, u, MARK_TIMES);
	}
}

/* Whoever has the name of who hasn't accepted is not to find what her clients were called. */
static void
forget(struct core *c, struct device *d)
{
	device_unavailable(c, d, NULL, false);
	if (!d->stored)
		device_goes(d, c->now.mono_ms);
}

/* What is known of U is from before; what could not be believed is nothing that she was, nor what she hasn't claimed. */
static void
make_ghosts(struct core *c, struct user *u)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL ? !claim_stands(u) : !claim_believes(c, d))
			device_unavailable(c, d, NULL, true);
		else if (!u->approved)
			forget(c, d);
		device_make_ghosts(d);
	}
}

void
presence_link_down(struct core *c)
{
	struct device *d;
	struct user *u;

	for (u = c->users; u != NULL; u = u->next) {
		settle_forget(u);
		invite_link_down(u);
		u->hurried = false;
		u->accepted = 0;
		silence_over(&u->probe);
		audit_stop(u);
		make_ghosts(c, u);
		for (d = u->devices; d != NULL; d = d->next) {
			silence_over(&d->probe);
			consent_link_down(c, d);
			d->unreached = d->missed = false;
		}
	}
}

static unsigned
probe(struct core *c, struct user *u)
{
	struct device *d;
	unsigned n = 1;

	if (u->approved)
		verify_ask(c, u);
	else if (!u->asked)
		invite_user(c, u);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL || !device_live(d) || !d->stored || d->claim.suspended_ms != 0 ||
		    claim_is_void(d))
			continue;
		n += claim_is_known(d) && invite_withdraw(c, d) ? 2 : 1;
		if (d->approved)
			probe_send(c, u, d);
		else
			invite_account(c, u, d);
	}
	return n;
}

void
presence_hurry(struct core *c, struct user *u)
{
	if (u->hurried || !c->link_up)
		return;
	u->hurried = true;
	pace_probe(u, TURN_SPOKEN);
}

void
presence_ask_soon(struct core *c, struct user *u)
{
	make_ghosts(c, u);
	settle_forget(u);
	settle_has_turn(u, false);
	presence_hurry(c, u);
}

static void
ask(struct core *c, struct user *u)
{
	pace_probed(c, u->host, TURN_SETTLE, probe(c, u));
	verify_asked(c, u);
	settle_begin(c, u);
	user_known(c, u);
	roster_poll(c, u);
}

void
presence_turn(struct core *c, struct user *u)
{
	bool again = u->turn;

	u->hurried = false;
	if (!u->stored && !again)
		return;
	settle_has_turn(u, true);
	if (again) {
		verify_probe_next(c, u);
	} else if (user_shown(u)) {
		ask(c, u);
	} else {
		settle_skip(c, u);
		if (u->claim.suspended_ms != 0)
			pace_probed(c, u->host, TURN_SETTLE, 1); /* perhaps she is probed all the same */
		verify_asked(c, u);
		user_touch(c, u);
	}
}

void
presence_pinged(struct core *c, struct user *u, const char *resource, const struct answer_event *a)
{
	struct device *d = device_by_resource(u, resource);

	/* Any error but one that is about the ping itself says that nobody is there. */
	if (d == NULL || a == NULL || a->ok || a->error == COND_FEATURE_NOT_IMPLEMENTED || d->resources == NULL ||
	    d->resources->fed)
		return;
	if (a->error != COND_SERVICE_UNAVAILABLE && a->error != COND_RECIPIENT_UNAVAILABLE &&
	    a->error != COND_ITEM_NOT_FOUND && a->error != COND_GONE)
		return;
	device_unavailable(c, d, NULL, false);
	user_touch(c, u);
}

void
presence_info(struct core *c, struct user *u, const char *bare, const char *resource, const struct answer_event *a)
{
	enum device_kind kind = a != NULL && a->ok ? device_kind_of(a->category, a->type) : KIND_OTHER;
	struct device *d;
	struct device_record row;

	d = strcmp(bare, u->primary) == 0 ? device_by_resource(u, resource) : device_by_account(u, bare);
	if (d != NULL && !u->leaving && kind != KIND_OTHER && !d->kind_given && d->kind != kind &&
	    (d->resource != NULL || d->kind == KIND_OTHER)) {
		device_is(d, kind);
		if (d->stored) {
			row = change_row(c, d);
			row.kind = row.kind_given ? row.kind : kind;
			change_device(c, d, &row, CHANGE_OTHER, NULL);
		}
		if (d->state == LINK_ACTIVE)
			user_touch(c, u);
	}
	user_known(c, u);
}
