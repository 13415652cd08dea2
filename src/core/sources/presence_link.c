/* Whose presence is asked for: of all, in turn, when a stream begins, and what was known becomes a ghost; of who found no place. */
#include "core/sources/presence.h"

#include <string.h>

#include "core/consent/consent.h"
#include "core/consent/invite.h"
#include "core/consent/place.h"
#include "core/consent/verify.h"
#include "core/flight/change.h"
#include "core/flight/pace.h"
#include "core/flight/probe.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/device_ghost.h"
#include "core/model/settle.h"
#include "core/model/silence.h"
#include "core/model/user.h"
#include "core/sources/audit.h"
#include "core/sources/roster.h"

void
presence_link_up(struct sources *sources)
{
	struct user *u;

	for (u = sources->model->users; u != NULL; u = u->next) {
		settle_forget(u); /* that begins with the probes */
		settle_has_turn(u, false);
		u->hurried = false;
		pace_probe(u, TURN_SETTLE);
		user_mark(sources->model, u, MARK_TIMES);
	}
}

/* Whoever has the name of who hasn't accepted is not to find what her clients were called. */
static void
forget(struct sources *sources, struct device *d)
{
	device_unavailable(sources->model, d, NULL, false);
	if (!d->stored)
		device_goes(d, sources->env->now.mono_ms);
}

/* What is known of U is from before; what could not be believed is nothing that she was, nor what she hasn't claimed. */
static void
make_ghosts(struct sources *sources, struct user *u)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL ? !claim_stands(u) : !claim_believes(sources->model, d))
			device_unavailable(sources->model, d, NULL, true);
		else if (!u->approved)
			forget(sources, d);
		device_make_ghosts(d);
	}
}

void
presence_link_down(struct sources *sources)
{
	struct device *d;
	struct user *u;

	for (u = sources->model->users; u != NULL; u = u->next) {
		settle_forget(u);
		invite_link_down(u);
		u->hurried = false;
		u->accepted = 0;
		u->crowded = false;
		u->place_at = 0;
		silence_over(&u->probe);
		audit_stop(u);
		make_ghosts(sources, u);
		for (d = u->devices; d != NULL; d = d->next) {
			silence_over(&d->probe);
			consent_link_down(sources->consent, d);
			d->unreached = d->missed = d->crowded = false;
		}
	}
}

static unsigned
probe(struct sources *sources, struct user *u)
{
	struct device *d;
	unsigned n = 1;

	if (u->approved)
		verify_ask(sources->consent, u);
	else if (!u->asked)
		invite_user(sources->consent, u);
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL || !device_live(d) || !d->stored || d->claim.suspended_ms != 0 ||
		    claim_is_void(d))
			continue;
		n += claim_is_known(d) && invite_withdraw(sources->consent, d) ? 2 : 1;
		if (d->approved)
			probe_send(sources->flight, u, d);
		else
			invite_account(sources->consent, u, d);
	}
	return n;
}

void
presence_hurry(struct sources *sources, struct user *u)
{
	if (u->hurried || !sources->env->link_up)
		return;
	u->hurried = true;
	pace_probe(u, TURN_SPOKEN);
}

/* All her clients answer a probe, and all of one account. */
#define PLACE_EVERY_MS 60000

static bool
has_found_place(const struct sources *sources, struct user *u)
{
	return u->crowded && place_is_to_be_had(sources->consent, u);
}

/* With a client that is shown the audit finds the others. */
static bool
has_room(const struct device *d)
{
	return d->crowded && d->resources == NULL && device_live(d);
}

void
presence_has_place(struct sources *sources, struct user *u)
{
	bool found = has_found_place(sources, u);
	const struct device *d;

	for (d = u->devices; d != NULL && !found; d = d->next)
		found = has_room(d);
	if (!found || u->place_at != 0)
		return;
	u->place_at = sources->env->now.mono_ms;
	if (u->place_asked != 0 && u->place_asked + PLACE_EVERY_MS > u->place_at)
		u->place_at = u->place_asked + PLACE_EVERY_MS;
	user_mark(sources->model, u, MARK_TIMES);
}

uint64_t
presence_deadline(const struct user *u)
{
	return u->place_at != 0 ? u->place_at : TIMER_NEVER;
}

void
presence_due(struct sources *sources, struct user *u)
{
	struct device *d;
	size_t n = 0;

	if (u->place_at == 0 || u->place_at > sources->env->now.mono_ms)
		return;
	u->place_at = 0;
	if (!sources->env->link_up)
		return;
	if (has_found_place(sources, u) && claim_may_probe(sources->model, u, NULL)) {
		u->crowded = false;
		probe_send(sources->flight, u, NULL);
		n++;
	}
	for (d = u->devices; d != NULL; d = d->next) {
		if (!has_room(d) || !claim_may_probe(sources->model, u, d))
			continue;
		d->crowded = false;
		probe_send(sources->flight, u, d);
		n++;
	}
	if (n == 0)
		return;
	u->place_asked = sources->env->now.mono_ms;
	pace_probed(sources->flight, u->host, TURN_AUDIT, n);
}

void
presence_ask_soon(struct sources *sources, struct user *u)
{
	make_ghosts(sources, u);
	settle_forget(u);
	settle_has_turn(u, false);
	presence_hurry(sources, u);
}

static void
ask(struct sources *sources, struct user *u)
{
	pace_probed(sources->flight, u->host, TURN_SETTLE, probe(sources, u));
	verify_asked(sources->consent, u);
	settle_begin(sources->model, u);
	user_known(sources->model, u);
	roster_poll(sources, u);
}

void
presence_turn(struct sources *sources, struct user *u)
{
	bool again = u->turn;

	u->hurried = false;
	if (!u->stored && !again)
		return;
	settle_has_turn(u, true);
	if (again) {
		verify_probe_next(sources->consent, u);
	} else if (user_shown(u)) {
		ask(sources, u);
	} else {
		settle_skip(sources->model, u);
		if (u->claim.suspended_ms != 0)
			pace_probed(sources->flight, u->host, TURN_SETTLE, 1); /* perhaps she is probed all the same */
		verify_asked(sources->consent, u);
		user_touch(sources->model, u);
	}
}

void
presence_pinged(struct sources *sources, struct user *u, const char *resource, const struct answer_event *a)
{
	struct device *d = device_by_resource(u, resource);

	/* Any error but one that is about the ping itself says that nobody is there. */
	if (d == NULL || a == NULL || a->ok || a->error == COND_FEATURE_NOT_IMPLEMENTED || d->resources == NULL ||
	    d->resources->fed)
		return;
	if (a->error != COND_SERVICE_UNAVAILABLE && a->error != COND_RECIPIENT_UNAVAILABLE &&
	    a->error != COND_ITEM_NOT_FOUND && a->error != COND_GONE)
		return;
	device_unavailable(sources->model, d, NULL, false);
	user_touch(sources->model, u);
}

void
presence_info(struct sources *sources, struct user *u, const char *bare, const char *resource,
    const struct answer_event *a)
{
	enum device_kind kind = a != NULL && a->ok ? device_kind_of(a->category, a->type) : KIND_OTHER;
	struct device *d;
	struct device_record row;

	d = strcmp(bare, u->primary) == 0 ? device_by_resource(u, resource) : device_by_account(u, bare);
	if (d != NULL && !u->leaving && kind != KIND_OTHER && !d->kind_given && d->kind != kind &&
	    (d->resource != NULL || d->kind == KIND_OTHER)) {
		device_is(d, kind);
		if (d->stored) {
			row = change_row(d);
			row.kind = row.kind_given ? row.kind : kind;
			change_device(sources->flight, d, &row, CHANGE_OTHER, NULL);
		}
		if (d->state == LINK_ACTIVE)
			user_touch(sources->model, u);
	}
	user_known(sources->model, u);
}
