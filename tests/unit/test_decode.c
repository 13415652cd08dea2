#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "decode_fixture.h"
#include "wire_fixture.h"

/* ---- presence ---- */

static void
a_forwarded_presence_with_caps_is_read(void **state)
{
	(void)state;
	means(EVENT_PRESENCE,
	    "<presence from='alice@home.test/a' xml:lang='en' "
	    "to='presence.home.test' id='p1'>"
	    "<status>initial</status><c node='urn:x-lab:client' ver='x' hash='sha-1' "
	    "xmlns='http://jabber.org/protocol/caps'/></presence>");
	is_from("alice@home.test", "a");
	is(ev.to.bare, "presence.home.test");
	is(ev.to.resource, NULL);
	assert_int_equal(ev.presence.type, PRESENCE_AVAILABLE);
	assert_int_equal(ev.presence.show, SHOW_NONE);
	assert_int_equal(ev.presence.priority, 0);
	is(ev.presence.status, "initial");
	is(ev.presence.lang, "en");
	assert_int_equal(ev.presence.idle_since_ms, 0);
}

static void
show_status_priority_and_idle_are_read(void **state)
{
	(void)state;
	means(EVENT_PRESENCE,
	    "<presence id='p1' " FROM_ALICE "><show>dnd</show>"
	    "<status xml:lang='de-CH'>Am Telefon</status>"
	    "<status xml:lang='en'>On the phone</status><priority>-5</priority>"
	    "<idle xmlns='urn:xmpp:idle:1' since='2026-11-22T23:09:00Z'/></presence>");
	assert_int_equal(ev.presence.show, SHOW_DND);
	is(ev.presence.status, "Am Telefon");
	is(ev.presence.lang, "de-CH");
	is(ev.presence.id, "p1");
	assert_int_equal(ev.presence.priority, -5);
	assert_int_equal(ev.presence.idle_since_ms, INT64_C(1795388940000));
}

static void
every_type_of_presence_is_known(void **state)
{
	static const struct {
		const char *name;
		enum presence_type type;
	} types[] = { {"unavailable", PRESENCE_UNAVAILABLE}, {"subscribe", PRESENCE_SUBSCRIBE},
		{"subscribed", PRESENCE_SUBSCRIBED}, {"unsubscribe", PRESENCE_UNSUBSCRIBE},
		{"unsubscribed", PRESENCE_UNSUBSCRIBED}, {"probe", PRESENCE_PROBE}, {"error", PRESENCE_ERROR} };
	char stanza[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(stanza, sizeof(stanza), "<presence " FROM_ALICE " type='%s'/>", types[i].name);
		means(EVENT_PRESENCE, stanza);
		assert_int_equal(ev.presence.type, types[i].type);
	}
	means_nothing("<presence " FROM_ALICE " type='available'/>");
	means_nothing("<presence " FROM_ALICE " type=''/>");
	means_nothing("<presence " FROM_ALICE " type='Unavailable'/>");
}

static void
a_presence_error_tells_its_condition(void **state)
{
	(void)state;
	means(EVENT_PRESENCE,
	    "<presence type='error' from='alice@work.test' "
	    "to='a@presence.home.test'>"
	    "<error type='wait'><remote-server-timeout "
	    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
	    "<not-connected xmlns='xmpp:prosody.im/protocol/component'/></error></presence>");
	assert_int_equal(ev.presence.error, COND_REMOTE_SERVER_TIMEOUT);
	means(EVENT_PRESENCE,
	    "<presence type='error' from='alice@work.test' "
	    "to='a@presence.home.test'/>");
	assert_int_equal(ev.presence.error, COND_UNDEFINED);
}

static void
addresses_are_prepared(void **state)
{
	(void)state;
	means(EVENT_PRESENCE, "<presence from='ALICE@Home.TEST/A' to='UPPER@presence.home.test'/>");
	is_from("alice@home.test", "A");
	is(ev.to.bare, "upper@presence.home.test");
	means(EVENT_PRESENCE,
	    "<presence from='a\xef\xbc\xa1@home.test/x' "
	    "to='presence.home.test.'/>");
	is_from("aa@home.test", "x");
	is(ev.to.bare, "presence.home.test");
}

static void
a_bad_address_drops_the_stanza(void **state)
{
	static const char *const bad[] = { "", "@home.test", "alice@", "alice@home.test/", "a@b@c", "a b@home.test",
		"alice@home..test", "/a", "a\xe2\x80\xa8@" /* no domain */, "&lt;@home.test" };
	char stanza[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(stanza, sizeof(stanza), "<presence from='%s' to='presence.home.test'/>", bad[i]);
		means_nothing(stanza);
		snprintf(stanza, sizeof(stanza), "<presence to='%s' from='alice@home.test'/>", bad[i]);
		means_nothing(stanza);
		snprintf(stanza, sizeof(stanza),
		    "<iq type='get' id='1' from='%s' "
		    "to='presence.home.test'><ping xmlns='urn:xmpp:ping'/></iq>",
		    bad[i]);
		means_nothing(stanza);
	}
	means_nothing("<presence to='presence.home.test'/>");
	means_nothing("<presence from='alice@home.test'/>");
	means_nothing("<message from='alice@home.test'><body>yes</body></message>");
	means_nothing("<iq type='result' id='q1' from='alice@home.test'/>");
}

static void
a_prefixed_attribute_never_stands_for_the_plain_one(void **state)
{
	(void)state;
	means_nothing("<presence xmlns:x='urn:x' x:from='alice@home.test' "
		      "to='presence.home.test'/>");
	means(EVENT_PRESENCE,
	    "<presence xmlns:x='jabber:component:accept' "
	    "x:from='bob@home.test' x:type='unavailable' " FROM_ALICE "/>");
	is_from("alice@home.test", "a");
	assert_int_equal(ev.presence.type, PRESENCE_AVAILABLE);
}

static void
a_foreign_element_never_stands_for_the_plain_one(void **state)
{
	(void)state;
	means(EVENT_PRESENCE,
	    "<presence " FROM_ALICE "><show xmlns='urn:x'>dnd</show>"
	    "<status xmlns='urn:x'>no</status>"
	    "<priority xmlns='urn:x'>9</priority><idle xmlns='urn:xmpp:idle:0' "
	    "since='2026-11-22T23:09:00Z'/>"
	    "</presence>");
	assert_int_equal(ev.presence.show, SHOW_NONE);
	is(ev.presence.status, NULL);
	assert_int_equal(ev.presence.priority, 0);
	assert_int_equal(ev.presence.idle_since_ms, 0);
	means_nothing("<presence xmlns='jabber:client' " FROM_ALICE "/>");
	means_nothing("<x:presence xmlns:x='urn:x' " FROM_ALICE "/>");
	means_nothing("<handshake " FROM_ALICE "/>");
}

static void
a_word_may_have_blanks_around_it(void **state)
{
	static const struct {
		const char *text;
		enum show show;
	} shows[] = { {" dnd ", SHOW_DND}, {"\n\t\txa\n\t", SHOW_XA}, {"d nd", SHOW_NONE}, {"dnd x", SHOW_NONE},
		{" ", SHOW_NONE}, {"DND", SHOW_NONE}, {"awayawayaway", SHOW_NONE}, {"&#160;dnd", SHOW_NONE},
		{"away", SHOW_AWAY} };
	char stanza[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		snprintf(stanza, sizeof(stanza), "<presence " FROM_ALICE "><show>%s</show></presence>", shows[i].text);
		means(EVENT_PRESENCE, stanza);
		assert_int_equal(ev.presence.show, shows[i].show);
	}
}

static void
what_cannot_be_read_in_a_presence_is_left_out(void **state)
{
	static const struct {
		const char *text;
		int priority;
	} priorities[] = { {"127", 127}, {"128", 127}, {"-128", -128}, {"-129", -128}, {" 3\n", 3},
		{"+4", 4}, {"99999999999999999999", 127}, {"-99999999999999999999", -128}, {"", 0}, {"1x", 0},
		{"-", 0}, {"1.5", 0}, {"0x10", 0} };
	char stanza[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++) {
		snprintf(stanza, sizeof(stanza),
		    "<presence " FROM_ALICE ">"
		    "<priority>%s</priority></presence>",
		    priorities[i].text);
		means(EVENT_PRESENCE, stanza);
		assert_int_equal(ev.presence.priority, priorities[i].priority);
	}
	means(EVENT_PRESENCE,
	    "<presence " FROM_ALICE " xml:lang='de'><show>busy</show>"
	    "<status xml:lang=\"x'y\">s</status>"
	    "<idle xmlns='urn:xmpp:idle:1' since='yesterday'/></presence>");
	assert_int_equal(ev.presence.show, SHOW_NONE);
	is(ev.presence.status, "s");
	is(ev.presence.lang, NULL);
	assert_int_equal(ev.presence.idle_since_ms, 0);
	/* In the year 0, which isn't one. */
	means(EVENT_PRESENCE,
	    "<presence " FROM_ALICE "><idle xmlns='urn:xmpp:idle:1' since='0001-01-01T00:00:00+14:00'/></presence>");
	assert_int_equal(ev.presence.idle_since_ms, 0);
	means(EVENT_PRESENCE, "<presence " FROM_ALICE " xml:lang='de'><status/></presence>");
	is(ev.presence.status, NULL);
	is(ev.presence.lang, NULL);
	means(EVENT_PRESENCE,
	    "<presence " FROM_ALICE " type='unavailable'><show>dnd</show>"
	    "<status>bye</status></presence>");
	assert_int_equal(ev.presence.show, SHOW_NONE);
	is(ev.presence.status, "bye");
}

static void
a_long_status_is_cut_between_two_characters(void **state)
{
	struct buf b = {0};
	size_t i;

	(void)state;
	buf_puts(&b, "<presence " FROM_ALICE "><status>x");
	for (i = 0; i < 1000; i++)
		buf_puts(&b, "\xf0\x9f\x93\x9e");
	buf_puts(&b, "</status></presence>");
	means(EVENT_PRESENCE, buf_text(&b));
	assert_int_equal(strlen(ev.presence.status), 1021);
	assert_memory_equal(ev.presence.status + 1017, "\xf0\x9f\x93\x9e", 4);
	buf_clear(&b);
	buf_puts(&b, "<presence " FROM_ALICE "><status>");
	for (i = 0; i < STATUS_BYTES_MAX; i++)
		buf_putc(&b, 'y');
	buf_puts(&b, "</status></presence>");
	means(EVENT_PRESENCE, buf_text(&b));
	assert_int_equal(strlen(ev.presence.status), STATUS_BYTES_MAX);
	buf_clear(&b);
}

/* ---- privileges ---- */

#define ALL (MAY_GET | MAY_SET)

static void
prosody_0_12_nests_its_namespaces(void **state)
{
	(void)state;
	means(EVENT_GRANT,
	    "<message to='presence.home.test' from='home.test'>"
	    "<privilege xmlns='urn:xmpp:privilege:2'>"
	    "<perm access='roster' type='both'/><perm access='message' type='outgoing'/>"
	    "<perm access='presence' type='managed_entity'/><perm access='iq'>"
	    "<namespace type='both' ns='http://jabber.org/protocol/pubsub'>"
	    "<namespace type='both' ns='http://jabber.org/protocol/pubsub#owner'>"
	    "<namespace type='get' ns='http://jabber.org/protocol/disco#info'/></namespace>"
	    "</namespace></perm>"
	    "</privilege></message>");
	is_from("home.test", NULL);
	assert_int_equal(ev.grant.version, 2);
	assert_int_equal(ev.grant.roster, ALL);
	assert_true(ev.grant.message);
	assert_true(ev.grant.presence);
	assert_false(ev.grant.presence_roster);
	assert_int_equal(ev.grant.iq_pubsub, ALL);
	assert_int_equal(ev.grant.iq_owner, ALL);
	assert_int_equal(ev.grant.iq_blocking, 0);
}

static void
flat_namespaces_are_read_too(void **state)
{
	(void)state;
	means(EVENT_GRANT,
	    "<message to='presence.home.test' from='home.test'>"
	    "<privilege xmlns='urn:xmpp:privilege:2'>"
	    "<perm type='outgoing' access='message'/><perm type='both' access='roster'/>"
	    "<perm access='iq'>"
	    "<namespace type='both' ns='http://jabber.org/protocol/pubsub'/>"
	    "<namespace type='set' ns='http://jabber.org/protocol/pubsub#owner'/>"
	    "<namespace type='get' ns='http://jabber.org/protocol/disco#items'/>"
	    "<namespace type='get' ns='urn:xmpp:blocking'/>"
	    "<namespace type='get' ns='urn:unknown'/></perm>"
	    "<perm type='roster' access='presence'/></privilege></message>");
	assert_int_equal(ev.grant.iq_pubsub, ALL);
	assert_int_equal(ev.grant.iq_owner, MAY_SET);
	assert_int_equal(ev.grant.iq_blocking, MAY_GET);
	assert_true(ev.grant.presence);
	assert_true(ev.grant.presence_roster);
}

static void
to_read_is_not_to_write(void **state)
{
	(void)state;
	means(EVENT_GRANT,
	    "<message to='presence.home.test' from='home.test'>"
	    "<privilege xmlns='urn:xmpp:privilege:2'>"
	    "<perm type='get' access='roster'/><perm access='iq'>"
	    "<namespace type='get' ns='http://jabber.org/protocol/pubsub'/>"
	    "<namespace type='set' ns='http://jabber.org/protocol/pubsub#owner'/></perm></privilege></message>");
	assert_int_equal(ev.grant.roster, MAY_GET);
	assert_int_equal(ev.grant.iq_pubsub, MAY_GET);
	assert_int_equal(ev.grant.iq_owner, MAY_SET);
}

static void
ejabberd_23_01_advertises_version_1(void **state)
{
	(void)state;
	means(EVENT_GRANT,
	    "<message to='presence.home.test' from='home.test'>"
	    "<privilege xmlns='urn:xmpp:privilege:1'>"
	    "<perm type='outgoing' access='message'/><perm type='both' access='roster'/>"
	    "<perm type='managed_entity' access='presence'/></privilege></message>");
	assert_int_equal(ev.grant.version, 1);
	assert_int_equal(ev.grant.roster, ALL);
	assert_true(ev.grant.message);
	assert_true(ev.grant.presence);
	assert_int_equal(ev.grant.iq_pubsub, 0);
}

static void
none_and_the_unknown_grant_nothing(void **state)
{
	static const struct grant_event nothing = {.version = 2};

	(void)state;
	means(EVENT_GRANT,
	    "<message to='presence.home.test' from='home.test'>"
	    "<privilege xmlns='urn:xmpp:privilege:2'>"
	    "<perm type='none' access='message'/><perm type='none' access='roster'/>"
	    "<perm access='iq'/>"
	    "<perm type='none' access='presence'/><perm access='root' type='both'/>"
	    "<perm type='both'/>"
	    "<perm access='roster'/><perm access='roster' xmlns='urn:xmpp:privilege:1' "
	    "type='both'/>"
	    "<perm xmlns='urn:x' access='message' type='outgoing'/></privilege></message>");
	assert_memory_equal(&ev.grant, &nothing, sizeof(nothing));
}

static void
an_advertisement_comes_from_a_bare_domain_and_is_no_error(void **state)
{
#define GRANT                                                                         \
	"<privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/>" \
	"</privilege>"
	(void)state;
	means_nothing("<message to='presence.home.test' from='home.test' type='error'>" GRANT "</message>");
	means_nothing("<message to='presence.home.test' from='mallory@home.test'>" GRANT "</message>");
	means_nothing("<message to='presence.home.test' from='home.test/x'>" GRANT "</message>");
	means_nothing("<message to='presence.home.test' from='home.test'><x xmlns='urn:x'>" GRANT "</x></message>");
	means_nothing("<message to='presence.home.test' from='home.test'>"
		      "<privilege xmlns='urn:xmpp:privilege:3'/></message>");
	means_nothing(
	    "<message to='presence.home.test' from='home.test'>" P2("<message xmlns='jabber:client'/>") "</message>");
	/* What a user writes beside it is an ordinary message. */
	means(EVENT_MESSAGE,
	    "<message to='presence.home.test' from='mallory@home.test/x'>"
	    "<body>b</body>" GRANT "</message>");
}

/* ---- messages ---- */

static void
a_chat_message_is_read(void **state)
{
	(void)state;
	means(EVENT_MESSAGE,
	    "<message from='alice@work.test/d' "
	    "to='alice\\40home.test@presence.home.test' type='chat' id='m1'>"
	    "<body> Y&#x45;s! </body><x xmlns='urn:x'/></message>");
	is_from("alice@work.test", "d");
	is(ev.to.bare, "alice\\40home.test@presence.home.test");
	assert_int_equal(ev.message.word, WORD_YES);
	is(ev.message.id, "m1");
	assert_true(ev.message.chat);
}

static void
only_chat_and_normal_messages_are_chat(void **state)
{
	static const struct {
		const char *type;
		bool chat;
	} types[] = { {"chat", true}, {"normal", true}, {"unheard-of", true}, {"error", false},
		{"groupchat", false}, {"headline", false} };
	char stanza[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(stanza, sizeof(stanza),
		    "<message " FROM_ALICE " type='%s'>"
		    "<body>yes</body></message>",
		    types[i].type);
		means(EVENT_MESSAGE, stanza);
		assert_int_equal(ev.message.chat, types[i].chat);
		assert_int_equal(ev.message.error, strcmp(types[i].type, "error") == 0);
	}
	means(EVENT_MESSAGE,
	    "<message " FROM_ALICE "><body>yes</body>"
	    "<delay xmlns='urn:xmpp:delay' stamp='2026-11-22T23:09:00Z'/></message>");
	assert_true(ev.message.chat);
	is(ev.message.id, NULL);
}

/* As Prosody writes it, and as ejabberd, which returns the body as well. */
static void
a_message_that_comes_back_is_read_with_its_body_or_without(void **state)
{
	(void)state;
	means(EVENT_MESSAGE,
	    "<message type='error' to='alice\\40home.test@presence.home.test' from='alice@work.test'>"
	    "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
	is_from("alice@work.test", NULL);
	is(ev.to.bare, "alice\\40home.test@presence.home.test");
	assert_true(ev.message.error);
	assert_false(ev.message.chat);
	assert_int_equal(ev.message.word, WORD_NONE);
	means(EVENT_MESSAGE,
	    "<message xml:lang='en' to='alice\\40home.test@presence.home.test' from='alice@work.test' type='error'>"
	    "<body>Answer yes to agree.</body><error code='503' type='cancel'>"
	    "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
	assert_true(ev.message.error);
	assert_false(ev.message.chat);
	assert_int_equal(ev.message.word, WORD_OTHER);
	means_nothing("<message " FROM_ALICE " type='chat'><x xmlns='urn:x'/></message>");
}

static void
a_headline_of_a_domain_to_itself_is_read(void **state)
{
	(void)state;
	means(EVENT_HEADLINE, "<message from='presence.home.test' to='presence.home.test/k3v9' type='headline'/>");
	is_from("presence.home.test", NULL);
	is(ev.to.bare, "presence.home.test");
	is(ev.to.resource, "k3v9");
	means(EVENT_HEADLINE, "<message from='Presence.Home.test' to='presence.HOME.test/k3v9' type='headline'/>");
}

static void
nobody_elses_headline_is_one_of_a_domain_to_itself(void **state)
{
	(void)state;
	means_nothing("<message from='mallory@presence.home.test' to='presence.home.test/k3v9' type='headline'/>");
	means_nothing("<message from='presence.home.test/k3v9' to='presence.home.test/k3v9' type='headline'/>");
	means_nothing("<message from='home.test' to='presence.home.test/k3v9' type='headline'/>");
	means_nothing("<message from='mallory@home.test/x' to='presence.home.test/k3v9' type='headline'/>");
	means_nothing("<message from='presence.home.test' to='presence.home.test' type='headline'/>");
	means_nothing("<message from='presence.home.test' to='a@presence.home.test/k3v9' type='headline'/>");
	means_nothing("<message from='presence.home.test' to='presence.home.test/k3v9' type='error'/>");
	means_nothing("<message from='presence.home.test' to='presence.home.test/k3v9'/>");
	means_nothing("<message xmlns:x='urn:x' x:from='presence.home.test' from='home.test' "
		      "to='presence.home.test/k3v9' type='headline'/>");
}

static void
a_message_without_a_body_of_its_own_means_nothing(void **state)
{
	(void)state;
	means_nothing("<message " FROM_ALICE "/>");
	means_nothing("<message " FROM_ALICE "><body xmlns='http://www.w3.org/1999/xhtml'>yes"
		      "</body></message>");
	means_nothing("<message " FROM_ALICE "><sent xmlns='urn:xmpp:carbons:2'>"
		      "<forwarded xmlns='urn:xmpp:forward:0'>"
		      "<message xmlns='jabber:client'><body>yes</body></message></forwarded></sent>"
		      "</message>");
	means_nothing("<message " FROM_ALICE "><active "
		      "xmlns='http://jabber.org/protocol/chatstates'/></message>");
}

/* ---- memory ---- */

static void
a_presence_takes_no_memory(void **state)
{
	const struct xml *x;

	(void)state;
	x = fixture_stanza(stream,
	    "<presence from='ALICE@home.test/a' to='presence.home.test' "
	    "xml:lang='en'><show>away</show>"
	    "<status>s</status><priority>1</priority><idle xmlns='urn:xmpp:idle:1' "
	    "since='2026-11-22T23:09:00Z'/></presence>");
	mem_fail_at(0);
	assert_int_equal(decode(decoder, x, &ev), DECODED_EVENT);
	assert_int_equal(mem_fail_at(0), 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_forwarded_presence_with_caps_is_read),
		T(show_status_priority_and_idle_are_read),
		T(every_type_of_presence_is_known),
		T(a_presence_error_tells_its_condition),
		T(addresses_are_prepared),
		T(a_bad_address_drops_the_stanza),
		T(a_prefixed_attribute_never_stands_for_the_plain_one),
		T(a_foreign_element_never_stands_for_the_plain_one),
		T(a_word_may_have_blanks_around_it),
		T(what_cannot_be_read_in_a_presence_is_left_out),
		T(a_long_status_is_cut_between_two_characters),
		T(prosody_0_12_nests_its_namespaces),
		T(flat_namespaces_are_read_too),
		T(to_read_is_not_to_write),
		T(ejabberd_23_01_advertises_version_1),
		T(none_and_the_unknown_grant_nothing),
		T(an_advertisement_comes_from_a_bare_domain_and_is_no_error),
		T(a_chat_message_is_read),
		T(only_chat_and_normal_messages_are_chat),
		T(a_message_that_comes_back_is_read_with_its_body_or_without),
		T(a_headline_of_a_domain_to_itself_is_read),
		T(nobody_elses_headline_is_one_of_a_domain_to_itself),
		T(a_message_without_a_body_of_its_own_means_nothing),
		T(a_presence_takes_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
