/* What the log tells an administrator to grant: what is missing, what follows from that, and which line is wrong. */
#include <string.h>

#include "core_fixture.h"

#define EJABBERD (GRANT_ALL | GRANT_PRESENCE_ROSTER | GRANT_BLOCKING)

static void
on(const char *name, unsigned what)
{
	server.name = name;
	link_up();
	grant(what);
	passes(5000);
}

static void
advises(const char *word)
{
	assert_int_equal(times_logged("advice"), 1);
	assert_non_null(strstr(logged_last("advice", "text"), word));
}

static void
all_that_ejabberd_needs_needs_no_advice(void **state)
{
	(void)state;
	on("ejabberd", EJABBERD);
	assert_not_logged("advice");
	assert_string_equal(logged_last("server", "delivery"), "component");
	assert_string_equal(logged_last("server", "name"), "ejabberd");
}

static void
without_rosters_contacts_get_nothing_and_events_are_not_said_to_be_ours(void **state)
{
	(void)state;
	on("ejabberd", EJABBERD & ~GRANT_ROSTER);
	advises("contacts get none");
	assert_string_equal(logged_last("server", "delivery"), "server, gaps while owners are offline");
}

static void
without_messages_it_says_so(void **state)
{
	(void)state;
	on("ejabberd", EJABBERD & ~GRANT_MESSAGE);
	advises("message \"outgoing\"");
}

static void
without_presence_it_says_so(void **state)
{
	(void)state;
	on("ejabberd", EJABBERD & ~(GRANT_PRESENCE | GRANT_PRESENCE_ROSTER));
	advises("presence \"roster\"");
}

/* The lesser one does for contacts of the same server. */
static void
managed_entity_will_do(void **state)
{
	(void)state;
	on("ejabberd", EJABBERD & ~GRANT_PRESENCE_ROSTER);
	assert_not_logged("advice");
}

static void
what_is_taken_back_while_it_runs_is_said_as_well(void **state)
{
	(void)state;
	on("ejabberd", EJABBERD);
	grant(EJABBERD & ~GRANT_MESSAGE);
	advises("message \"outgoing\"");
}

static void
where_the_server_delivers_neither_is_missed(void **state)
{
	(void)state;
	on("Prosody", GRANT_ROSTER | GRANT_PUBSUB | GRANT_OWNER);
	grant(GRANT_ROSTER | GRANT_PUBSUB | GRANT_OWNER | GRANT_PRESENCE);
	assert_not_logged("advice");
}

static void
nor_where_nothing_is_to_be_delivered_by_us(void **state)
{
	(void)state;
	settings.deliver = DELIVER_NEVER;
	restart();
	on("ejabberd", GRANT_ROSTER | GRANT_PUBSUB | GRANT_OWNER);
	assert_not_logged("advice");
}

/* An acl that doesn't match: the administrator has granted all that the advice would name. */
static void
of_nothing_at_all_it_names_the_acl(void **state)
{
	(void)state;
	on("ejabberd", 0);
	advises("acl");
	assert_string_equal(logged_last("advice", "component"), DOMAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_that_ejabberd_needs_needs_no_advice),
		TEST(without_rosters_contacts_get_nothing_and_events_are_not_said_to_be_ours),
		TEST(without_messages_it_says_so),
		TEST(without_presence_it_says_so),
		TEST(managed_entity_will_do),
		TEST(what_is_taken_back_while_it_runs_is_said_as_well),
		TEST(where_the_server_delivers_neither_is_missed),
		TEST(nor_where_nothing_is_to_be_delivered_by_us),
		TEST(of_nothing_at_all_it_names_the_acl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
