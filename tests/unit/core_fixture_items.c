/* What was published: items, deeply copied; and looking at them. */
#include "core_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_fixture_list.h"

static struct list published;
static size_t looked_at;

static int
by_label(const void *a, const void *b)
{
	return strcmp(((const struct shown *)a)->label, ((const struct shown *)b)->label);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *
state_of(const struct item_device *d)
{
	char text[4096] = "", one[1200], *parts[64];
	const struct item_resource *r;
	size_t i;

	assert_true(d->nresources <= DEVICE_RESOURCES_MAX);
	for (i = 0; i < d->nresources; i++) {
		r = &d->resources[i];
		assert_true(r->id != NULL && *r->id != '\0');
		snprintf(one, sizeof(one), "%s%s%s%s", r->show == SHOW_NONE ? "on" : show_name(r->show),
		    r->status != NULL ? "(" : "", r->status != NULL ? r->status : "", r->status != NULL ? ")" : "");
		if (r->idle_since_ms != 0)
			snprintf(one + strlen(one), sizeof(one) - strlen(one), "@%lld", (long long)r->idle_since_ms);
		parts[i] = strdup(one);
		assert_non_null(parts[i]);
	}
	qsort(parts, d->nresources, sizeof(parts[0]), by_text);
	for (i = 0; i < d->nresources; i++) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 0 ? "+" : "", parts[i]);
		free(parts[i]);
	}
	return kept(d->nresources > 0 ? text : "off");
}

struct published *
publish_copy(const struct action *act)
{
	struct published *p = calloc(1, sizeof(*p));
	const struct item_device *d;
	size_t i;

	keep_memory(p);
	p->owner = kept(act->owner);
	p->node = kept(act->node);
	p->way = act->way;
	p->updated_ms = act->publish.updated_ms;
	p->expires_ms = act->publish.expires_ms;
	p->ndevices = act->publish.ndevices;
	assert_true(p->ndevices <= USER_DEVICES_MAX);
	for (i = 0; i < p->ndevices; i++) {
		d = &act->publish.devices[i];
		p->devices[i] = (struct shown){ kept(d->id), kept(d->label), kept(d->jid), d->kind, d->preferred,
			d->stale, d->since_ms, state_of(d) };
	}
	qsort(p->devices, p->ndevices, sizeof(p->devices[0]), by_label);
	return p;
}

const struct shown *
device_in(const struct published *pub, const char *label)
{
	size_t i;

	assert_non_null(pub);
	for (i = 0; i < pub->ndevices; i++) {
		if (strcmp(pub->devices[i].label, label) == 0)
			return &pub->devices[i];
	}
	return NULL;
}

const char *
state_in(const struct published *pub, const char *label)
{
	const struct shown *d = device_in(pub, label);

	return d != NULL ? d->state : "absent";
}

static unsigned
count_new(const char *node)
{
	const struct published *p;
	unsigned n = 0;
	size_t i;

	for (i = looked_at; i < published.n; i++) {
		p = published.at[i];
		n += strcmp(p->node, node) == 0;
	}
	return n;
}

unsigned
publishes(void)
{
	return count_new(NODE_DEVICES);
}

unsigned
publishes_private(void)
{
	return count_new(NODE_DEVICES_PRIVATE);
}

void
catch_up(void)
{
	looked_at = published.n;
}

const struct published *
last_published(const char *owner, const char *node)
{
	const struct published *p;
	size_t i;

	for (i = published.n; i > 0; i--) {
		p = published.at[i - 1];
		if (strcmp(p->owner, owner) == 0 && strcmp(p->node, node) == 0)
			return p;
	}
	return NULL;
}

void
assert_shows(const char *label, const char *state)
{
	const struct published *p = last_published(ALICE, NODE_DEVICES);

	assert_non_null(p);
	assert_string_equal(state_in(p, label), state);
}

void
assert_publishes(const char *label, const char *state)
{
	unsigned waited;

	for (waited = 0; publishes() == 0 && waited < 60000; waited += 50)
		passes(50);
	assert_int_not_equal(publishes(), 0);
	assert_shows(label, state);
	catch_up();
}

void
assert_quiet(uint64_t ms)
{
	passes(ms);
	assert_int_equal(publishes(), 0);
	assert_int_equal(publishes_private(), 0);
}

void
item_seen(struct published *item)
{
	list_append(&published, item);
}

void
items_forgotten(void)
{
	list_clear(&published);
	looked_at = 0;
}
