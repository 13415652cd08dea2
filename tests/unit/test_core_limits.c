/* How much is kept of what people, their accounts and clients say: each bound at one less, at it, and at one more. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define FULL_MAX 80

/* PREFIX and a number, as an address that lives until the end of the test. */
static const char *
numbered(const char *before, unsigned n, const char *behind)
{
	char text[FULL_MAX];

	snprintf(text, sizeof(text), "%s%u%s", before, n, behind);
	return kept(text);
}

/* Commands */

static void
a_session_lives_for_ten_minutes(void **state)
{
	const char *first;

	(void)state;
	runs(ALICE "/laptop", "link", NULL);
	first = reply.sessionid;
	passes(1);
	runs(ALICE "/laptop", "link", NULL);
	passes(SESSION_LIFE_MS - 1);
	/* Of the first it is the moment in which it ends. */
	runs_session(ALICE "/laptop", "link", reply.sessionid, COMMAND_CANCEL, NULL);
	assert_false(reply.error);
	runs_session(ALICE "/laptop", "link", first, COMMAND_CANCEL, NULL);
	assert_int_equal(reply.app, APP_BAD_SESSIONID);
	/* And once more one that has another millisecond. */
	runs(ALICE "/laptop", "link", NULL);
	passes(SESSION_LIFE_MS - 1);
	runs_session(ALICE "/laptop", "link", reply.sessionid, COMMAND_CANCEL, NULL);
	assert_false(reply.error);
}

static void
there_are_256_sessions_in_all(void **state)
{
	const char *ids[SESSIONS_MAX + 2], *of[SESSIONS_MAX + 2];
	unsigned i, open = 0;

	(void)state;
	for (i = 0; i < SESSIONS_MAX + 2; i++) {
		if (i % SESSIONS_PER_USER == 0) {
			user_is(numbered("u", i, "@home.test"));
			enrols(numbered("u", i, "@home.test"));
			approves(numbered("u", i, "@home.test"));
		}
		of[i] = numbered("u", i - i % SESSIONS_PER_USER, "@home.test/x");
		runs(of[i], "link", NULL);
		assert_false(reply.error);
		ids[i] = reply.sessionid;
	}
	for (i = 0; i < SESSIONS_MAX + 2; i++) {
		runs_session(of[i], "link", ids[i], COMMAND_CANCEL, NULL);
		open += !reply.error;
	}
	assert_int_equal(open, SESSIONS_MAX);
}

static void
behind_1024_writes_no_command_is_taken(void **state)
{
	const char *id = device_id("Desk phone");
	unsigned i, before = reply.count;

	(void)state;
	registry_is(REGISTRY_WAITS);
	for (i = 0; i < WRITES_MAX; i++)
		runs(ALICE "/laptop", "edit", "device", id, "label", numbered("Phone ", i, ""), NULL);
	assert_int_equal(reply.count, before); /* they wait for the registry */
	runs(ALICE "/laptop", "edit", "device", id, "label", "One more", NULL);
	assert_int_equal(reply.count, before + 1);
	assert_int_equal(reply.condition, COND_RESOURCE_CONSTRAINT);
	registry_writes(1);
	runs(ALICE "/laptop", "edit", "device", id, "label", "The last", NULL);
	assert_int_equal(reply.count, before + 2); /* of the first */
	registry_is(REGISTRY_WORKS);
	assert_int_equal(reply.count, before + 2 + WRITES_MAX);
	assert_string_equal(registry_device(ALICE, DESK)->label, "The last");
}

/* Requests */

static void
a_request_waits_for_its_answer_for_ten_seconds(void **state)
{
	size_t before;

	(void)state;
	passes(60000);
	reacts(ACTION_INFO_GET, SILENCE, -1);
	before = stats().queries;
	says(ALICE "/tablet", "on");
	assert_int_equal(stats().queries, before + 1);
	passes(QUERY_LIFE_MS - 1);
	assert_int_equal(stats().queries, before + 1);
	passes(1);
	assert_int_equal(stats().queries, before);
}

/* N lines of what is ours to say, which the server doesn't read; they wait for the registry as well. */
static void
rows_wait(const char *id, unsigned n)
{
	link_takes(0);
	while (n-- > 0)
		runs(ALICE "/laptop", "edit", "device", id, "label", numbered("Phone ", n, ""), NULL);
}

static void
behind_1024_actions_there_is_no_line(void **state)
{
	const char *id = device_id("Desk phone");

	(void)state;
	rows_wait(id, ANSWERS_MAX);
	grant_by("evil.test", DOMAIN, GRANT_ALL, 2);
	link_takes((unsigned)-1);
	assert_not_logged("grant.ignored");
	passes(60000);
	rows_wait(id, ANSWERS_MAX - 1);
	grant_by("evil.test", DOMAIN, GRANT_ALL, 2);
	link_takes((unsigned)-1);
	assert_logged("grant.ignored");
}

static void
behind_1024_actions_no_client_is_asked_what_it_is(void **state)
{
	const char *id = device_id("Desk phone");
	unsigned spare, i, before;

	(void)state;
	for (spare = 0; spare <= 2; spare++) {
		rows_wait(id, ANSWERS_MAX - spare);
		before = iq_count(ACTION_INFO_GET);
		for (i = 0; i < 3; i++)
			says(numbered(DESK "/r", 3 * spare + i, ""), "on");
		link_takes((unsigned)-1);
		assert_int_equal(iq_count(ACTION_INFO_GET), before + spare);
	}
}

/* Devices */

static void
a_device_has_at_most_16_resources(void **state)
{
	size_t others = stats().resources - 1;
	unsigned i;

	(void)state;
	for (i = 1; i <= DEVICE_RESOURCES_MAX + 2; i++) {
		assert_int_equal(stats().resources, others + (i < DEVICE_RESOURCES_MAX ? i : DEVICE_RESOURCES_MAX));
		says(numbered(DESK "/r", i, ""), "on");
	}
}

static void
the_group_links_as_many_as_there_is_room_for(void **state)
{
	unsigned i;

	(void)state;
	forget_sent();
	for (i = 0; i < USER_DEVICES_MAX + 2; i++)
		roster_has(ALICE, numbered("d", i, "@work.test"), SUBSCRIPTION_NONE, "Devices");
	passes(120000);
	/* The laptop and the desk phone are there already. */
	assert_int_equal(presences_sent(PRESENCE_SUBSCRIBE, NULL), USER_DEVICES_MAX - 2);
	assert_int_equal(stats().devices, USER_DEVICES_MAX);
}

static const char *
label_of(size_t bytes)
{
	char text[LABEL_BYTES_MAX + 8];

	memset(text, 'l', sizeof(text));
	text[bytes] = '\0';
	return kept(text);
}

static void
a_name_has_at_most_64_bytes(void **state)
{
	static const char *const accounts[] = {"a@work.test", "b@work.test", "c@work.test"};
	size_t i, bytes, is;

	(void)state;
	for (i = 0; i < 3; i++) {
		bytes = LABEL_BYTES_MAX - 1 + i;
		is = bytes < LABEL_BYTES_MAX ? bytes : LABEL_BYTES_MAX;
		links(accounts[i], label_of(bytes));
		assert_int_equal(strlen(registry_device(ALICE, accounts[i])->label), is);
		runs(ALICE "/laptop", "edit", "device", device_id("Desk phone"), "label", label_of(bytes), NULL);
		succeeds();
		assert_int_equal(strlen(registry_device(ALICE, DESK)->label), is);
		runs(ALICE "/laptop", "edit", "device", registry_device(ALICE, DESK)->id, "label", "Desk phone", NULL);
		succeeds();
	}
}

static void
status_texts_of_an_item_have_8192_bytes_together(void **state)
{
	char text[STATUS_BYTES_MAX + 1];
	const char *last;
	unsigned i;

	(void)state;
	memset(text, 't', STATUS_BYTES_MAX);
	text[STATUS_BYTES_MAX] = '\0';
	runs(ALICE "/laptop", "edit", "device", device_id("Desk phone"), "status-text", "1", NULL);
	for (i = 0; i < ITEM_STATUS_BYTES_MAX / STATUS_BYTES_MAX - 1; i++)
		says_text(numbered(DESK "/r", i, ""), "away", kept(text));
	last = kept(text);
	for (i = 0; i < 3; i++) {
		text[STATUS_BYTES_MAX - 1] = '\0';
		says_text(DESK "/last", "away", i == 0 ? kept(text) : last);
		says_text(ALICE "/laptop", "away", i == 2 ? "m" : NULL);
		passes(10000);
		/* The desk phone says most. */
		if (i < 2)
			assert_non_null(strstr(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "ttt"));
		else
			assert_null(strstr(state_in(last_published(ALICE, NODE_DEVICES), "Desk phone"), "ttt"));
		assert_shows("laptop", i == 2 ? "away(m)" : "away");
	}
}

/*
 * A full registry has kept what made room for others: the end of a link, and a client that was edited to be shown to all.
 * All places are taken, and the program starts all the same.
 */
static void
holds(const char *jid, const char *resource, const char *id, enum link_state state)
{
	const struct device_record d = { .primary = ALICE,
		.jid = jid,
		.resource = resource,
		.id = id,
		.label = "x",
		.state = state,
		.generation = 1,
		.visibility = VISIBLE_CONTACTS };

	registry_holds_device(&d);
}

/* The rows come in this order: so many links, or one less where one of each is not theirs, are before the lost ones. */
static void
starts_with_rows_too_many(unsigned before_ended, unsigned before_old)
{
	char jid[32], id[8];
	unsigned i;

	for (i = 0; i < USER_DEVICES_MAX; i++) {
		if (i == before_ended)
			holds("ended@work.test", NULL, "zzzzz1", LINK_REVOKED);
		if (i == before_old)
			holds(ALICE, "old", "zzzzz2", LINK_ACTIVE);
		snprintf(jid, sizeof(jid), "x%u@work.test", i);
		snprintf(id, sizeof(id), "yyyy%02u", i);
		if (i + 1 < USER_DEVICES_MAX)
			holds(jid, NULL, id, LINK_REQUESTED);
	}
	assert_int_equal(registry_devices(), USER_DEVICES_MAX + 2);
	restart();
	link_up();
	grant(GRANT_ALL);
	passes(1000);
	assert_int_equal(registry_devices(), USER_DEVICES_MAX);
	assert_null(registry_device(ALICE, "ended@work.test"));
	assert_non_null(registry_device(ALICE, "x30@work.test"));
}

static void
rows_whose_deletion_was_lost_keep_nobody_from_starting(void **state)
{
	(void)state;
	starts_with_rows_too_many(USER_DEVICES_MAX - 1, USER_DEVICES_MAX - 1);
}

static void
wherever_they_come_among_the_others(void **state)
{
	(void)state;
	starts_with_rows_too_many(USER_DEVICES_MAX - 1, 0);
}

static void
before_all_others_as_well(void **state)
{
	(void)state;
	starts_with_rows_too_many(0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_session_lives_for_ten_minutes),
		TEST_LINKED(there_are_256_sessions_in_all),
		TEST_LINKED(behind_1024_writes_no_command_is_taken),
		TEST_LINKED(a_request_waits_for_its_answer_for_ten_seconds),
		TEST_LINKED(behind_1024_actions_there_is_no_line),
		TEST_LINKED(behind_1024_actions_no_client_is_asked_what_it_is),
		TEST_LINKED(a_device_has_at_most_16_resources),
		TEST_LINKED(the_group_links_as_many_as_there_is_room_for),
		TEST_LINKED(a_name_has_at_most_64_bytes),
		TEST_LINKED(status_texts_of_an_item_have_8192_bytes_together),
		TEST_LINKED(rows_whose_deletion_was_lost_keep_nobody_from_starting),
		TEST_LINKED(wherever_they_come_among_the_others),
		TEST_LINKED(before_all_others_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
