/* Devices that live on a server, and what is published of them. */
#include "audit_fixture.h"

#include <stdio.h>
#include <string.h>

const char *
staff(unsigned i)
{
	char text[64];

	snprintf(text, sizeof(text), "w%u@work.test", i);
	return kept(text);
}

const char *
called(const char *bare)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(bare, "@"), bare);
	return kept(text);
}

const char *
full(const char *bare)
{
	char text[128];

	snprintf(text, sizeof(text), "%s/pc", bare);
	return kept(text);
}

void
has_staff(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		links(staff(i), called(staff(i)));
		approves(staff(i));
		confirms(staff(i));
		lives(full(staff(i)), "on");
		passes(20 * SECOND);
	}
	link_down();
	link_up();
	grant(GRANT_ALL);
	lives(ALICE "/laptop", "on");
	passes(40 * SECOND);
	catch_up();
	forget_sent();
}

int
audit_setup(void **state)
{
	core_setup_linked(state);
	lives(DESK "/phone", "on");
	lives(ALICE "/laptop", "on");
	link_down();
	link_up();
	grant(GRANT_ALL);
	passes(40 * SECOND);
	catch_up();
	forget_sent();
	return 0;
}

const struct shown *
shown(const char *label)
{
	return device_in(last_published(ALICE, NODE_DEVICES), label);
}

const char *
is(const char *label)
{
	const struct shown *d = shown(label);

	return d == NULL ? "absent" : d->stale ? "stale" : d->state;
}

unsigned
probes(const char *to)
{
	return presences_sent(PRESENCE_PROBE, to);
}

void
until_asked(const char *to)
{
	unsigned i;

	for (i = 0; probes(to) == 0; i++) {
		assert_true(i < 2 * AUDIT_MS / SECOND);
		passes(SECOND);
	}
}
