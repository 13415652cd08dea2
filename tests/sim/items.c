/* Items: a copy, and what of one tells it from another. */
#include "sim.h"

#include <string.h>

const struct item *
item_clone(struct sim *s, const struct item *item)
{
	struct item *copy = sim_mem(s, sizeof(*copy));
	struct item_device *d = sim_mem(s, (item->ndevices + 1) * sizeof(*d));
	struct item_resource *r;
	size_t i, k;

	*copy = *item;
	copy->devices = d;
	for (i = 0; i < item->ndevices; i++) {
		d[i] = item->devices[i];
		d[i].id = sim_dup(s, d[i].id);
		d[i].label = sim_dup(s, d[i].label);
		d[i].jid = sim_dup(s, d[i].jid);
		r = sim_mem(s, (d[i].nresources + 1) * sizeof(*r));
		for (k = 0; k < d[i].nresources; k++) {
			r[k] = item->devices[i].resources[k];
			r[k].id = sim_dup(s, r[k].id);
			r[k].status = sim_dup(s, r[k].status);
			r[k].lang = sim_dup(s, r[k].lang);
		}
		d[i].resources = r;
	}
	return copy;
}

static uint64_t
mix(uint64_t h, const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (h ^ (text != NULL)) * UINT64_C(0x100000001b3);
}

uint64_t
item_content(const struct item *item)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	const struct item_device *d;
	size_t i, k;

	for (i = 0; i < item->ndevices; i++) {
		d = &item->devices[i];
		h = mix(mix(mix(h, d->id), d->label), d->jid);
		h = (h ^ (uint64_t)d->kind ^ (uint64_t)d->stale << 8) * UINT64_C(0x100000001b3);
		for (k = 0; k < d->nresources; k++) {
			h = mix(mix(h, show_name(d->resources[k].show)), d->resources[k].status);
			h = (h ^ (uint64_t)d->resources[k].idle_since_ms) * UINT64_C(0x100000001b3);
		}
	}
	return h;
}
