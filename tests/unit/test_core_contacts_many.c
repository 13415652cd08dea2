/* Contacts by the thousand: at their bounds, in little time, and when they have gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/outlets/unsubscribe.h"
#include "core_fixture.h"

#define GRANT_EVERYTHING (GRANT_ALL | GRANT_PRESENCE_ROSTER)

static void
on_ejabberd(void)
{
	server.name = "ejabberd";
	has_a_desk_phone(GRANT_EVERYTHING);
}

/* Bounds */

static void
no_more_contacts_than_there_is_room_for(void **state)
{
	uint64_t before;

	(void)state;
	roster_portions(256);
	on_ejabberd();
	roster_has_many(ALICE, USER_CONTACTS_MAX);
	before = stats().events_sent;
	passes(120000);
	assert_int_equal(stats().events_sent - before, USER_CONTACTS_MAX);
	assert_not_logged("contacts.left_out");
	/* who is a contact already comes first */
	roster_has(ALICE, "a@home.test", SUBSCRIPTION_BOTH, NULL);
	forget_sent();
	passes(61000);
	assert_int_equal(times_logged("contacts.left_out"), 1);
	assert_told(ALICE, "more contacts");
	assert_false(is_contact("a@home.test"));
	assert_true(is_contact(many(USER_CONTACTS_MAX - 1)));
	runs(ALICE "/laptop", "devices", NULL);
	assert_non_null(strstr(reply.note, "more contacts"));
	passes(300000);
	assert_int_equal(times_logged("contacts.left_out"), 1);
	/* when one goes there is room */
	roster_lacks(ALICE, many(7));
	passes(61000);
	assert_true(is_contact("a@home.test"));
	assert_false(is_contact(many(7)));
	runs(ALICE "/laptop", "devices", NULL);
	assert_null(reply.note);
	roster_has(ALICE, many(7), SUBSCRIPTION_BOTH, NULL);
	passes(61000);
	assert_int_equal(times_logged("contacts.left_out"), 2);
}

/* N contacts whose JIDs are JID_BYTES long in all, the last as long as is needed. */
static void
long_names(struct event *ev, size_t bytes)
{
	static struct roster_item items[USER_CONTACT_BYTES_MAX / 1000 + 3];
	size_t n = 0, len, i;
	char *name;

	for (i = 0; bytes > 0; i++, bytes -= len) {
		len = bytes > 2000 ? 1000 : bytes;
		assert_true(n < sizeof(items) / sizeof(items[0]));
		name = calloc(1, len + 1);
		keep_memory(name);
		memset(name, 'x', len);
		snprintf(name, len, "c%04zu", i);
		name[5] = '@';
		items[n++] = (struct roster_item){.jid = name, .subscription = SUBSCRIPTION_FROM};
	}
	items[n++] = (struct roster_item){.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM};
	ev->answer.roster.items = items;
	ev->answer.roster.nitems = n;
}

static void
names_have_a_bound_of_their_own(void **state)
{
	struct event ev;
	size_t n;

	(void)state;
	for (n = USER_CONTACT_BYTES_MAX - 1; n <= USER_CONTACT_BYTES_MAX + 1; n++) {
		on_ejabberd();
		ev = asked_for_roster();
		long_names(&ev, n);
		feeds(&ev);
		assert_int_equal(times_logged("contacts.left_out"), n > USER_CONTACT_BYTES_MAX);
		core_teardown(state);
		core_setup(state);
	}
}

/* The linker has all comparisons of names come by here. */
static unsigned long compared;

int __real_strcmp(const char *a, const char *b);
int __wrap_strcmp(const char *a, const char *b);

int
__wrap_strcmp(const char *a, const char *b)
{
	compared++;
	return __real_strcmp(a, b);
}

/* How many of them reading EV takes. */
static unsigned long
comparisons(const struct event *ev)
{
	compared = 0;
	link_takes(0);
	assert_int_equal(feeds_status(ev), 0);
	link_takes((unsigned)-1);
	return compared;
}

/* Of N contacts about N log N, for sorting and for finding each; to compare all with all takes 200 million. */
static void
a_large_roster_takes_little_time(void **state)
{
	struct roster_item *items = calloc(20001, sizeof(*items));
	struct event ev;
	size_t i;

	(void)state;
	keep_memory(items);
	on_ejabberd();
	/* from the last to the first, and then as they are */
	for (i = 0; i < 20000; i++)
		items[19999 - i] = (struct roster_item){.jid = kept(many(i)), .subscription = SUBSCRIPTION_BOTH};
	items[20000] = (struct roster_item){.jid = ALICE_BRIDGE, .subscription = SUBSCRIPTION_FROM};
	ev = asked_for_roster();
	ev.answer.roster.items = items;
	ev.answer.roster.nitems = 20001;
	assert_in_range(comparisons(&ev), 20000, 2000000);
	passes(20000);
	ev = asked_for_roster();
	ev.answer.roster.items = items;
	ev.answer.roster.nitems = 20001;
	assert_in_range(comparisons(&ev), 20000, 2000000);
}

/* Who has gone */

static void
many_who_have_gone_are_unsubscribed_a_few_at_a_time(void **state)
{
	struct roster_item back = {.subscription = SUBSCRIPTION_BOTH};
	size_t i;

	(void)state;
	on_ejabberd();
	roster_has_many(ALICE, 1000);
	passes(120000);
	roster_empty();
	reacts(ACTION_UNSUBSCRIBE, HOLDS, -1);
	while (iq_count(ACTION_UNSUBSCRIBE) == 0)
		passes(1000);
	passes(1000);
	assert_in_range(iq_count(ACTION_UNSUBSCRIBE), 1, 8);
	release_first();
	release_first();
	passes(100);
	assert_in_range(iq_count(ACTION_UNSUBSCRIBE), 3, 10);
	/* whoever is back meanwhile stays subscribed */
	for (i = 0; i < 500; i++) {
		back.jid = many(i);
		roster_has(ALICE, many(i), SUBSCRIPTION_BOTH, NULL);
		pushes(&back);
	}
	released();
	passes(15000);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 500);
}

/* However fast the server answers: it makes a write of each, and two messages. */
static void
fifty_in_a_second_at_one_host(void **state)
{
	unsigned before, i;

	(void)state;
	on_ejabberd();
	roster_has_many(ALICE, 3000);
	user_is(BOB);
	roster_has_many(BOB, 3000);
	enrols(BOB);
	approves(BOB);
	says(BOB "/x", "on");
	passes(120000);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 0);
	roster_empty();
	while (iq_count(ACTION_UNSUBSCRIBE) == 0)
		passes(100);
	for (i = 0; i < 50; i++) {
		before = iq_count(ACTION_UNSUBSCRIBE);
		passes(1000);
		assert_in_range(iq_count(ACTION_UNSUBSCRIBE) - before, 40, 51);
	}
	passes(130000);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 6000);
}

static void
without_answers_or_a_link_they_are_unsubscribed_all_the_same(void **state)
{
	(void)state;
	on_ejabberd();
	roster_has_many(ALICE, 100);
	passes(120000);
	roster_empty();
	reacts(ACTION_UNSUBSCRIBE, SILENCE, 8);
	passes(61000);
	link_down();
	link_up();
	grant(GRANT_EVERYTHING);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "on");
	passes(180000);
	assert_int_equal(iq_count(ACTION_UNSUBSCRIBE), 100);
	assert_int_equal(stats().queries, 0);
}

/* What waits to be unsubscribed is bounded as contacts are: their names together. */
static void
who_has_gone_is_kept_within_the_same_bound(void **state)
{
	static struct host host = {.granted = true};
	static struct user u = {.host = &host};
	struct contact *k;
	unsigned i;

	(void)state;
	host.grant.iq_pubsub = host.grant.iq_owner = MAY_GET | MAY_SET;
	u.pep.setup[NODE_PUBLIC] = SETUP_SILENT;
	for (i = 0; i < 2 * USER_CONTACT_BYTES_MAX / 1000; i++) {
		k = mem_alloc(sizeof(*k) + 1001);
		assert_non_null(k);
		memset(k->jid, 'x', 1000);
		k->user = &u;
		unsubscribe_later(k);
	}
	assert_int_equal(u.nparted, USER_CONTACT_BYTES_MAX / 1000);
	unsubscribe_clear(&u);
	assert_int_equal(u.parted_bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_more_contacts_than_there_is_room_for),
		TEST(names_have_a_bound_of_their_own),
		TEST(who_has_gone_is_kept_within_the_same_bound),
		TEST(a_large_roster_takes_little_time),
		TEST(many_who_have_gone_are_unsubscribed_a_few_at_a_time),
		TEST(fifty_in_a_second_at_one_host),
		TEST(without_answers_or_a_link_they_are_unsubscribed_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
