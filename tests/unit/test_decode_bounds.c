/*
 * wire/decode: what may be as long as it may be, and no longer (THREATS 14): each
 * bound at one less, at it, and at one more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "decode_fixture.h"

#define COMMAND "<iq type='set' id='r1' " FROM_ALICE "><command xmlns='http://jabber.org/protocol/commands' "
#define SUBMIT COMMAND "node='n'><x xmlns='jabber:x:data' type='submit'>"
#define SUBMITTED "</x></command></iq>"

/* N times PIECE between HEAD and TAIL; in a buffer that the next one takes. */
static const char *
stanza_of(const char *head, const char *piece, size_t n, const char *tail)
{
	static struct buf b;

	buf_clear(&b);
	buf_puts(&b, head);
	while (n-- > 0)
		buf_puts(&b, piece);
	buf_puts(&b, tail);
	return buf_text(&b);
}

static void
an_id_is_given_back_up_to_1023_bytes(void **state)
{
	size_t n;

	(void)state;
	for (n = ECHO_BYTES_MAX - 1; n <= ECHO_BYTES_MAX; n++) {
		means(EVENT_REQUEST,
		    stanza_of("<iq type='get' " FROM_ALICE " id='", "i", n, "'><ping xmlns='urn:xmpp:ping'/></iq>"));
		assert_int_equal(strlen(ev.request.id), n);
	}
	means_nothing(stanza_of("<iq type='get' " FROM_ALICE " id='", "i", n, "'><ping xmlns='urn:xmpp:ping'/></iq>"));
}

static void
so_is_the_session_of_a_command_and_its_node(void **state)
{
	size_t n;

	(void)state;
	for (n = ECHO_BYTES_MAX - 1; n <= ECHO_BYTES_MAX; n++) {
		means(EVENT_COMMAND, stanza_of(COMMAND "node='n' sessionid='", "s", n, "'/></iq>"));
		assert_int_equal(strlen(ev.command.sessionid), n);
		means(EVENT_COMMAND, stanza_of(COMMAND "node='", "n", n, "'/></iq>"));
		assert_int_equal(strlen(ev.command.node), n);
	}
	is_refused(stanza_of(COMMAND "node='n' sessionid='", "s", n, "'/></iq>"));
	is_refused(stanza_of(COMMAND "node='", "n", n, "'/></iq>"));
}

static void
a_form_has_at_most_32_fields(void **state)
{
	size_t n;

	(void)state;
	for (n = FORM_FIELDS_MAX - 1; n <= FORM_FIELDS_MAX; n++) {
		means(EVENT_COMMAND, stanza_of(SUBMIT, "<field var='v'><value>1</value></field>", n, SUBMITTED));
		assert_int_equal(ev.command.nfields, n);
		assert_string_equal(ev.command.fields[n - 1].value, "1");
	}
	is_refused(stanza_of(SUBMIT, "<field var='v'/>", n, SUBMITTED));
}

static void
a_field_has_a_name_of_at_most_1023_bytes(void **state)
{
	size_t n;

	(void)state;
	for (n = ECHO_BYTES_MAX - 1; n <= ECHO_BYTES_MAX; n++) {
		means(EVENT_COMMAND, stanza_of(SUBMIT "<field var='", "v", n, "'/>" SUBMITTED));
		assert_int_equal(strlen(ev.command.fields[0].var), n);
	}
	is_refused(stanza_of(SUBMIT "<field var='", "v", n, "'/>" SUBMITTED));
}

static void
a_value_has_at_most_3072_bytes(void **state)
{
	size_t n;

	(void)state;
	for (n = FORM_VALUE_BYTES_MAX - 1; n <= FORM_VALUE_BYTES_MAX; n++) {
		means(EVENT_COMMAND, stanza_of(SUBMIT "<field var='v'><value>", "v", n, "</value></field>" SUBMITTED));
		assert_int_equal(strlen(ev.command.fields[0].value), n);
	}
	is_refused(stanza_of(SUBMIT "<field var='v'><value>", "v", n, "</value></field>" SUBMITTED));
}

static void
of_a_status_1024_bytes_are_kept(void **state)
{
	size_t n;

	(void)state;
	for (n = STATUS_BYTES_MAX - 1; n <= STATUS_BYTES_MAX + 2; n++) {
		means(EVENT_PRESENCE, stanza_of("<presence " FROM_ALICE "><status>", "s", n, "</status></presence>"));
		assert_int_equal(strlen(ev.presence.status), n < STATUS_BYTES_MAX ? n : STATUS_BYTES_MAX);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(an_id_is_given_back_up_to_1023_bytes),
		T(so_is_the_session_of_a_command_and_its_node),
		T(a_form_has_at_most_32_fields),
		T(a_field_has_a_name_of_at_most_1023_bytes),
		T(a_value_has_at_most_3072_bytes),
		T(of_a_status_1024_bytes_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
