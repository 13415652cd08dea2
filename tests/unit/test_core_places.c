/* Who finds a place: of what may not be there any more, beside what is, and when it is asked again. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

static void
comes_back(void)
{
	link_up();
	grant(GRANT_ALL);
}

static void
all_of_the_phones_are(const char *state)
{
	const struct shown *s = device_in(last_published(ALICE, NODE_DEVICES), "Desk phone");
	char all[DEVICE_RESOURCES_MAX * 8] = "";
	unsigned i;

	for (i = 0; i < DEVICE_RESOURCES_MAX; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i > 0 ? "+" : "", state);
	assert_string_equal(s->state, all);
}

/* Most clients have names by chance: after a restart of their server they are others, and as many. */
static void
who_comes_back_under_another_name_finds_a_place(void **state)
{
	char full[40];
	unsigned i;

	(void)state;
	says(DESK "/phone", "off");
	for (i = 0; i < DEVICE_RESOURCES_MAX; i++) {
		snprintf(full, sizeof(full), DESK "/a%u", i);
		says(kept(full), "on");
	}
	passes(5000);
	all_of_the_phones_are("on");
	link_down();
	comes_back();
	says(ALICE "/laptop", "on");
	for (i = 0; i < DEVICE_RESOURCES_MAX; i++) {
		snprintf(full, sizeof(full), DESK "/b%u", i);
		says(kept(full), "dnd");
	}
	passes(40000);
	all_of_the_phones_are("dnd");
	assert_int_equal(stats().resources, DEVICE_RESOURCES_MAX + 1);
	/* All are there: one more finds none, and takes nobody's. */
	says(DESK "/c", "chat");
	passes(5000);
	assert_int_equal(stats().resources, DEVICE_RESOURCES_MAX + 1);
	all_of_the_phones_are("dnd");
}

/* N places of hers are taken by links. */
static void
has_links(unsigned n)
{
	char jid[40];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(jid, sizeof(jid), "x%u@work%u.test", i, i);
		links(kept(jid), "Far");
		passes(31000);
	}
}

static void
and_so_do_her_own_clients(void **state)
{
	(void)state;
	has_links(USER_DEVICES_MAX - 2);
	link_down();
	comes_back();
	says(ALICE "/other", "dnd");
	says(DESK "/phone", "on");
	passes(1000);
	forget_sent();
	passes(39000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0);
	assert_shows("other", "dnd");
	assert_shows("laptop", "absent");
}

/* She has one client, which is there, and no place for it; she ends a link with it. */
static void
a_client_without_a_place_is_asked_when_one_is_to_be_had(void **state)
{
	(void)state;
	has_links(USER_DEVICES_MAX - 2);
	says(ALICE "/other", "dnd");
	passes(5000);
	assert_shows("other", "absent");
	forget_sent();
	ends("x3@work3.test");
	passes(5000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 1);
	answers(ALICE "/other", "dnd");
	passes(5000);
	assert_shows("other", "dnd");
	/* She is asked no more. */
	forget_sent();
	ends("x4@work4.test");
	passes(100000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, ALICE), 0);
}

/* All that she has answer each time, and two that take turns would have them do so without end. */
static void
but_once_in_a_minute(void **state)
{
	char full[40];
	unsigned i, k;

	(void)state;
	for (i = 0; i < 40; i++) {
		snprintf(full, sizeof(full), ALICE "/c%02u", i);
		says(kept(full), "on");
	}
	passes(60000);
	forget_sent();
	for (k = 0; k < 300; k++) {
		snprintf(full, sizeof(full), ALICE "/c%02u", k % 20);
		says(kept(full), "off");
		snprintf(full, sizeof(full), ALICE "/c%02u", (k + 35) % 40);
		says(kept(full), "dnd");
		passes(1000);
	}
	assert_in_range(presences_sent(PRESENCE_PROBE, ALICE), 0, 6);
}

/* A linked account has places of its own for its clients. */
static void
so_is_a_client_of_a_linked_account(void **state)
{
	char full[40];
	unsigned i;

	(void)state;
	for (i = 0; i < DEVICE_RESOURCES_MAX; i++) {
		snprintf(full, sizeof(full), DESK "/a%u", i);
		says(kept(full), "on");
	}
	says(DESK "/late", "dnd");
	passes(5000);
	forget_sent();
	says(DESK "/phone", "off");
	for (i = 0; i < DEVICE_RESOURCES_MAX; i++) {
		snprintf(full, sizeof(full), DESK "/a%u", i);
		says(kept(full), "off");
	}
	passes(1000);
	assert_int_equal(presences_sent(PRESENCE_PROBE, DESK), 1);
	answers(DESK "/late", "dnd");
	passes(5000);
	assert_shows("Desk phone", "dnd");
}

/* What is shown of it meanwhile is what it said last, whoever speaks in its name. */
static void
who_is_not_proved_takes_nobodys_place(void **state)
{
	char full[40];
	unsigned i;

	(void)state;
	link_down();
	server_subscribes(DESK, ALICE_BRIDGE, false);
	roster_lacks(DESK, ALICE_BRIDGE);
	answers_no_probe(DESK, true);
	comes_back();
	grant_by("work.test", DOMAIN, GRANT_ALL, 2);
	says(ALICE "/laptop", "away");
	for (i = 0; i < DEVICE_RESOURCES_MAX + 4; i++) {
		snprintf(full, sizeof(full), DESK "/new%u", i);
		says(kept(full), "chat");
	}
	passes(35000);
	assert_string_equal(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "on");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(who_comes_back_under_another_name_finds_a_place),
		TEST_LINKED(and_so_do_her_own_clients),
		TEST_LINKED(a_client_without_a_place_is_asked_when_one_is_to_be_had),
		TEST_LINKED(but_once_in_a_minute),
		TEST_LINKED(so_is_a_client_of_a_linked_account),
		TEST_LINKED(who_is_not_proved_takes_nobodys_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
