/* sys/store: whose the registry is, and what a component that was renamed finds in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/err.h"
#include "store_fixture.h"
#include "sys_fixture.h"

#define OLD "presence.home.test"
#define NEW "devices.home.test"

/* As ALICE and PHONE, with the approvals void and the nodes to be set up anew. */
#define ALICE_VOID "moved now user alice@home.test 1795428000123 5 18446744073709551615 4 4 7 0 0 4294967295\n"
#define PHONE_VOID "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 requested 0 1 3 99\n"

static struct owner before;
static bool moved;

static int
claims(const char *domain, const char *moved_from)
{
	return store_claim(store, domain, moved_from, &before, &moved);
}

static void
is_owned_by(const char *domain)
{
	assert_int_equal(claims(domain, ""), 0);
	assert_string_equal(before.domain, domain);
	assert_false(moved);
}

static void
has_users(void)
{
	stores(user_row("alice@home.test", 5));
	stores(device_row("alice@home.test", "k3v9", LINK_ACTIVE));
}

/* What no action of ours does. */
static void
sql(const char *text)
{
	sqlite3 *db = NULL;

	closes();
	assert_int_equal(sqlite3_open(registry(), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	opens();
}

static void
a_new_registry_is_whose_it_is_from_its_first_start(void **state)
{
	(void)state;
	assert_int_equal(claims(OLD, ""), 0);
	assert_string_equal(before.domain, "");
	assert_false(moved);
	has_users();
	reopens();
	is_owned_by(OLD);
	assert_int_equal(before.users, 1);
}

static void
one_of_a_version_that_did_not_note_it_is_taken_over(void **state)
{
	(void)state;
	has_users();
	assert_int_equal(claims(OLD, ""), 0);
	assert_string_equal(before.domain, "");
	assert_int_equal(before.users, 1);
	assert_false(moved);
	holds(ALICE PHONE);
	reopens();
	is_owned_by(OLD);
}

static void
another_component_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(claims(OLD, ""), 0);
	has_users();
	stores(user_row("bob@home.test", 9));
	assert_int_equal(claims(NEW, ""), ERR_DENIED);
	assert_string_equal(before.domain, OLD);
	assert_int_equal(before.users, 2);
	assert_false(moved);
	assert_string_not_equal(store_error(store), "");
	/* Nor is it the third one's. */
	assert_int_equal(claims(NEW, "third.home.test"), ERR_DENIED);
	assert_int_equal(claims(NEW, NEW), ERR_DENIED);
	reopens();
	is_owned_by(OLD);
	stores(deletes(ACTION_DELETE_USER, "bob@home.test", NULL));
	holds(ALICE PHONE);
}

/* The first start of somebody who then sees that he has mistyped it. */
static void
without_users_it_is_anybodys(void **state)
{
	(void)state;
	assert_int_equal(claims("presnce.home.test", ""), 0);
	assert_int_equal(claims(OLD, NEW), 0);
	assert_false(moved);
	reopens();
	is_owned_by(OLD);
}

static void
once_renamed_what_was_approved_is_void_and_the_rest_stays(void **state)
{
	struct action name = device_row("alice@home.test", "r0", LINK_ACTIVE);

	(void)state;
	assert_int_equal(claims(OLD, ""), 0);
	has_users();
	stores(device_row("alice@home.test", "m2x0", LINK_REVOKED));
	/* The name of a resource of her own is nobody's approval. */
	name.device.jid = "alice@home.test";
	name.device.resource = "laptop";
	stores(name);
	assert_int_equal(claims(NEW, OLD), 0);
	assert_true(moved);
	assert_int_equal(before.users, 1);
	holds(ALICE_VOID PHONE_VOID
	    "device alice@home.test m2x0 alice@work.test - Desk phone fixed 1 self 1 revoked 0 0 3 99\n"
	    "device alice@home.test r0 alice@home.test laptop Desk phone fixed 1 self 1 active 1 1 3 99\n");
	reopens();
	is_owned_by(NEW);
}

static void
it_moves_once_however_long_the_configuration_says_so(void **state)
{
	(void)state;
	assert_int_equal(claims(OLD, ""), 0);
	has_users();
	assert_int_equal(claims(NEW, OLD), 0);
	assert_true(moved);
	stores(user_row("alice@home.test", 5)); /* she has approved */
	reopens();
	assert_int_equal(claims(NEW, OLD), 0);
	assert_false(moved);
	holds(ALICE PHONE_VOID);
	/* And back, if that is said as well. */
	assert_int_equal(claims(OLD, ""), ERR_DENIED);
	assert_int_equal(claims(OLD, NEW), 0);
	assert_true(moved);
}

static void
one_that_did_not_note_it_is_whose_the_configuration_says(void **state)
{
	(void)state;
	has_users();
	assert_int_equal(claims(NEW, OLD), 0);
	assert_true(moved);
	holds(ALICE_VOID PHONE_VOID);
	is_owned_by(NEW);
}

/* What spoke against an approval speaks against its having been one; and what was none doesn't become one. */
static void
only_what_stood_is_noted_as_moved(void **state)
{
	struct action suspended = user_row("alice@home.test", 5), asked = user_row("bob@home.test", 9);

	(void)state;
	assert_int_equal(claims(OLD, ""), 0);
	suspended.user.suspended_ms = 1795428000456;
	stores(suspended);
	asked.user.approved = false;
	stores(asked);
	assert_int_equal(claims(NEW, OLD), 0);
	holds("user alice@home.test 1795428000123 5 18446744073709551615 4 4 7 0 0 4294967295\n"
	      "user bob@home.test 1795428000123 9 18446744073709551615 4 4 7 0 0 4294967295\n");
}

/* Whose account it is was in doubt: who accepts under the new name is not who had agreed. */
static void
a_link_that_was_suspended_ends(void **state)
{
	struct action d = device_row("alice@home.test", "k3v9", LINK_ACTIVE);

	(void)state;
	assert_int_equal(claims(OLD, ""), 0);
	stores(user_row("alice@home.test", 5));
	d.device.suspended_ms = 1795428000456;
	stores(d);
	assert_int_equal(claims(NEW, OLD), 0);
	holds(ALICE_VOID "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 revoked 0 0 3 99\n");
}

/* A yes without an acceptance counts on its stream; by a rename it doesn't become one that was half of both. */
static void
a_yes_without_an_acceptance_is_none(void **state)
{
	struct action d = device_row("alice@home.test", "k3v9", LINK_REQUESTED);

	(void)state;
	assert_int_equal(claims(OLD, ""), 0);
	stores(user_row("alice@home.test", 5));
	d.device.approved = false;
	d.device.confirmed = d.device.wide = true;
	stores(d);
	assert_int_equal(claims(NEW, OLD), 0);
	holds(
	    ALICE_VOID "device alice@home.test k3v9 alice@work.test - Desk phone fixed 1 self 1 requested 0 0 3 99\n");
}

static void
nodes_that_nobody_has_set_up_stay_so(void **state)
{
	struct action a = user_row("alice@home.test", 5);

	(void)state;
	a.user.setup[NODE_PUBLIC] = SETUP_NONE;
	stores(a);
	assert_int_equal(claims(NEW, OLD), 0);
	holds("moved now user alice@home.test 1795428000123 5 18446744073709551615 0 4 7 0 0 4294967295\n");
}

static void
a_domain_that_is_none_is_damage(void **state)
{
	static const char *const values[] = { "''", "x'00'", "7", "'alice@home.test'", "'Presence.home.test'", "'a b'",
		"'home.test/x'" };
	char text[200];
	size_t i;

	(void)state;
	has_users();
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(text, sizeof(text), "INSERT OR REPLACE INTO meta VALUES ('domain', %s)", values[i]);
		sql(text);
		assert_int_equal(claims(OLD, ""), ERR_CORRUPT);
		assert_non_null(strstr(store_error(store), "domain"));
	}
	sql("DELETE FROM meta WHERE name = 'domain'");
	assert_int_equal(claims(OLD, ""), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, store_setup, store_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_new_registry_is_whose_it_is_from_its_first_start),
		TEST(one_of_a_version_that_did_not_note_it_is_taken_over),
		TEST(another_component_is_refused_and_changes_nothing),
		TEST(without_users_it_is_anybodys),
		TEST(once_renamed_what_was_approved_is_void_and_the_rest_stays),
		TEST(it_moves_once_however_long_the_configuration_says_so),
		TEST(one_that_did_not_note_it_is_whose_the_configuration_says),
		TEST(only_what_stood_is_noted_as_moved),
		TEST(a_link_that_was_suspended_ends),
		TEST(a_yes_without_an_acceptance_is_none),
		TEST(nodes_that_nobody_has_set_up_stay_so),
		TEST(a_domain_that_is_none_is_damage),
	};

	dir_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
