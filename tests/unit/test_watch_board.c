/* watch: the published item, and what is known of contacts and devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "watch/item.h"
#include "watch/stamp.h"
#include "watch_fixture.h"

#define NOW 1795390000 /* 2026-11-22T23:26:40Z */

static void
an_item_is_read_whole(void **state)
{
	struct board_set *set = set_of(alices_devices);
	const struct board_device *d;

	(void)state;
	assert_true(set->updated == 1795388940);
	assert_true(set->expires == 1795388940 + 86400);
	assert_int_equal(set->ndevices, 3);
	/* Sorted by label. */
	d = &set->devices[0];
	assert_string_equal(d->id, "k3v9");
	assert_string_equal(d->label, "Desk phone");
	assert_string_equal(d->kind, "fixed");
	assert_true(d->preferred);
	assert_false(d->stale);
	assert_true(d->since == 1795388710);
	assert_int_equal(d->nresources, 1);
	assert_string_equal(d->resources[0].id, "r1");
	assert_int_equal(d->resources[0].show, STATE_DND);
	assert_string_equal(d->resources[0].status, "On the phone");
	assert_true(d->resources[0].idle == 1795388460);
	d = &set->devices[1];
	assert_string_equal(d->label, "Laptop");
	assert_true(d->stale);
	assert_int_equal(d->resources[0].show, STATE_AVAILABLE);
	assert_null(d->resources[0].status);
	assert_true(d->resources[0].idle == STAMP_NONE);
	assert_string_equal(set->devices[2].label, "Mobile");
	assert_int_equal(set->devices[2].nresources, 0);
	board_set_free(set);
}

static void
what_is_unknown_in_an_item_is_ignored(void **state)
{
	struct board_set *set = set_of(
	    "<devices " PAYLOAD_NS " colour='blue'> text <new/>"
	    "<device xmlns='other' id='no' kind='fixed'/>"
	    "<device id='a' kind='toaster' x='1' preferred='maybe' stale='1'><label>A</label>"
	    "<resource id='r'><show>busy</show><status> </status><mood xmlns='m'/></resource></device>"
	    "<device kind='fixed'><label>without an id</label></device>"
	    "<device id='a' kind='fixed'><label>the same again</label></device>"
	    "<device id='b'/></devices>");

	(void)state;
	assert_int_equal(set->ndevices, 2);
	assert_string_equal(set->devices[0].kind, "other");
	assert_false(set->devices[0].preferred);
	assert_true(set->devices[0].stale);
	assert_int_equal(set->devices[0].resources[0].show, STATE_AVAILABLE);
	assert_null(set->devices[0].resources[0].status);
	assert_string_equal(set->devices[1].label, "b");
	assert_true(set->expires == STAMP_NONE);
	assert_false(board_set_expired(set, NOW));
	board_set_free(set);
}

static void
the_users_language_wins(void **state)
{
	static const char payload[] = "<devices " PAYLOAD_NS "><device id='a'>"
				      "<label xml:lang='fr'>T\xC3\xA9l\xC3\xA9phone</label><label>Phone</label>"
				      "<label xml:lang='de-CH'>Telefon</label></device></devices>";
	static const struct {
		const char *lang, *label;
	} cases[] = { {"de", "Telefon"}, {"en", "Phone"}, {NULL, "Phone"}, {"fr", "T\xC3\xA9l\xC3\xA9phone"},
		{"d", "Phone"} };
	void *iq = answer_of("a@b", "i", BOARD_NODE, payload);
	struct board_set *set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(item_parse(&stanza_tree, iq, BOARD_NODE, cases[i].lang, &set), 0);
		assert_string_equal(set->devices[0].label, cases[i].label);
		board_set_free(set);
	}
	stanza_free(iq);
}

static void
text_of_an_item_is_cleaned(void **state)
{
	struct board_set *set = set_of("<devices " PAYLOAD_NS "><device id='\033[1m'>"
				       "<label>\033]0;x\a Lap\ntop</label>"
				       "<resource id='r'><status>\xE2\x80\xAE one\xE2\x80\xA8two</status></resource>"
				       "</device></devices>");

	(void)state;
	assert_string_equal(set->devices[0].id, "\xEF\xBF\xBD[1m");
	assert_string_equal(set->devices[0].label, "\xEF\xBF\xBD]0;x\xEF\xBF\xBD Lap top");
	assert_string_equal(set->devices[0].resources[0].status, "one two");
	board_set_free(set);
}

static void
an_item_is_bounded(void **state)
{
	struct buf b = {0};
	struct board_set *set;
	int i, k;

	(void)state;
	buf_puts(&b, "<devices " PAYLOAD_NS ">");
	for (i = 0; i < BOARD_DEVICES_MAX + 10; i++) {
		buf_printf(&b, "<device id='%d'><label>", i);
		for (k = 0; k < 100; k++)
			buf_puts(&b, "label");
		buf_puts(&b, "</label>");
		for (k = 0; k < BOARD_RESOURCES_MAX + 10; k++)
			buf_puts(&b, "<resource id='r'/>");
		buf_puts(&b, "</device>");
	}
	buf_puts(&b, "</devices>");
	set = set_of(buf_text(&b));
	assert_int_equal(set->ndevices, BOARD_DEVICES_MAX);
	assert_int_equal(set->devices[0].nresources, BOARD_RESOURCES_MAX);
	assert_int_equal(strlen(set->devices[0].label), BOARD_LABEL_MAX);
	board_set_free(set);
	buf_clear(&b);
}

static void
only_an_answer_for_the_node_is_an_answer(void **state)
{
	static const char *const bad[] = {
		"<iq/>",
		"<iq><pubsub xmlns='x'/></iq>",
		"<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>",
		"<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><items/></pubsub></iq>",
		"<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub></iq>",
	};
	static const char *const empty[] = {
		"",
		"<item id='current'/>",
		"<item id='current'><devices xmlns='x'/></item>",
	};
	struct board_set *set;
	char xml[400];
	size_t i;
	void *iq;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		iq = stanza_of(bad[i]);
		assert_int_equal(item_parse(&stanza_tree, iq, BOARD_NODE, NULL, &set), ERR_INVALID);
		assert_null(set);
		stanza_free(iq);
	}
	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		snprintf(xml, sizeof(xml),
		    "<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
		    "<items node='%s'>%s</items></pubsub></iq>",
		    BOARD_NODE, empty[i]);
		iq = stanza_of(xml);
		assert_int_equal(item_parse(&stanza_tree, iq, BOARD_NODE, NULL, &set), 0);
		assert_null(set);
		stanza_free(iq);
	}
}

static void
the_current_item_is_the_one(void **state)
{
	void *iq = stanza_of("<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='" BOARD_NODE
			     "'><item id='old'><devices " PAYLOAD_NS "><device id='o'/></devices></item>"
			     "<item id='current'><devices " PAYLOAD_NS "><device id='c'/></devices></item>"
			     "</items></pubsub></iq>");
	struct board_set *set;

	(void)state;
	assert_int_equal(item_parse(&stanza_tree, iq, BOARD_NODE, NULL, &set), 0);
	assert_string_equal(set->devices[0].id, "c");
	board_set_free(set);
	stanza_free(iq);
}

static void
an_item_without_memory_is_none(void **state)
{
	void *iq = answer_of("a@b", "i", BOARD_NODE, alices_devices);
	unsigned long n, total;
	struct board_set *set;
	int status;

	(void)state;
	mem_fail_at(0);
	assert_int_equal(item_parse(&stanza_tree, iq, BOARD_NODE, "en", &set), 0);
	board_set_free(set);
	total = mem_fail_at(0);
	for (n = 1; n <= total; n++) {
		mem_fail_at(n);
		status = item_parse(&stanza_tree, iq, BOARD_NODE, "en", &set);
		mem_fail_at(0);
		assert_int_equal(status, ERR_NOMEM);
		assert_null(set);
	}
	stanza_free(iq);
}

static enum board_state
state_of(const char *resources, const char *expires)
{
	enum board_state state;
	struct board_set *set;
	char xml[800];

	snprintf(xml, sizeof(xml), "<devices " PAYLOAD_NS "%s><device id='a'>%s</device></devices>", expires,
	    resources);
	set = set_of(xml);
	state = board_device_state(set, &set->devices[0], NOW);
	board_set_free(set);
	return state;
}

#define R(show) "<resource id='r'><show>" show "</show></resource>"

static void
a_devices_state_is_that_of_its_best_resource(void **state)
{
	(void)state;
	assert_int_equal(state_of("", ""), STATE_UNAVAILABLE);
	assert_int_equal(state_of("<resource id='r'/>", ""), STATE_AVAILABLE);
	assert_int_equal(state_of(R("dnd"), ""), STATE_DND);
	assert_int_equal(state_of(R("dnd") R("xa"), ""), STATE_XA);
	assert_int_equal(state_of(R("xa") R("away") R("dnd"), ""), STATE_AWAY);
	assert_int_equal(state_of(R("away") "<resource id='r'/>", ""), STATE_AVAILABLE);
	assert_int_equal(state_of("<resource id='r'/>" R("chat"), ""), STATE_CHAT);
}

/* Nobody has heard of it yet: that is not to be unavailable. */
static void
a_stale_device_without_a_resource_reads_unknown(void **state)
{
	struct board_set *set = set_of("<devices " PAYLOAD_NS "><device id='a' stale='true'/>"
				       "<device id='b' stale='true'><resource id='r'/></device>"
				       "<device id='c' stale='false'/></devices>");

	(void)state;
	assert_int_equal(board_device_state(set, &set->devices[0], NOW), STATE_UNKNOWN);
	assert_int_equal(board_device_state(set, &set->devices[1], NOW), STATE_AVAILABLE);
	assert_int_equal(board_device_state(set, &set->devices[2], NOW), STATE_UNAVAILABLE);
	board_set_free(set);
}

static void
an_expired_item_reads_unknown(void **state)
{
	(void)state;
	assert_int_equal(state_of(R("chat"), " expires='2026-11-22T23:26:41Z'"), STATE_CHAT);
	assert_int_equal(state_of(R("chat"), " expires='2026-11-22T23:26:40Z'"), STATE_UNKNOWN);
	assert_int_equal(state_of("", " expires='2020-01-01T00:00:00Z'"), STATE_UNKNOWN);
	assert_int_equal(state_of(R("chat"), " expires='tomorrow'"), STATE_UNKNOWN);
}

static void
every_state_has_a_word(void **state)
{
	(void)state;
	assert_string_equal(board_state_text(STATE_CHAT), "chat");
	assert_string_equal(board_state_text(STATE_AVAILABLE), "available");
	assert_string_equal(board_state_text(STATE_AWAY), "away");
	assert_string_equal(board_state_text(STATE_XA), "xa");
	assert_string_equal(board_state_text(STATE_DND), "dnd");
	assert_string_equal(board_state_text(STATE_UNAVAILABLE), "unavailable");
	assert_string_equal(board_state_text(STATE_UNKNOWN), "unknown");
}

static void
the_owner_sees_the_private_set_while_it_holds_something(void **state)
{
	struct board b = {0};
	struct board_contact *c;

	(void)state;
	board_roster_begin(&b);
	assert_int_equal(board_roster_item(&b, "me@home.test", NULL, true), 0);
	c = board_find(&b, "ME@home.test");
	assert_non_null(c);
	assert_null(board_shown(c, NOW));
	board_answer(&b, c, SOURCE_CONTACTS, set_of(alices_devices), NULL);
	assert_int_equal(board_shown(c, NOW)->ndevices, 3);
	board_answer(&b, c, SOURCE_PRIVATE, set_of("<devices " PAYLOAD_NS "/>"), NULL);
	assert_int_equal(board_shown(c, NOW)->ndevices, 3);
	board_answer(&b, c, SOURCE_PRIVATE,
	    set_of("<devices " PAYLOAD_NS " expires='2026-11-23T00:00:00Z'><device id='a'/></devices>"), NULL);
	assert_int_equal(board_shown(c, NOW)->ndevices, 1);
	assert_int_equal(board_shown(c, NOW + 3600)->ndevices, 3); /* expired by then */
	board_clear(&b);
	board_clear(NULL);
	board_set_free(NULL);
}

static void
an_unanswered_question_leaves_what_was_known(void **state)
{
	struct board b = {0};
	struct board_contact *c = contact_with(&b, "alice@home.test", NULL, alices_devices);

	(void)state;
	board_unanswered(&b, c, SOURCE_CONTACTS, "no answer\033");
	assert_int_equal(board_shown(c, NOW)->ndevices, 3);
	assert_string_equal(board_problem(c), "no answer\xEF\xBF\xBD");
	board_answer(&b, c, SOURCE_CONTACTS, NULL, NULL);
	assert_null(board_shown(c, NOW));
	assert_null(board_problem(c));
	board_clear(&b);
}

static size_t gone;

static void
on_gone(struct board_contact *c, void *arg)
{
	assert_string_equal(c->address, arg);
	gone++;
}

static void
the_roster_is_kept_in_order(void **state)
{
	static char bob[] = "bob@home.test";
	struct board b = {0};
	unsigned long change;

	(void)state;
	board_roster_begin(&b);
	assert_int_equal(board_roster_item(&b, "carol@home.test", NULL, false), 0);
	assert_int_equal(board_roster_item(&b, bob, "  Zo\n", false), 0);
	assert_int_equal(board_roster_item(&b, "alice@home.test", " ", false), 0);
	assert_int_equal(board_roster_item(&b, "me@home.test", NULL, true), 0);
	board_roster_end(&b, on_gone, NULL);
	assert_int_equal(b.ncontacts, 4);
	assert_string_equal(b.contacts[0]->address, "me@home.test");
	assert_string_equal(b.contacts[1]->address, "alice@home.test");
	assert_null(b.contacts[1]->name);
	assert_string_equal(b.contacts[2]->address, "carol@home.test");
	assert_string_equal(b.contacts[3]->name, "Zo");
	/* The same again is no change; a new name moves, who is missing goes. */
	change = b.change;
	board_roster_begin(&b);
	assert_int_equal(board_roster_item(&b, "me@home.test", NULL, true), 0);
	assert_int_equal(board_roster_item(&b, "Alice@home.test", NULL, false), 0);
	assert_int_equal(b.change, change);
	assert_int_equal(board_roster_item(&b, "carol@home.test", "Aa", false), 0);
	board_roster_end(&b, on_gone, bob);
	assert_int_equal(gone, 1);
	assert_int_equal(b.ncontacts, 3);
	assert_string_equal(b.contacts[1]->address, "carol@home.test");
	assert_string_equal(b.contacts[2]->address, "alice@home.test");
	assert_null(board_find(&b, bob));
	board_clear(&b);
}

static void
contacts_whose_addresses_begin_alike_are_two(void **state)
{
	static const char *const addresses[] = { "bob@home.test.evil.example", "bob@home.test", "bob@home.tes",
		"bob@home.test/desk" };
	struct board b = {0};
	size_t i;

	(void)state;
	board_roster_begin(&b);
	for (i = 0; i < 4; i++)
		assert_int_equal(board_roster_item(&b, addresses[i], NULL, false), 0);
	assert_int_equal(b.ncontacts, 4);
	for (i = 0; i < 4; i++)
		assert_string_equal(board_find(&b, addresses[i])->address, addresses[i]);
	assert_null(board_find(&b, "bob@home"));
	assert_null(board_find(&b, "bob@home.test.evil"));
	board_clear(&b);
}

static void
the_roster_is_bounded(void **state)
{
	struct board b = {0};
	char address[64], long_address[BOARD_ADDRESS_MAX + 2];
	int i;

	(void)state;
	for (i = 0; i < BOARD_CONTACTS_MAX; i++) {
		snprintf(address, sizeof(address), "%05d@home.test", i);
		assert_int_equal(board_roster_item(&b, address, NULL, false), 0);
	}
	assert_int_equal(board_roster_item(&b, "one@more", NULL, false), ERR_LIMIT);
	memset(long_address, 'a', sizeof(long_address) - 1);
	long_address[sizeof(long_address) - 1] = '\0';
	assert_int_equal(board_roster_item(&b, long_address, NULL, false), ERR_LIMIT);
	board_clear(&b);
}

static void
a_contact_without_memory_is_none(void **state)
{
	struct board b = {0};
	unsigned long n;
	int status;

	(void)state;
	for (n = 1;; n++) {
		mem_fail_at(n);
		status = board_roster_item(&b, "alice@home.test", "Alice", false);
		mem_fail_at(0);
		if (status == 0)
			break;
		assert_int_equal(status, ERR_NOMEM);
		assert_int_equal(b.ncontacts, 0);
	}
	assert_true(n > 3);
	board_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_is_read_whole),
		cmocka_unit_test(what_is_unknown_in_an_item_is_ignored),
		cmocka_unit_test(the_users_language_wins),
		cmocka_unit_test(text_of_an_item_is_cleaned),
		cmocka_unit_test(an_item_is_bounded),
		cmocka_unit_test(only_an_answer_for_the_node_is_an_answer),
		cmocka_unit_test(the_current_item_is_the_one),
		cmocka_unit_test(an_item_without_memory_is_none),
		cmocka_unit_test(a_devices_state_is_that_of_its_best_resource),
		cmocka_unit_test(a_stale_device_without_a_resource_reads_unknown),
		cmocka_unit_test(an_expired_item_reads_unknown),
		cmocka_unit_test(every_state_has_a_word),
		cmocka_unit_test(the_owner_sees_the_private_set_while_it_holds_something),
		cmocka_unit_test(an_unanswered_question_leaves_what_was_known),
		cmocka_unit_test(the_roster_is_kept_in_order),
		cmocka_unit_test(contacts_whose_addresses_begin_alike_are_two),
		cmocka_unit_test(the_roster_is_bounded),
		cmocka_unit_test(a_contact_without_memory_is_none),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
