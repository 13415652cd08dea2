/* The words of core/types.h and core/record.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/record.h"
#include "core/types.h"

#define ROUND_TRIPS(kind, type, last)                                       \
	do {                                                                \
		type v_, back_;                                             \
		for (v_ = 0; v_ <= (last); v_++) {                          \
			assert_true(kind##_parse(kind##_name(v_), &back_)); \
			assert_int_equal(v_, back_);                        \
		}                                                           \
		assert_false(kind##_parse("Away!", &back_));                \
		assert_false(kind##_parse(NULL, &back_));                   \
	} while (0)

static void
every_word_reads_back_as_what_it_names(void **state)
{
	int i;

	(void)state;
	ROUND_TRIPS(show, enum show, SHOW_DND);
	ROUND_TRIPS(kind, enum device_kind, KIND_TABLET);
	ROUND_TRIPS(visibility, enum visibility, VISIBLE_HIDDEN);
	ROUND_TRIPS(link_state, enum link_state, LINK_REVOKED);
	for (i = COND_BAD_REQUEST; i <= COND_UNEXPECTED_REQUEST; i++)
		assert_int_equal(condition_parse(condition_name((enum condition)i)), i);
	for (i = APP_NONE; i <= APP_SESSION_EXPIRED; i++)
		assert_int_equal(app_condition_parse(app_condition_name((enum app_condition)i)), i);
	for (i = SUBSCRIPTION_NONE; i <= SUBSCRIPTION_BOTH; i++)
		assert_int_equal(subscription_parse(subscription_name((enum subscription)i)), i);
	assert_int_equal(access_parse("presence"), ACCESS_PRESENCE);
	assert_int_equal(access_parse("whitelist"), ACCESS_WHITELIST);
}

static void
other_words_have_their_defaults(void **state)
{
	(void)state;
	assert_int_equal(condition_parse("no-such-thing"), COND_UNDEFINED);
	assert_int_equal(condition_parse(""), COND_UNDEFINED);
	assert_int_equal(condition_parse(NULL), COND_UNDEFINED);
	assert_int_equal(app_condition_parse("no-such-thing"), APP_NONE);
	assert_int_equal(app_condition_parse(NULL), APP_NONE);
	assert_int_equal(access_parse("open"), ACCESS_OTHER);
	assert_int_equal(access_parse("unknown"), ACCESS_OTHER);
	assert_int_equal(access_parse(NULL), ACCESS_OTHER);
	assert_int_equal(subscription_parse("remove"), SUBSCRIPTION_NONE);
	assert_int_equal(subscription_parse(NULL), SUBSCRIPTION_NONE);
}

static void
the_words_are_those_of_the_protocol(void **state)
{
	(void)state;
	assert_string_equal(show_name(SHOW_NONE), "");
	assert_string_equal(show_name(SHOW_XA), "xa");
	assert_string_equal(kind_name(KIND_FIXED), "fixed");
	assert_string_equal(visibility_name(VISIBLE_SELF), "self");
	assert_string_equal(access_name(ACCESS_WHITELIST), "whitelist");
	assert_string_equal(subscription_name(SUBSCRIPTION_FROM), "from");
	assert_string_equal(condition_name(COND_UNDEFINED), "undefined-condition");
	assert_string_equal(condition_name(COND_REMOTE_SERVER_TIMEOUT), "remote-server-timeout");
	assert_string_equal(app_condition_name(APP_PRECONDITION_NOT_MET), "precondition-not-met");
	assert_string_equal(link_state_name(LINK_REVOKED), "revoked");
}

static void
what_does_not_exist_has_no_name(void **state)
{
	(void)state;
	assert_string_equal(show_name((enum show)99), "");
	assert_string_equal(kind_name((enum device_kind)99), "");
	assert_string_equal(visibility_name((enum visibility)99), "");
	assert_string_equal(access_name((enum access)99), "");
	assert_string_equal(subscription_name((enum subscription)99), "");
	assert_string_equal(condition_name((enum condition)99), "");
	assert_string_equal(app_condition_name((enum app_condition)99), "");
	assert_string_equal(link_state_name((enum link_state)99), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_reads_back_as_what_it_names),
		cmocka_unit_test(other_words_have_their_defaults),
		cmocka_unit_test(the_words_are_those_of_the_protocol),
		cmocka_unit_test(what_does_not_exist_has_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
