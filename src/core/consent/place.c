#include "core/consent/place.h"

#include "core/flight/change.h"
#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/device_ghost.h"
#include "core/tools/say.h"

bool
place_forgettable(const struct device *d)
{
	return !device_live(d) && !d->unsaved && !change_pending(d);
}

/*
 * A resource of the primary that was edited and is gone, which as the program begins they all are; without its row nobody
 * would see more of it than with it.
 */
static bool
may_go(const struct consent *consent, const struct device *d)
{
	bool is_gone = d->nresources == 0 && ((d->user->settled && consent->env->link_up) || !consent->env->loaded);

	return d->resource != NULL && d->stored && is_gone && !audience_limits(d) && !change_pending(d);
}

/* From before this stream, if it is known who she is: what is still there comes again. */
static bool
may_be_vacant(const struct device *d)
{
	return d->resource != NULL && !d->stored && claim_stands(d->user) && device_is_vacant(d) && !change_pending(d);
}

bool
place_is_over(const struct user *u, const struct device_record *row)
{
	bool ended = row->state != LINK_REQUESTED && row->state != LINK_ACTIVE;

	return u->ndevices >= USER_DEVICES_MAX && (ended || (row->resource != NULL && audience_is_all(row)));
}

bool
place_forget(struct consent *consent, const char *primary, const char *id)
{
	struct said *s = say(consent->env, ACTION_DELETE_DEVICE);

	if (s == NULL)
		return false;
	s->act.device.primary = say_str(consent->env, s, primary);
	s->act.device.id = say_str(consent->env, s, id);
	return true;
}

/* Who makes room, with all places taken: *ROW, whose row has to go, or else *GONE; neither: nobody. */
static void
find(const struct consent *consent, struct user *u, struct device **gone, struct device **row)
{
	struct device *d, *vacant = NULL, *edited = NULL;

	*gone = *row = NULL;
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->gone_at != TIMER_NEVER && !change_pending(d) && (*gone == NULL || d->gone_at < (*gone)->gone_at))
			*gone = d;
		else if (place_forgettable(d) && (*row == NULL || d->created_ms < (*row)->created_ms))
			*row = d;
		else if (may_be_vacant(d) && (vacant == NULL || d->since_ms < vacant->since_ms))
			vacant = d;
		else if (may_go(consent, d) && (edited == NULL || d->since_ms < edited->since_ms))
			edited = d;
	}
	if (*gone != NULL)
		*row = NULL;
	else if (*row == NULL && vacant != NULL)
		*gone = vacant;
	else if (*row == NULL)
		*row = edited;
}

bool
place_is_to_be_had(const struct consent *consent, struct user *u)
{
	struct device *gone, *row;

	if (u->ndevices < USER_DEVICES_MAX)
		return true;
	find(consent, u, &gone, &row);
	return gone != NULL || row != NULL;
}

void
place_make(struct consent *consent, struct user *u)
{
	struct device *gone, *row;

	if (u->ndevices < USER_DEVICES_MAX)
		return;
	find(consent, u, &gone, &row);
	if (row != NULL && !place_forget(consent, u->primary, row->id))
		return;
	if (row != NULL || gone != NULL)
		device_remove(consent->model, row != NULL ? row : gone);
}
