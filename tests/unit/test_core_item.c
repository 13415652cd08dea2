/* What is in the item: devices, resources, labels, kinds, and who may see which of it. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

static const struct shown *
public_device(const char *label)
{
	const struct shown *d = device_in(last_published(ALICE, NODE_DEVICES), label);

	assert_non_null(d);
	return d;
}

static const struct shown *
private_device(const char *label)
{
	const struct shown *d = device_in(last_published(ALICE, NODE_DEVICES_PRIVATE), label);

	assert_non_null(d);
	return d;
}

static void
edits(const char *label, const char *var, const char *value)
{
	runs(ALICE "/laptop", "edit", "device", device_id(label), var, value, NULL);
	succeeds();
	passes(3000);
}

static void
every_resource_of_an_account_is_there_and_none_is_merged(void **state)
{
	(void)state;
	says(DESK "/mobile", "away");
	says(DESK "/tablet", "dnd");
	assert_publishes("Desk phone", "away+dnd+on");
	says(DESK "/mobile", "off");
	assert_publishes("Desk phone", "dnd+on");
}

static void
each_state_arrives_as_it_is(void **state)
{
	static const char *const states[] = {"away", "dnd", "xa", "chat", "on", "off"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		says(DESK "/phone", states[i]);
		assert_publishes("Desk phone", states[i]);
		passes(3000);
	}
}

static void
a_resource_of_the_primary_is_a_device_named_by_itself(void **state)
{
	(void)state;
	says(ALICE "/Küche", "away");
	assert_publishes("Küche", "away");
	assert_shows("laptop", "on");
	assert_string_not_equal(public_device("Küche")->id, public_device("laptop")->id);
}

static void
status_text_of_the_primary_is_shown_to_all(void **state)
{
	(void)state;
	says_text(ALICE "/laptop", "away", "At lunch");
	assert_publishes("laptop", "away(At lunch)");
}

static void
who_says_too_much_says_nothing_and_the_others_go_on(void **state)
{
	char text[STATUS_BYTES_MAX + 1], full[64];
	int i;

	(void)state;
	edits("Desk phone", "status-text", "1");
	says_text(ALICE "/laptop", "away", "At lunch");
	memset(text, '\'', STATUS_BYTES_MAX);
	text[STATUS_BYTES_MAX] = '\0';
	for (i = 0; i < ITEM_STATUS_BYTES_MAX / STATUS_BYTES_MAX - 1; i++) {
		snprintf(full, sizeof(full), DESK "/r%d", i);
		says_text(full, "on", text);
	}
	passes(30000);
	assert_non_null(strstr(public_device("Desk phone")->state, text));
	says_text(DESK "/more", "on", text);
	passes(30000);
	assert_null(strstr(public_device("Desk phone")->state, text));
	assert_int_equal(strncmp(public_device("Desk phone")->state, "on+on+on", 8), 0);
	assert_string_equal(public_device("laptop")->state, "away(At lunch)");
	assert_null(strstr(private_device("Desk phone")->state, text));
	says(DESK "/more", "off");
	passes(30000);
	assert_non_null(strstr(public_device("Desk phone")->state, text));
}

static void
status_text_of_a_linked_account_is_shown_on_request_only(void **state)
{
	(void)state;
	says_text(DESK "/phone", "dnd", "On the phone");
	assert_publishes("Desk phone", "dnd");
	passes(1000);
	assert_string_equal(private_device("Desk phone")->state, "dnd(On the phone)");
	edits("Desk phone", "status-text", "1");
	assert_string_equal(public_device("Desk phone")->state, "dnd(On the phone)");
	edits("Desk phone", "status-text", "0");
	assert_string_equal(public_device("Desk phone")->state, "dnd");
}

static void
a_hidden_status_text_alone_is_not_published_to_contacts(void **state)
{
	(void)state;
	says_text(DESK "/phone", "on", "something");
	passes(3000);
	assert_int_equal(publishes(), 0);
	assert_int_equal(publishes_private(), 1);
}

static void
the_address_of_a_linked_account_is_for_herself(void **state)
{
	(void)state;
	assert_null(public_device("Desk phone")->jid);
	assert_string_equal(private_device("Desk phone")->jid, DESK);
	assert_null(private_device("laptop")->jid);
}

static void
idle_time_is_carried(void **state)
{
	(void)state;
	says_idle(DESK "/phone", "away", INT64_C(1795427000000));
	assert_publishes("Desk phone", "away@1795427000000");
}

static void
since_is_the_time_of_the_last_change_of_state(void **state)
{
	int64_t changed;

	(void)state;
	passes(10000);
	changed = wall_now();
	says(DESK "/phone", "away");
	passes(10000);
	says_text(DESK "/phone", "away", "x"); /* no other state */
	says(ALICE "/laptop", "away");
	passes(3000);
	assert_true(public_device("Desk phone")->since_ms == changed);
	assert_true(public_device("laptop")->since_ms == changed + 10000);
}

static void
visibility_decides_who_sees_a_device(void **state)
{
	(void)state;
	edits("Desk phone", "visibility", "self");
	assert_null(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone"));
	assert_string_equal(private_device("Desk phone")->state, "on");
	edits("Desk phone", "visibility", "hidden");
	assert_null(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone"));
	assert_null(device_in(node_item(ALICE, NODE_DEVICES_PRIVATE), "Desk phone"));
	edits("Desk phone", "visibility", "contacts");
	assert_string_equal(public_device("Desk phone")->state, "on");
}

static void
a_new_name_is_shown_and_kept(void **state)
{
	const char *id = public_device("Desk phone")->id;

	(void)state;
	edits("Desk phone", "label", "Office");
	assert_string_equal(public_device("Office")->id, id);
	assert_null(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone"));
	edits("laptop", "label", "Laptop at home");
	assert_string_equal(public_device("Laptop at home")->state, "on");
	restart();
	link_up();
	grant(GRANT_ALL);
	catch_up();
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "on");
	assert_publishes("Laptop at home", "away");
	assert_shows("Office", "on");
}

static void
a_name_is_not_cut_within_a_character(void **state)
{
	char label[200] = "";
	int i;

	(void)state;
	strcpy(label, "a");
	for (i = 0; i < 60; i++)
		strcat(label, "ü");
	edits("Desk phone", "label", label);
	label[63] = '\0'; /* 31 of them; 64 bytes would end in half of one */
	assert_string_equal(public_device(label)->state, "on");
	assert_string_equal(registry_device(ALICE, DESK)->label, label);
}

static void
the_kind_is_guessed_from_the_client(void **state)
{
	(void)state;
	client_is(ALICE "/pixel", "phone");
	client_is(ALICE "/slate", "tablet");
	client_is(ALICE "/tty", "console");
	client_is(ALICE "/page", "web");
	client_is(ALICE "/bot", "bot");
	says(ALICE "/pixel", "on");
	says(ALICE "/slate", "on");
	says(ALICE "/tty", "on");
	says(ALICE "/page", "on");
	says(ALICE "/bot", "on");
	passes(3000);
	assert_int_equal(public_device("pixel")->kind, KIND_MOBILE);
	assert_int_equal(public_device("slate")->kind, KIND_TABLET);
	assert_int_equal(public_device("tty")->kind, KIND_COMPUTER);
	assert_int_equal(public_device("page")->kind, KIND_COMPUTER);
	assert_int_equal(public_device("bot")->kind, KIND_OTHER);
}

static void
the_users_word_on_the_kind_wins(void **state)
{
	(void)state;
	edits("Desk phone", "kind", "fixed");
	assert_int_equal(public_device("Desk phone")->kind, KIND_FIXED);
	client_is(DESK "/new", "pc");
	says(DESK "/new", "on");
	passes(3000);
	assert_int_equal(public_device("Desk phone")->kind, KIND_FIXED);
}

static void
a_guess_for_a_linked_account_is_kept(void **state)
{
	(void)state;
	client_is(DESK "/new", "phone");
	says(DESK "/new", "on");
	passes(3000);
	assert_int_equal(public_device("Desk phone")->kind, KIND_MOBILE);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_MOBILE);
	assert_false(registry_device(ALICE, DESK)->kind_given);
}

static void
clients_that_say_nothing_of_themselves_hold_nobody_up(void **state)
{
	(void)state;
	server.hears_no_disco = true;
	says(DESK "/silent", "away");
	assert_publishes("Desk phone", "away+on");
}

static void
preferred_is_where_to_reach_her(void **state)
{
	(void)state;
	says(ALICE "/laptop", "away");
	passes(3000);
	assert_true(public_device("Desk phone")->preferred);
	assert_false(public_device("laptop")->preferred);
	says(ALICE "/laptop", "chat");
	passes(3000);
	assert_true(public_device("laptop")->preferred);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	passes(3000);
	assert_true(public_device("laptop")->preferred); /* the latest change */
	says_priority(DESK "/phone", "on", 5);
	passes(3000);
	assert_true(public_device("Desk phone")->preferred);
	unreachable(DESK);
	passes(3000);
	assert_true(public_device("laptop")->preferred); /* never a stale one if there is another */
	says(ALICE "/laptop", "off");
	passes(3000);
	assert_true(public_device("Desk phone")->preferred);
	is_gone(DESK);
	passes(3000);
	assert_false(public_device("Desk phone")->preferred);
}

static void
what_is_hidden_is_not_preferred(void **state)
{
	(void)state;
	says(ALICE "/laptop", "dnd");
	edits("Desk phone", "visibility", "self");
	assert_true(public_device("laptop")->preferred);
	assert_true(private_device("Desk phone")->preferred);
	assert_false(private_device("laptop")->preferred);
}

static void
updated_is_now(void **state)
{
	(void)state;
	says(DESK "/phone", "away");
	assert_publishes("Desk phone", "away");
	assert_in_range(wall_now() - last_published(ALICE, NODE_DEVICES)->updated_ms, 0, 100);
}

static void
ids_are_the_same_after_a_restart(void **state)
{
	const char *laptop = public_device("laptop")->id, *desk = public_device("Desk phone")->id;

	(void)state;
	restart();
	link_up();
	grant(GRANT_ALL);
	catch_up();
	says(ALICE "/laptop", "away");
	says(DESK "/phone", "away");
	assert_publishes("laptop", "away");
	assert_string_equal(public_device("laptop")->id, laptop);
	assert_string_equal(public_device("Desk phone")->id, desk);
}

static void
a_very_long_status_is_cut(void **state)
{
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	says_text(ALICE "/laptop", "away", text);
	passes(1000);
	assert_int_equal(strlen(public_device("laptop")->state), STATUS_BYTES_MAX + strlen("away()"));
}

/* What contacts don't see moves nothing that they do see. */
static void
a_hidden_text_makes_no_device_the_preferred_one(void **state)
{
	const struct published *p;

	(void)state;
	links("alice@cell.test", "Cell");
	approves("alice@cell.test");
	says_yes("alice@cell.test");
	says("alice@cell.test/m", "on");
	passes(60000);
	p = last_published(ALICE, NODE_DEVICES);
	assert_true(device_in(p, "Cell")->preferred);
	catch_up();
	says_text(DESK "/phone", "on", "a text that contacts don't see");
	passes(60000);
	assert_true(device_in(last_published(ALICE, NODE_DEVICES_PRIVATE), "Cell")->preferred);
	assert_int_equal(publishes(), 0);
	/* The latest of equals is, when that is what it is. */
	says_text(DESK "/phone", "away", "a text that contacts don't see");
	says_text(DESK "/phone", "on", "a text that contacts don't see");
	assert_publishes("Desk phone", "on");
	assert_true(device_in(last_published(ALICE, NODE_DEVICES), "Desk phone")->preferred);
	assert_false(device_in(last_published(ALICE, NODE_DEVICES), "Cell")->preferred);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(every_resource_of_an_account_is_there_and_none_is_merged),
		TEST_LINKED(each_state_arrives_as_it_is),
		TEST_LINKED(a_resource_of_the_primary_is_a_device_named_by_itself),
		TEST_LINKED(status_text_of_the_primary_is_shown_to_all),
		TEST_LINKED(who_says_too_much_says_nothing_and_the_others_go_on),
		TEST_LINKED(status_text_of_a_linked_account_is_shown_on_request_only),
		TEST_LINKED(a_hidden_status_text_alone_is_not_published_to_contacts),
		TEST_LINKED(the_address_of_a_linked_account_is_for_herself),
		TEST_LINKED(idle_time_is_carried),
		TEST_LINKED(since_is_the_time_of_the_last_change_of_state),
		TEST_LINKED(visibility_decides_who_sees_a_device),
		TEST_LINKED(a_new_name_is_shown_and_kept),
		TEST_LINKED(a_name_is_not_cut_within_a_character),
		TEST_LINKED(the_kind_is_guessed_from_the_client),
		TEST_LINKED(the_users_word_on_the_kind_wins),
		TEST_LINKED(a_guess_for_a_linked_account_is_kept),
		TEST_LINKED(clients_that_say_nothing_of_themselves_hold_nobody_up),
		TEST_LINKED(preferred_is_where_to_reach_her),
		TEST_LINKED(what_is_hidden_is_not_preferred),
		TEST_LINKED(updated_is_now),
		TEST_LINKED(ids_are_the_same_after_a_restart),
		TEST_LINKED(a_very_long_status_is_cut),
		TEST_LINKED(a_hidden_text_makes_no_device_the_preferred_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
