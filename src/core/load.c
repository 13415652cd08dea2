/* Rows of the registry, as the program begins. */
#include <string.h>

#include "core/consent/consent.h"
#include "core/consent/place.h"
#include "core/consent/remind.h"
#include "core/consent/withhold.h"
#include "core/flight/change.h"
#include "core/model/audience.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/top.h"

int
core_load_user(struct core *c, const struct user_record *r)
{
	struct user *u;
	int status = user_add(c, r->primary, &u), node;

	if (status != 0)
		return status;
	u->stored = true;
	u->created_ms = r->created_ms;
	u->reminded = remind_passed(c, r->created_ms);
	memcpy(u->pep.digest, r->digest, sizeof(r->digest));
	memcpy(u->pep.setup, r->setup, sizeof(r->setup));
	for (node = 0; node < NODES; node++)
		u->pep.published_ms[node] = r->digest[node] != 0 ? r->published_ms : 0;
	u->approved = r->approved;
	u->claim.suspended_ms = r->approved ? r->suspended_ms : 0;
	u->moved_ms = r->approved ? 0 : r->suspended_ms;
	if (u->claim.suspended_ms != 0)
		u->withheld |= WITHHELD_SUSPENDED;
	u->leaving = r->leaving;
	u->generation = r->generation;
	u->pep.doubtful[NODE_PUBLIC] = r->doubtful;
	u->pep.doubtful[NODE_PRIVATE] = r->doubtful && r->digest[NODE_PRIVATE] != 0;
	/* What has ended before the start, and is still seen, waits for nobody. */
	change_owed(u, r->owes);
	user_urgent(c, u, r->owes);
	return 0;
}

int
core_load_device(struct core *c, const struct device_record *r)
{
	struct user *u = user_find(c, r->primary);
	struct device *d;
	int status;

	if (u == NULL)
		return 0;
	if (place_is_over(u, r)) {
		place_forget(c, r->primary, r->id);
		return 0;
	}
	place_make(c, u);
	status = device_add(c, u, r->jid, r->resource, r->label, r->kind, &d);
	if (status != 0)
		return status;
	memset(d->id, 0, sizeof(d->id));
	memcpy(d->id, r->id, strnlen(r->id, DEVICE_ID_LEN));
	d->kind_given = r->kind_given;
	d->visibility = r->visibility;
	d->show_status = r->show_status;
	d->state = r->state;
	d->approved = r->approved;
	d->confirmed = r->confirmed;
	/* What he was asked last, maybe under other settings, isn't known: his yes is asked for once more (asked_wide). */
	d->wide = r->wide;
	d->withdrawn = r->withdrawn;
	d->generation = r->generation;
	d->created_ms = r->created_ms;
	d->reminded = remind_passed(c, r->created_ms);
	d->claim.suspended_ms = r->approved ? r->suspended_ms : 0;
	d->stored = true;
	/* What was agreed to under the component's former name is none: it is not shown for the time of settling, either. */
	if (d->resource == NULL && u->moved_ms != 0)
		user_urgent(c, u, ALL_NODES);
	consent_loaded(c, d, r);
	if (u->pep.doubtful[NODE_PUBLIC])
		u->pep.doubtful[NODE_PRIVATE] = true;
	return 0;
}
