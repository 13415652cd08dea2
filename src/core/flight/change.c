#include "core/flight/change.h"

#include <string.h>

#include "base/mem.h"
#include "core/model/audience.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

/* Failed writes are tried again after this. */
#define UNSAVED_AGAIN_MS 10000

bool
change_user(struct flight *flight, struct user *u, enum change_kind kind, struct reply *reply)
{
	/* Behind the deletion of her rows another one would bring her back. */
	struct said *s = u->going ? NULL :
				    say(flight->env, kind == CHANGE_GONE ? ACTION_DELETE_USER : ACTION_STORE_USER);

	if (s == NULL) {
		reply_free(reply);
		return false;
	}
	s->act.user = user_record(u);
	s->act.user.primary = say_str(flight->env, s, u->primary);
	return change_put(flight, kind, u, s, reply) != NULL;
}

static bool
is_of(const struct change *ch, const struct device *d)
{
	return ch->generation == d->generation && strcmp(ch->id, d->id) == 0;
}

bool
change_pending(const struct device *d)
{
	const struct change *ch = change_next(d->user, NULL);

	while (ch != NULL && !is_of(ch, d))
		ch = change_next(d->user, ch);
	return ch != NULL;
}

struct device_record
change_row(const struct device *d)
{
	struct device_record row = device_record(d);
	const struct change *ch;

	for (ch = change_next(d->user, NULL); ch != NULL; ch = change_next(d->user, ch)) {
		if (!is_of(ch, d))
			continue;
		row.label = ch->label;
		row.kind = ch->device_kind;
		row.kind_given = ch->kind_given;
		row.visibility = ch->visibility;
		row.show_status = ch->show_status;
		row.withdrawn = row.withdrawn || ch->withdrawn;
		if (!device_live(d))
			continue; /* its end is in force already */
		row.state = ch->state;
		row.approved = ch->approved;
		row.confirmed = ch->confirmed;
		row.wide = ch->wide;
	}
	return row;
}

/* Is less to be seen by ROW than by the one before it, or by what is in force until then? */
static bool
narrows(const struct device *d, const struct device_record *row)
{
	const struct device_record before = change_row(d), now = device_record(d);

	return audience_shows_less(&before, row) || audience_shows_less(&now, row);
}

bool
change_device(struct flight *flight, const struct device *d, const struct device_record *row, enum change_kind kind,
    struct reply *reply)
{
	bool less = kind == CHANGE_EDIT && narrows(d, row);
	char *label = mem_strdup(row->label);
	struct change *ch;
	struct said *s;

	/* Said before, they become durable together. */
	if (less)
		change_owes(flight, d->user, ALL_NODES);
	s = label != NULL ? say(flight->env, ACTION_STORE_DEVICE) : NULL;
	if (s == NULL) {
		say_oom(flight->env);
		mem_free(label);
		reply_free(reply);
		return false;
	}
	s->act.device = *row;
	s->act.device.primary = say_str(flight->env, s, row->primary);
	s->act.device.id = say_str(flight->env, s, row->id);
	s->act.device.jid = say_str(flight->env, s, row->jid);
	s->act.device.resource = say_str(flight->env, s, row->resource);
	s->act.device.label = say_str(flight->env, s, row->label);
	ch = change_put(flight, kind, d->user, s, reply);
	if (ch == NULL) {
		mem_free(label);
		return false;
	}
	ch->label = label;
	memcpy(ch->id, d->id, sizeof(ch->id));
	ch->generation = d->generation;
	ch->state = row->state;
	ch->approved = row->approved;
	ch->confirmed = row->confirmed;
	ch->wide = row->wide;
	ch->withdrawn = row->withdrawn;
	ch->device_kind = row->kind;
	ch->kind_given = row->kind_given;
	ch->visibility = row->visibility;
	ch->show_status = row->show_status;
	ch->narrows = less;
	return true;
}

void
change_gone(struct flight *flight, struct user *u)
{
	if (u->going)
		return;
	u->going = change_user(flight, u, CHANGE_GONE, NULL);
	if (!u->going)
		change_leave_again(flight, u);
}

void
change_again(struct flight *flight)
{
	if (flight->unsaved_at == TIMER_NEVER)
		flight->unsaved_at = flight->env->now.mono_ms + UNSAVED_AGAIN_MS;
}

void
change_soon(struct flight *flight, struct user *u)
{
	if (change_user(flight, u, CHANGE_OTHER, NULL))
		return;
	change_user_again(flight, u);
}

void
change_user_again(struct flight *flight, struct user *u)
{
	u->rewrite = true;
	change_again(flight);
}

void
change_leave_again(struct flight *flight, struct user *u)
{
	u->unsaved = true;
	change_again(flight);
}

void
change_stays(struct user *u)
{
	u->going = false;
}

bool
change_unsaved(struct flight *flight, struct user *u)
{
	bool leaves = u->unsaved;

	if (u->rewrite) {
		u->rewrite = false;
		if (!u->leaving && !change_user(flight, u, CHANGE_OTHER, NULL))
			change_user_again(flight, u);
	}
	if (leaves) {
		u->unsaved = !change_user(flight, u, CHANGE_LEAVE, NULL);
		if (u->unsaved)
			change_again(flight);
	}
	return leaves;
}

void
change_tries(struct flight *flight)
{
	flight->unsaved_at = TIMER_NEVER;
}

void
change_owes(struct flight *flight, struct user *u, unsigned nodes)
{
	if ((nodes & ~(unsigned)u->owes) == 0 || u->leaving || !u->stored)
		return;
	u->owes |= (uint8_t)nodes;
	change_soon(flight, u);
}

/* Will there be less to be seen of U when what is on its way is durable? */
static bool
is_narrowing(const struct user *u)
{
	const struct change *ch = change_next(u, NULL);

	while (ch != NULL && !ch->narrows)
		ch = change_next(u, ch);
	return ch != NULL;
}

void
change_owed(struct user *u, unsigned nodes)
{
	u->owes = (uint8_t)nodes;
}

void
change_owes_nothing(struct flight *flight, struct user *u)
{
	if (u->owes == 0 || is_narrowing(u))
		return;
	u->owes = 0;
	if (!u->leaving)
		change_soon(flight, u);
}
