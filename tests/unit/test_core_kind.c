/* What kind a device is: what its user says, what its clients say of themselves, and which goes before. */
#include <stdio.h>

#include "core_fixture.h"

static struct event
identity(const struct iq *iq, const char *type)
{
	struct event ev = answer_to(iq, COND_NONE);

	ev.answer.payload = PAYLOAD_INFO;
	ev.answer.category = "client";
	ev.answer.type = type;
	return ev;
}

static void
a_guess_does_not_replace_what_the_user_said(void **state)
{
	struct event ev;
	const char *id;

	(void)state;
	reacts(ACTION_INFO_GET, HOLDS, -1);
	says(DESK "/softphone", "on");
	ev = identity(iq_last(ACTION_INFO_GET), "phone");
	behaves();
	id = device_id("Desk phone");
	runs(ALICE "/laptop", "edit", "device", id, "kind", "fixed", NULL);
	succeeds();
	feeds(&ev);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_FIXED);
}

static void
other_is_a_kind_that_can_be_said(void **state)
{
	struct event ev;

	(void)state;
	reacts(ACTION_INFO_GET, HOLDS, -1);
	says(DESK "/softphone", "on");
	ev = identity(iq_last(ACTION_INFO_GET), "phone");
	behaves();
	runs(ALICE "/laptop", "edit", "device", device_id("Desk phone"), "kind", "other", NULL);
	succeeds();
	feeds(&ev);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_OTHER);
	assert_true(registry_device(ALICE, DESK)->kind_given);
}

static void
a_guess_does_not_replace_what_the_registry_is_writing(void **state)
{
	struct event ev;
	const char *id = device_id("Desk phone");

	(void)state;
	reacts(ACTION_INFO_GET, HOLDS, -1);
	says(DESK "/softphone", "on");
	ev = identity(iq_last(ACTION_INFO_GET), "phone");
	behaves();
	registry_is(REGISTRY_WAITS);
	runs(ALICE "/laptop", "edit", "device", id, "kind", "fixed", NULL);
	feeds(&ev);
	registry_is(REGISTRY_WORKS);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_FIXED);
	assert_true(registry_device(ALICE, DESK)->kind_given);
}

static void
the_first_client_of_a_linked_account_says_its_kind(void **state)
{
	struct event first, second;

	(void)state;
	reacts(ACTION_INFO_GET, HOLDS, -1);
	says(DESK "/one", "on");
	first = identity(iq_last(ACTION_INFO_GET), "pc");
	says(DESK "/two", "on");
	second = identity(iq_last(ACTION_INFO_GET), "phone");
	behaves();
	feeds(&first);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_COMPUTER);
	feeds(&second);
	assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_COMPUTER);
}

static void
what_is_no_client_has_no_kind(void **state)
{
	static const struct {
		const char *category, *type;
	} bad[] = { {NULL, "pc"}, {"client", NULL}, {"gateway", "pc"}, {"client", "toaster"} };
	struct event ev;
	char full[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		reacts(ACTION_INFO_GET, HOLDS, -1);
		snprintf(full, sizeof(full), DESK "/r%zu", i);
		says(full, "on");
		ev = identity(iq_last(ACTION_INFO_GET), bad[i].type);
		ev.answer.category = bad[i].category;
		behaves();
		feeds(&ev);
		assert_int_equal(registry_device(ALICE, DESK)->kind, KIND_OTHER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_LINKED(a_guess_does_not_replace_what_the_user_said),
		TEST_LINKED(other_is_a_kind_that_can_be_said),
		TEST_LINKED(a_guess_does_not_replace_what_the_registry_is_writing),
		TEST_LINKED(the_first_client_of_a_linked_account_says_its_kind),
		TEST_LINKED(what_is_no_client_has_no_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
