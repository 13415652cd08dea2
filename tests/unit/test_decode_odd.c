/* What a decoder meets but rarely: odd answers and requests, what doesn't fit, and no memory. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <stringprep.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "decode_fixture.h"
#include "wire_fixture.h"

static bool no_memory_to_prepare;

/* libidn's, which has memory of its own. */
int
stringprep(char *in, size_t maxlen, Stringprep_profile_flags flags, const Stringprep_profile *profile)
{
	int (*real)(char *, size_t, Stringprep_profile_flags, const Stringprep_profile *);

	if (no_memory_to_prepare)
		return STRINGPREP_MALLOC_ERROR;
	*(void **)&real = dlsym(RTLD_NEXT, "stringprep");
	assert_non_null(real);
	return real(in, maxlen, flags, profile);
}

/* ---- presence ---- */

static void
a_priority_that_is_no_number_is_none(void **state)
{
	(void)state;
	means(EVENT_PRESENCE, "<presence " FROM_ALICE "><priority>high</priority></presence>");
	assert_int_equal(ev.presence.priority, 0);
}

static void
a_language_is_a_tag_and_short(void **state)
{
	static const struct {
		const char *lang, *expected;
	} cases[] = {
		{"de-1996", "de-1996"},
		{"zh-Hant-TW", "zh-Hant-TW"},
		{"", NULL},
		{"d:e", NULL},
		{"d[e", NULL},
		{"d~e", NULL},
		{"d e", NULL},
		{"de-1996-de-1996-de-1996-de-1996-abc", "de-1996-de-1996-de-1996-de-1996-abc"},
		{"de-1996-de-1996-de-1996-de-1996-abcd", NULL},
	};
	char stanza[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(stanza, sizeof(stanza), "<presence " FROM_ALICE "><status xml:lang='%s'>s</status></presence>",
		    cases[i].lang);
		means(EVENT_PRESENCE, stanza);
		is(ev.presence.lang, cases[i].expected);
	}
}

static void
the_first_condition_and_the_first_text_of_an_error_count(void **state)
{
#define STANZAS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
	(void)state;
	means(EVENT_PRESENCE,
	    "<presence type='error' " FROM_ALICE "><error><text " STANZAS ">gone</text>"
	    "<remote-server-not-found " STANZAS "/></error></presence>");
	assert_int_equal(ev.presence.error, COND_REMOTE_SERVER_NOT_FOUND);
	answer("error",
	    "<error><text " STANZAS "/><text " STANZAS ">one</text><text " STANZAS ">two</text>"
	    "<conflict " STANZAS "/><gone " STANZAS "/>"
	    "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>"
	    "<payload-too-big xmlns='http://jabber.org/protocol/pubsub#errors'/></error>");
	assert_int_equal(ev.answer.error, COND_CONFLICT);
	assert_int_equal(ev.answer.app, APP_PRECONDITION_NOT_MET);
	is(ev.answer.text, "one");
}

static void
a_condition_counts_in_the_namespace_of_its_own_only(void **state)
{
	(void)state;
	answer("error", "<error><bad-action xmlns='http://jabber.org/protocol/commands'/></error>");
	assert_int_equal(ev.answer.app, APP_BAD_ACTION);
	answer("error", "<error><bad-action xmlns='http://jabber.org/protocol/pubsub#errors'/></error>");
	assert_int_equal(ev.answer.app, APP_NONE);
	answer("error", "<error><payload-too-big xmlns='http://jabber.org/protocol/commands'/></error>");
	assert_int_equal(ev.answer.app, APP_NONE);
}

/* ---- privileges ---- */

static void
a_permission_without_its_words_grants_nothing(void **state)
{
	(void)state;
	means(EVENT_GRANT,
	    "<message from='home.test' to='presence.home.test'><privilege xmlns='urn:xmpp:privilege:2'>"
	    "<perm access='iq'><namespace type='both'/>"
	    "<namespace ns='http://jabber.org/protocol/pubsub'/></perm></privilege></message>");
	assert_int_equal(ev.grant.iq_pubsub, 0);
	assert_int_equal(ev.grant.iq_owner, 0);
}

/* ---- answers ---- */

static void
a_payload_of_another_kind_is_none(void **state)
{
	(void)state;
	answer("result", "<query xmlns='jabber:iq:version'/>");
	assert_int_equal(ev.answer.payload, PAYLOAD_NONE);
	answer("result", "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><affiliations/></pubsub>");
	assert_int_equal(ev.answer.payload, PAYLOAD_NONE);
	answer("result",
	    "<query xmlns='http://jabber.org/protocol/disco#info'><identity type='phone'/>"
	    "<identity category='client' type=''/></query>");
	assert_int_equal(ev.answer.payload, PAYLOAD_INFO);
	is(ev.answer.category, NULL);
}

static void
a_field_without_a_name_is_not_the_access_model(void **state)
{
	(void)state;
	answer("result",
	    "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure><x xmlns='jabber:x:data'>"
	    "<field><value>presence</value></field>"
	    "<field var='pubsub#access_model'><value>open</value></field></x></configure></pubsub>");
	assert_int_equal(ev.answer.access, ACCESS_OTHER);
}

/* ---- requests ---- */

static void
a_foreign_element_of_a_known_namespace_is_an_unknown_request(void **state)
{
	static const char *const children[] = { "<x xmlns='http://jabber.org/protocol/commands' node='n'/>",
		"<x xmlns='jabber:iq:roster'><item jid='bob@home.test'/></x>" };
	char stanza[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
		snprintf(stanza, sizeof(stanza), "<iq type='set' id='r1' " FROM_ALICE ">%s</iq>", children[i]);
		means(EVENT_REQUEST, stanza);
		assert_int_equal(ev.request.kind, REQUEST_OTHER);
	}
}

static void
a_name_that_is_too_long_to_be_given_back_is_refused(void **state)
{
	char stanza[4 * ECHO_BYTES_MAX], name[ECHO_BYTES_MAX + 2];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	snprintf(stanza, sizeof(stanza),
	    "<iq type='get' id='r1' " FROM_ALICE
	    "><query xmlns='http://jabber.org/protocol/disco#info' node='%s'/></iq>",
	    name);
	is_refused(stanza);
	snprintf(stanza, sizeof(stanza),
	    "<iq type='set' id='r1' " FROM_ALICE "><command xmlns='http://jabber.org/protocol/commands' node='n'>"
	    "<x xmlns='jabber:x:data' type='submit'><field var='%s'/></x></command></iq>",
	    name);
	is_refused(stanza);
}

/* ---- bounds and memory ---- */

/* Katakana in one character each, which preparation makes up to six times as long. */
#define LONG_NAME                                                                                          \
	"\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96" \
	"\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96" \
	"\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96" \
	"\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96\xe3\x8c\x96"

/* No parser gives so much at once. */
static void
a_roster_that_does_not_fit_is_too_large_and_not_half_a_roster(void **state)
{
	static const struct xml_attr jid = {NULL, "jid", LONG_NAME "@example.org"};
	static const struct xml_attr attrs[] = {
		{NULL, "type", "result"},
		{NULL, "id", "q9"},
		{NULL, "from", "alice@home.test"},
		{NULL, "to", "presence.home.test"},
	};
	static struct xml items[5000];
	struct xml query = {.ns = "jabber:iq:roster", .name = "query", .text = "", .child = items};
	struct xml iq = {
		.ns = "jabber:component:accept",
		.name = "iq",
		.text = "",
		.attrs = attrs,
		.nattrs = 4,
		.child = &query,
	};
	size_t i;

	(void)state;
	for (i = 0; i < 5000; i++)
		items[i] = (struct xml){
			.ns = "jabber:iq:roster",
			.name = "item",
			.text = "",
			.attrs = &jid,
			.nattrs = 1,
			.next = i < 4999 ? &items[i + 1] : NULL,
		};
	assert_int_equal(decode(decoder, &iq, &ev), DECODED_EVENT);
	assert_int_equal(ev.kind, EVENT_ANSWER);
	assert_int_equal(ev.answer.extent, EXTENT_TOO_LARGE);
	assert_false(ev.answer.ok);
	assert_int_equal(ev.answer.error, COND_RESOURCE_CONSTRAINT);
	assert_int_equal(ev.answer.roster.nitems, 0);
	/* nor is it a portion, then */
	assert_int_equal(decode_portion(decoder, &iq, false, &ev), DECODED_EVENT);
	assert_int_equal(ev.answer.extent, EXTENT_TOO_LARGE);
	/* as a request it is one that can't be read */
	iq.attrs = (const struct xml_attr[]){ {NULL, "type", "set"}, attrs[1], attrs[2], attrs[3] };
	assert_int_equal(decode(decoder, &iq, &ev), DECODED_REFUSE);
}

static void
without_memory_an_address_is_not_a_bad_one(void **state)
{
	static const char *const stanzas[] = {
		"<presence from='\xc3\xa4@home.test/a' to='presence.home.test'/>",
		"<presence from='a@home.test/a' to='\xc3\xa4@presence.home.test'/>",
		"<iq type='result' id='q9' from='alice@home.test' to='presence.home.test'>" P2(
		    "<iq xmlns='jabber:client' type='result' id='q9' from='\xc3\xa4@home.test'/>") "</iq>",
		"<iq type='result' id='q9' from='alice@home.test' to='presence.home.test'>"
		"<query xmlns='jabber:iq:roster'><item jid='\xc3\xa4@home.test'/></query></iq>",
		"<iq type='set' id='r1' " FROM_ALICE ">"
		"<query xmlns='jabber:iq:roster'><item jid='\xc3\xa4@home.test'/></query></iq>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(stanzas) / sizeof(stanzas[0]); i++) {
		no_memory_to_prepare = true;
		assert_int_equal(decoded(stanzas[i]), ERR_NOMEM);
		no_memory_to_prepare = false;
		assert_int_equal(decoded(stanzas[i]), DECODED_EVENT);
	}
}

/* Decode what is in B with the n-th allocation failing, for every n. */
static void
may_fail(const struct buf *b)
{
	const struct xml *x = fixture_stanza(stream, buf_text(b));
	int status = ERR_NOMEM;
	unsigned long n;

	for (n = 1; status == ERR_NOMEM; n++) {
		decoder_free(decoder);
		mem_fail_at(n);
		decoder = decoder_new();
		status = decoder != NULL ? decode(decoder, x, &ev) : ERR_NOMEM;
		mem_fail_at(0);
	}
	assert_int_equal(status, DECODED_EVENT);
	assert_true(n > 3);
}

static void
rosters_with_groups_and_forms_survive_every_failed_allocation(void **state)
{
	struct buf b = {0};
	int i;

	(void)state;
	buf_puts(&b,
	    "<iq to='presence.home.test' from='alice@home.test' type='result' id='q9'>"
	    "<query xmlns='jabber:iq:roster'>");
	for (i = 0; i < 36; i++)
		buf_puts(&b,
		    "<item jid='" LONG_NAME "@home.test'><group>a</group><group>b</group><group>c</group>"
		    "<group>d</group><group>e</group><group>f</group></item>");
	buf_puts(&b, "</query></iq>");
	may_fail(&b);
	assert_int_equal(ev.answer.roster.nitems, 36);
	buf_reset(&b);
	buf_puts(&b,
	    "<iq type='set' id='r1' " FROM_ALICE "><command xmlns='http://jabber.org/protocol/commands' "
	    "node='n'><x xmlns='jabber:x:data' type='submit'><field var='v'/></x></command></iq>");
	may_fail(&b);
	assert_int_equal(ev.command.nfields, 1);
	buf_clear(&b);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_priority_that_is_no_number_is_none),
		T(a_language_is_a_tag_and_short),
		T(the_first_condition_and_the_first_text_of_an_error_count),
		T(a_condition_counts_in_the_namespace_of_its_own_only),
		T(a_permission_without_its_words_grants_nothing),
		T(a_payload_of_another_kind_is_none),
		T(a_field_without_a_name_is_not_the_access_model),
		T(a_foreign_element_of_a_known_namespace_is_an_unknown_request),
		T(a_name_that_is_too_long_to_be_given_back_is_refused),
		T(a_roster_that_does_not_fit_is_too_large_and_not_half_a_roster),
		T(without_memory_an_address_is_not_a_bad_one),
		T(rosters_with_groups_and_forms_survive_every_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
