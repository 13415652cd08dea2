/* Rows of the registry, as the program begins. */
#include "core/consent/consent.h"
#include "core/consent/enrol.h"
#include "core/consent/place.h"
#include "core/flight/change.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/outlets/pep.h"
#include "core/top.h"

int
core_load_user(struct core *c, const struct user_record *r)
{
	struct user *u;
	int status = user_add(&c->model, r->primary, &u);

	if (status != 0)
		return status;
	enrol_loaded(&c->consent, u, r);
	pep_loaded(u, r);
	/* What has ended before the start, and is still seen, waits for nobody. */
	change_owed(u, r->owes);
	user_urgent(&c->model, u, r->owes);
	return 0;
}

int
core_load_device(struct core *c, const struct device_record *r)
{
	struct user *u = user_find(&c->model, r->primary);
	struct device *d;
	int status;

	if (u == NULL)
		return 0;
	if (place_is_over(u, r)) {
		place_forget(&c->consent, r->primary, r->id);
		return 0;
	}
	place_make(&c->consent, u);
	status = device_add(&c->model, u, r->jid, r->resource, r->label, r->kind, &d);
	if (status != 0)
		return status;
	device_loaded(d, r);
	consent_loaded(&c->consent, d, r);
	pep_loaded_device(u);
	return 0;
}
