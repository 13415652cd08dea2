/* What reading a roster costs: it grows with the roster, and not with what its user has linked. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"
#include "idn_fixture.h"

#define ITEMS 200

/* Alice has LINKED accounts of one name at domains with A-labels, and so has everybody in her group. */
static unsigned long
reading_costs(void **state, unsigned linked)
{
	char jid[64], id[8];
	struct device_record d = {.primary = ALICE, .label = "x", .state = LINK_REVOKED, .generation = 1};
	unsigned i;

	core_teardown(state);
	core_setup_enrolled(state);
	for (i = 0; i < linked; i++) {
		snprintf(jid, sizeof(jid), "a@xn--4db.x%u.test", i);
		snprintf(id, sizeof(id), "yyyy%02u", i);
		d.jid = jid;
		d.id = id;
		registry_holds_device(&d);
	}
	for (i = 0; i < ITEMS; i++) {
		snprintf(jid, sizeof(jid), "a@xn--4db.y%u.test", i);
		roster_has(ALICE, kept(jid), SUBSCRIPTION_NONE, "Devices");
	}
	restart();
	prepared = 0;
	link_up();
	grant(GRANT_ALL);
	passes(60000);
	return prepared;
}

static void
reading_a_roster_costs_no_more_where_much_is_linked(void **state)
{
	assert_true(reading_costs(state, 1) < ITEMS);
	/* All places but one, which the group takes. */
	assert_true(reading_costs(state, USER_DEVICES_MAX - 1) < ITEMS);
}

/* Who is asked as often as may be is told so, at no more expense. */
static void
nor_does_a_command(void **state)
{
	char jid[64];
	unsigned i;

	reading_costs(state, USER_DEVICES_MAX - 4);
	prepared = 0;
	for (i = 0; i < 100; i++) {
		snprintf(jid, sizeof(jid), "a@xn--4db.z%u.test", i);
		runs(ALICE "/x", "link", "jid", jid, NULL);
	}
	/* What people type is prepared, and written as RFC 7622 wants it: a few times each. */
	assert_in_range(prepared, 100, 100 * 10 - 1);
}

/* Nor do whom she blocks, and from where somebody asks something. */
static void
nor_do_contacts_and_strangers(void **state)
{
	struct event ev;
	char jid[64];
	unsigned i;

	core_teardown(state);
	core_setup(state);
	server.name = "ejabberd";
	for (i = 0; i < ITEMS; i++) {
		snprintf(jid, sizeof(jid), "c@xn--4db.y%u.test", i);
		roster_has(ALICE, kept(jid), SUBSCRIPTION_BOTH, NULL);
	}
	blocks(ALICE, "somebody@xn--4db.other.test");
	prepared = 0;
	has_enrolled(GRANT_ALL | GRANT_BLOCKING);
	passes(60000);
	for (i = 0; i < ITEMS; i++) {
		memset(&ev, 0, sizeof(ev));
		snprintf(jid, sizeof(jid), "c@xn--4db.q%u.test", i);
		ev.kind = EVENT_REQUEST;
		ev.from.bare = jid;
		ev.to.bare = DOMAIN;
		ev.request.id = "r";
		ev.request.kind = REQUEST_PING;
		feeds(&ev);
	}
	assert_true(prepared < ITEMS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ENROLLED(reading_a_roster_costs_no_more_where_much_is_linked),
		TEST_ENROLLED(nor_does_a_command),
		TEST_ENROLLED(nor_do_contacts_and_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
