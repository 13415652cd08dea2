#include "wire/encode_item.h"

#include "wire/datetime.h"
#include "wire/ns.h"
#include "wire/write.h"

static void
moment(struct writer *w, const char *name, int64_t ms)
{
	char text[DATETIME_SIZE];

	datetime_print(ms, text);
	write_attr(w, name, text);
}

static void
resource(struct writer *w, const struct item_resource *r)
{
	write_open(w, "resource");
	write_attr(w, "id", r->id);
	if (r->show != SHOW_NONE)
		write_element(w, "show", show_name(r->show));
	if (r->status != NULL) {
		write_open(w, "status");
		write_attr(w, "xml:lang", r->lang);
		write_text(w, r->status);
		write_close(w);
	}
	if (r->idle_since_ms != 0) {
		write_open_ns(w, "idle", NS_IDLE);
		moment(w, "since", r->idle_since_ms);
		write_close(w);
	}
	write_close(w);
}

static void
device(struct writer *w, const struct item_device *d)
{
	size_t i;

	write_open(w, "device");
	write_attr(w, "id", d->id);
	write_attr(w, "kind", kind_name(d->kind));
	if (d->preferred)
		write_attr(w, "preferred", "true");
	if (d->stale)
		write_attr(w, "stale", "true");
	moment(w, "since", d->since_ms);
	write_attr(w, "jid", d->jid);
	write_element(w, "label", d->label);
	for (i = 0; i < d->nresources; i++)
		resource(w, &d->resources[i]);
	write_close(w);
}

void
encode_devices(struct writer *w, const struct item *item)
{
	size_t i;

	write_open_ns(w, "devices", NODE_DEVICES);
	moment(w, "updated", item->updated_ms);
	if (item->expires_ms != 0)
		moment(w, "expires", item->expires_ms);
	for (i = 0; i < item->ndevices; i++)
		device(w, &item->devices[i]);
	write_close(w);
}
