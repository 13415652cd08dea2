/* The registry: rows in memory, written in the order in which they were asked for. */
#include "core_fixture.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 2048

struct write {
	enum action_kind kind;
	uint64_t ticket;
	struct user_record user;
	struct device_record device;
};

static struct user_record users[ROWS_MAX];
static struct device_record devices[ROWS_MAX];
static size_t nusers, ndevices;
static struct write *pending;
static size_t npending, first;
static enum registry_mode mode;
static bool no_notes;

void
registry_is(enum registry_mode m)
{
	struct event tick = {.kind = EVENT_TICK};

	mode = m;
	if (m != REGISTRY_WAITS)
		feeds(&tick);
}

void
registry_reset(void)
{
	free(pending);
	pending = NULL;
	npending = first = nusers = ndevices = 0;
	mode = REGISTRY_WORKS;
	no_notes = false;
}

static struct user_record
user_copy(const struct user_record *r)
{
	struct user_record copy = *r;

	copy.primary = kept(r->primary);
	return copy;
}

static struct device_record
device_copy(const struct device_record *r)
{
	struct device_record copy = *r;

	copy.primary = kept(r->primary);
	copy.id = kept(r->id);
	copy.jid = kept(r->jid);
	copy.resource = kept(r->resource);
	copy.label = kept(r->label);
	return copy;
}

static struct user_record *
find_user(const char *primary)
{
	size_t i;

	for (i = 0; i < nusers; i++) {
		if (strcmp(users[i].primary, primary) == 0)
			return &users[i];
	}
	return NULL;
}

static size_t
find_device(const char *primary, const char *id)
{
	size_t i;

	for (i = 0; i < ndevices; i++) {
		if (strcmp(devices[i].primary, primary) == 0 && strcmp(devices[i].id, id) == 0)
			break;
	}
	return i;
}

static void
drop_device(size_t i)
{
	devices[i] = devices[--ndevices];
}

static void
apply(const struct write *w)
{
	struct user_record *u = w->user.primary != NULL ? find_user(w->user.primary) : NULL;
	size_t i;

	switch (w->kind) {
	case ACTION_STORE_USER:
		assert_true(u != NULL || nusers < ROWS_MAX);
		if (u == NULL)
			u = &users[nusers++];
		*u = w->user;
		break;
	case ACTION_NOTE_PUBLISHED:
		/* Lazy: of a user who has gone it is nothing. */
		if (u == NULL || no_notes)
			break;
		memcpy(u->digest, w->user.digest, sizeof(u->digest));
		memcpy(u->setup, w->user.setup, sizeof(u->setup));
		u->published_ms = w->user.published_ms;
		u->owes = w->user.owes;
		break;
	case ACTION_STORE_DEVICE:
		assert_non_null(find_user(w->device.primary)); /* a foreign key of the real one */
		i = find_device(w->device.primary, w->device.id);
		assert_true(i < ROWS_MAX);
		if (i == ndevices)
			ndevices++;
		devices[i] = w->device;
		break;
	case ACTION_DELETE_USER:
		for (i = 0; i < ndevices;) {
			if (strcmp(devices[i].primary, w->user.primary) == 0)
				drop_device(i);
			else
				i++;
		}
		assert_non_null(u);
		*u = users[--nusers];
		break;
	case ACTION_DELETE_DEVICE:
		i = find_device(w->device.primary, w->device.id);
		if (i < ndevices)
			drop_device(i);
		break;
	default:
		fail_msg("not for the registry");
	}
}

void
registry_takes(const struct action *act)
{
	struct write *w;

	if (npending % 64 == 0)
		pending = realloc(pending, (npending + 64) * sizeof(*pending));
	assert_non_null(pending);
	w = &pending[npending++];
	memset(w, 0, sizeof(*w));
	w->kind = act->kind;
	w->ticket = act->ticket;
	if (act->kind == ACTION_STORE_DEVICE || act->kind == ACTION_DELETE_DEVICE)
		w->device = device_copy(&act->device);
	else
		w->user = user_copy(&act->user);
}

bool
registry_answers(void)
{
	struct event ev = {.kind = mode == REGISTRY_FAILS ? EVENT_STORE_FAILED : EVENT_STORED};
	bool any = false;

	if (mode == REGISTRY_WAITS || first == npending)
		return false;
	for (; first < npending; first++) {
		if (mode == REGISTRY_WORKS)
			apply(&pending[first]);
		if (pending[first].ticket == 0)
			continue;
		assert_true(pending[first].ticket > ev.ticket);
		ev.ticket = pending[first].ticket;
		any = true;
	}
	if (any)
		feeds_status(&ev);
	return true;
}

void
registry_applies(size_t n)
{
	for (; n > 0; n--) {
		assert_true(first < npending);
		apply(&pending[first++]);
	}
	mode = REGISTRY_WORKS;
}

void
write_fails(void)
{
	struct event ev = {.kind = EVENT_STORE_FAILED};

	assert_true(first < npending);
	ev.ticket = pending[first++].ticket;
	feeds(&ev);
}

void
registry_loses_notes(bool yes)
{
	no_notes = yes;
}

void
registry_writes(size_t n)
{
	struct event ev = {.kind = EVENT_STORED};

	assert_int_equal(mode, REGISTRY_WAITS);
	for (; n > 0; first++) {
		assert_true(first < npending);
		apply(&pending[first]);
		if (pending[first].ticket == 0)
			continue;
		ev.ticket = pending[first].ticket;
		n--;
	}
	feeds(&ev);
}

const char *
registry_last_device(void)
{
	size_t i;

	for (i = npending; i > first && pending[i - 1].device.id == NULL; i--)
		;
	assert_true(i > first);
	return pending[i - 1].device.id;
}

size_t
registry_users(void)
{
	return nusers;
}

size_t
registry_devices(void)
{
	return ndevices;
}

const struct user_record *
registry_user(const char *primary)
{
	return find_user(primary);
}

const struct device_record *
registry_device(const char *primary, const char *jid)
{
	const struct device_record *found = NULL;
	size_t i;

	/* The one that has not ended, if there are several. */
	for (i = 0; i < ndevices; i++) {
		if (strcmp(devices[i].primary, primary) == 0 && strcmp(devices[i].jid, jid) == 0 &&
		    (found == NULL || devices[i].generation > found->generation))
			found = &devices[i];
	}
	return found;
}

void
registry_holds(const struct user_record *u, const struct device_record *d)
{
	users[nusers++] = user_copy(u);
	registry_holds_device(d);
}

void
registry_holds_device(const struct device_record *d)
{
	devices[ndevices++] = device_copy(d);
}

void
registry_is_of_an_earlier_version(void)
{
	size_t i;

	for (i = 0; i < ndevices; i++)
		devices[i].withdrawn = false;
}

/* As the program does at its start: users first, each before its devices. */
void
registry_load(bool doubtful)
{
	struct event ev = {0};
	size_t i;

	/* What was not written when the program ended is lost. */
	first = npending = 0;
	free(pending);
	pending = NULL;
	for (i = 0; i < nusers; i++) {
		ev.kind = EVENT_LOAD_USER;
		ev.user = users[i];
		ev.user.doubtful = doubtful;
		assert_int_equal(feeds_status(&ev), 0);
	}
	for (i = 0; i < ndevices; i++) {
		ev.kind = EVENT_LOAD_DEVICE;
		ev.device = devices[i];
		assert_int_equal(feeds_status(&ev), 0);
	}
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOADED;
	feeds(&ev);
}
