#include "core/model/device_ghost.h"

#include "core/model/device_resource.h"

void
device_make_ghosts(struct device *d)
{
	struct resource *r;

	for (r = d->resources; r != NULL; r = r->next) {
		r->ghost = true;
		r->fed = false; /* its end, or that of the subscription, may be told meanwhile */
	}
	d->known = false;
}

void
device_drop_ghosts(struct model *model, struct device *d)
{
	struct resource **at = &d->resources, *r;
	bool changed = false;

	while ((r = *at) != NULL) {
		if (!r->ghost) {
			at = &r->next;
			continue;
		}
		device_resource_out(d, at);
		changed = true;
	}
	if (changed) {
		d->since_ms = model->env->now.wall_ms;
		device_lingers(model, d);
	}
}

void
device_keep_ghosts(struct device *d)
{
	struct resource *r;

	for (r = d->resources; r != NULL; r = r->next) {
		r->silent = r->silent || r->ghost;
		r->ghost = false;
	}
}

void
device_hear_ghosts(struct device *d)
{
	struct resource *r;

	for (r = d->resources; r != NULL && d->stale; r = r->next)
		r->silent = r->silent && !r->ghost;
}

bool
device_in_doubt(const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && !(r->ghost && device_shows(d, r)); r = r->next)
		;
	return !d->known || r != NULL;
}

bool
device_is_vacant(const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && (r->ghost || r->silent); r = r->next)
		;
	return r == NULL;
}
