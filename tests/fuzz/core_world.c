#include "core_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "fuzz.h"

struct world w;

const char *const people[PEOPLE] = { "alice@home.test", "bob@home.test", "carol@work.test", "alice@work.test",
	"desk@work.test", "dave@far.test", "home.test", "work.test", DOMAIN, ("alice\\40home.test@" DOMAIN),
	"\xd7\x90\xd7\xa1@home.test" };
const char *const ours[OURS] = { "alice\\40home.test@" DOMAIN, DOMAIN, "bob\\40home.test@" DOMAIN,
	"carol\\40work.test@" DOMAIN, "nobody@" DOMAIN, "dave\\40far.test@" DOMAIN, "other.test" };
const char *const hosts[HOSTS] = {"home.test", "work.test", "far.test"};

char *
copy(const char *s)
{
	char *c = s != NULL ? strdup(s) : NULL;

	CHECK((c == NULL) == (s == NULL));
	return c;
}

void
trace(const char *fmt, ...)
{
	static int wanted = -1;
	va_list ap;

	if (wanted < 0)
		wanted = getenv("FUZZ_TRACE") != NULL;
	if (!wanted)
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
}

void
replace(char **at, const char *s)
{
	char *c = copy(s);

	free(*at);
	*at = c;
}

/* Strings of records are ours to free. */
static void
drop(const char *s)
{
	union {
		const char *in;
		char *out;
	} u = {s};

	free(u.out);
}

bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The registry */

static void
user_drop(struct user_record *r)
{
	drop(r->primary);
}

static void
device_drop(struct device_record *r)
{
	drop(r->primary);
	drop(r->id);
	drop(r->jid);
	drop(r->resource);
	drop(r->label);
}

static struct user_record
user_copy(const struct user_record *r)
{
	struct user_record c = *r;

	c.primary = copy(r->primary);
	return c;
}

static struct device_record
device_copy(const struct device_record *r)
{
	struct device_record c = *r;

	c.primary = copy(r->primary);
	c.id = copy(r->id);
	c.jid = copy(r->jid);
	c.resource = copy(r->resource);
	c.label = copy(r->label);
	return c;
}

size_t
user_row(const char *primary)
{
	size_t i;

	for (i = 0; i < w.nusers && !same(w.users[i].primary, primary); i++)
		;
	return i;
}

size_t
device_row(const char *primary, const char *id)
{
	size_t i;

	for (i = 0; i < w.ndevices && (!same(w.devices[i].primary, primary) || !same(w.devices[i].id, id)); i++)
		;
	return i;
}

static void
device_delete(size_t i)
{
	device_drop(&w.devices[i]);
	w.devices[i] = w.devices[--w.ndevices];
	w.consented[i] = w.consented[w.ndevices];
}

/* P becomes true; false when there is no room. */
static bool
commit(const struct pending *p)
{
	size_t i;

	switch (p->kind) {
	case ACTION_STORE_USER:
		i = user_row(p->user.primary);
		if (i == ROWS_MAX)
			return false;
		if (i == w.nusers)
			w.nusers++;
		else
			user_drop(&w.users[i]);
		w.users[i] = user_copy(&p->user);
		return true;
	case ACTION_STORE_DEVICE:
		i = device_row(p->device.primary, p->device.id);
		if (i == ROWS_MAX)
			return false;
		if (i == w.ndevices)
			w.consented[w.ndevices++] = false;
		else
			device_drop(&w.devices[i]);
		w.devices[i] = device_copy(&p->device);
		/* A row that was on its way already may say `requested' once more, until the next one. */
		if (p->device.state != LINK_REQUESTED)
			w.consented[i] = p->device.state == LINK_ACTIVE;
		return true;
	case ACTION_DELETE_USER:
		i = user_row(p->user.primary);
		if (i < w.nusers) {
			user_drop(&w.users[i]);
			w.users[i] = w.users[--w.nusers];
		}
		for (i = w.ndevices; i > 0; i--) {
			if (same(w.devices[i - 1].primary, p->user.primary))
				device_delete(i - 1);
		}
		return true;
	default:
		i = device_row(p->device.primary, p->device.id);
		if (i < w.ndevices)
			device_delete(i);
		return true;
	}
}

static void
pending_drop(struct pending *p)
{
	user_drop(&p->user);
	device_drop(&p->device);
	memset(p, 0, sizeof(*p));
}

void
registry_takes(const struct action *act)
{
	struct pending *p;
	bool user = act->kind == ACTION_STORE_USER || act->kind == ACTION_DELETE_USER;

	CHECK(w.npending < PENDING_MAX); /* bounded: one script can't ask for more */
	p = &w.pending[w.npending];
	memset(p, 0, sizeof(*p));
	p->ticket = act->ticket;
	p->kind = act->kind;
	if (user)
		p->user = user_copy(&act->user);
	else
		p->device = device_copy(&act->device);
	CHECK(user ? p->user.primary != NULL : p->device.primary != NULL && p->device.id != NULL);
	/* In order, but for what nobody waits for. */
	if (p->ticket != 0) {
		CHECK(p->ticket > w.last_ticket);
		w.last_ticket = p->ticket;
	} else {
		CHECK(p->kind == ACTION_DELETE_DEVICE);
	}
	w.npending++;
	trace("    write %llu: user %s, device %s of %s, state %d, generation %u\n", (unsigned long long)p->ticket,
	    or_none(p->user.primary), or_none(p->device.id), or_none(p->device.jid), (int)p->device.state,
	    (unsigned)p->device.generation);
}

/* Feeding, with an allocation that fails when the script has said so */

const char *
or_none(const char *s)
{
	return s != NULL ? s : "-";
}

void
before_core(void)
{
	if (w.fail_at != 0)
		trace("    allocation %lu will fail\n", w.fail_at);
	mem_fail_at(w.fail_at);
}

void
after_core(void)
{
	unsigned long counted = mem_fail_at(0);

	if (w.fail_at != 0)
		w.fail_at = counted < w.fail_at ? w.fail_at - counted : 0;
}

void
feed(const struct event *ev)
{
	bool may_fail = w.fail_at != 0;
	int status;

	trace("%llu: event %d from %s/%s to %s\n", (unsigned long long)w.now.mono_ms, (int)ev->kind,
	    or_none(ev->from.bare), or_none(ev->from.resource), or_none(ev->to.bare));
	before_core();
	status = core_feed(w.core, &w.now, ev);
	after_core();
	CHECK(status == 0 || status == ERR_LIMIT || (status == ERR_NOMEM && may_fail));
}

void
feed_kind(enum event_kind kind)
{
	struct event ev = {.kind = kind};

	feed(&ev);
}

void
registry_answers(size_t n, bool fails)
{
	struct event ev = {.kind = EVENT_STORED};
	struct pending p;

	while (n-- > 0 && w.npending > 0) {
		p = w.pending[0];
		memmove(w.pending, w.pending + 1, --w.npending * sizeof(p));
		ev.ticket = p.ticket;
		ev.kind = !fails && commit(&p) ? EVENT_STORED : EVENT_STORE_FAILED;
		trace("write %llu %s\n", (unsigned long long)p.ticket, ev.kind == EVENT_STORED ? "done" : "failed");
		feed(&ev);
		pending_drop(&p);
	}
}

void
registry_forget(void)
{
	while (w.npending > 0)
		pending_drop(&w.pending[--w.npending]);
}

void
registry_clear(void)
{
	registry_forget();
	while (w.nusers > 0)
		user_drop(&w.users[--w.nusers]);
	while (w.ndevices > 0)
		device_drop(&w.devices[--w.ndevices]);
}
