/* What is remembered of who asked whom, by very many: nobody pays for another, and what is over goes (core/consent/ask_book.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/consent/ask_book.h"
#include "core/consent/ask_rate.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)

static struct env env;
static struct consent *consent;
static struct user asker;
static char jid[64];

static int
setup(void **state)
{
	static const uint8_t key[HASH_KEY_LEN] = {1};

	(void)state;
	memset(&env, 0, sizeof(env));
	env.now.mono_ms = 1000000;
	consent = calloc(1, sizeof(*consent));
	assert_non_null(consent);
	consent->env = &env;
	ask_init(consent, key);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ask_clear(consent);
	free(consent);
	return 0;
}

static void
user_is(unsigned n)
{
	static char name[32];

	snprintf(name, sizeof(name), "u%u@home.test", n);
	asker.primary = name;
	asker.by_primary.hash = hash_bytes(env.key, name, strlen(name));
}

static enum text_id
asks_for(unsigned account)
{
	enum text_id why;

	snprintf(jid, sizeof(jid), "d%u@work.test", account);
	why = ask_rate_refuses(consent, &asker, jid);
	if (why == TEXT_NONE)
		ask_rate_note(consent, &asker, jid);
	return why;
}

/* The first day of a large service: each has three devices, and so fast they come. */
static void
nobody_is_refused_for_what_others_ask(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3 * 10000; i++) {
		user_is(i / 3);
		assert_int_equal(asks_for(i), TEXT_NONE);
		env.now.mono_ms += 25;
	}
}

static void
nor_by_those_who_ask_as_much_as_they_may(void **state)
{
	unsigned i, k, refused = 0;

	(void)state;
	for (k = 0; k < 200; k++) {
		user_is(1000000 + k);
		for (i = 0; i < 70; i++) {
			refused += asks_for(100 * k + i / 3) != TEXT_NONE;
			env.now.mono_ms += 25;
		}
	}
	assert_in_range(refused, 200 * 5, 200 * 6);
	for (i = 0; i < 5000; i++) {
		user_is(i);
		assert_int_equal(asks_for(1000000 + i), TEXT_NONE);
		env.now.mono_ms += 25;
	}
}

static void
who_enrols_for_the_first_time_is_never_refused(void **state)
{
	unsigned i, k;

	(void)state;
	for (k = 0; k < 2000; k++) {
		user_is(1000000 + k);
		for (i = 0; i < 6; i++)
			ask_rate_left(consent, &asker);
		assert_int_equal(ask_rate_refuses_enrolment(consent, asker.primary), TEXT_ENROL_OFTEN);
	}
	for (i = 0; i < 50000; i++) {
		user_is(i);
		assert_int_equal(ask_rate_refuses_enrolment(consent, asker.primary), TEXT_NONE);
	}
	assert_int_equal(consent->asks[ASK_OF_LEAVER].notes.count, 2000);
}

/* Not only when nobody comes any more: what is over goes faster than what comes. */
static void
what_is_over_is_forgotten(void **state)
{
	enum ask_of of;
	unsigned i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		user_is(i);
		assert_int_equal(asks_for(i), TEXT_NONE);
		env.now.mono_ms += 25;
	}
	env.now.mono_ms += 2 * HOUR;
	for (; i < 20000 + 12000; i++) {
		user_is(i);
		assert_int_equal(asks_for(i), TEXT_NONE);
		env.now.mono_ms += 25;
	}
	for (of = ASK_OF_ACCOUNT; of <= ASK_OF_PAIR; of++)
		assert_in_range(consent->asks[of].notes.count, 1, 12000);
	assert_in_range(consent->asks[ASK_OF_ASKER].notes.count, 1, 4000);
}

/* A question for few may still be answered after an hour, whatever else was asked. */
static void
a_question_for_few_is_remembered_for_an_hour(void **state)
{
	unsigned i;

	(void)state;
	user_is(7);
	assert_int_equal(asks_for(7), TEXT_NONE);
	ask_rate_named_few(consent, &asker, jid);
	for (i = 0; i < 60; i++) {
		user_is(100 + i);
		asks_for(7);
		asks_for(100 + i);
		env.now.mono_ms += MINUTE - 1;
		assert_false(ask_rate_has_named_few(consent, &asker, jid));
	}
	user_is(7);
	snprintf(jid, sizeof(jid), "d7@work.test");
	assert_true(ask_rate_has_named_few(consent, &asker, jid));
	env.now.mono_ms += 61;
	assert_false(ask_rate_has_named_few(consent, &asker, jid));
}

static void
fill(enum ask_of of, uint64_t until)
{
	struct ask_note *note;
	uint64_t i;

	for (i = 1; i <= ASK_NOTES_MAX; i++) {
		note = ask_make(consent, of, i);
		assert_non_null(note);
		note->bucket = until;
		ask_matters(note, until);
	}
}

/* With so much to remember nobody is asked before something is over. */
static void
with_all_notes_taken_nobody_else_is_asked(void **state)
{
	(void)state;
	fill(ASK_OF_PAIR, env.now.mono_ms + HOUR);
	assert_int_equal(consent->asks[ASK_OF_PAIR].notes.count, ASK_NOTES_MAX);
	assert_null(ask_make(consent, ASK_OF_PAIR, UINT64_MAX));
	assert_false(env.oom);
	user_is(1);
	assert_int_equal(asks_for(1), TEXT_ALL_OFTEN);
	env.now.mono_ms += HOUR;
	assert_int_equal(asks_for(1), TEXT_NONE);
}

/* However many were asked for few in an hour, everybody may be asked: what was so longest ago is forgotten. */
static void
what_was_asked_for_few_keeps_nobody_from_asking(void **state)
{
	unsigned i, k;

	(void)state;
	for (i = 0; i < ASK_NOTES_MAX + 1000; i++) {
		user_is(i / 30);
		asks_for(i);
		ask_rate_named_few(consent, &asker, jid);
		if (i % 2 == 0)
			env.now.mono_ms += 50;
	}
	assert_int_equal(consent->asks[ASK_OF_FEW].notes.count, ASK_NOTES_MAX);
	for (k = 0; k < 1000; k++) {
		user_is(1000000 + k);
		assert_int_equal(asks_for(1000000 + k), TEXT_NONE);
		env.now.mono_ms += 25;
	}
	user_is((i - 1) / 30);
	snprintf(jid, sizeof(jid), "d%u@work.test", i - 1);
	assert_true(ask_rate_has_named_few(consent, &asker, jid));
}

/* A line that nobody is kept from by now makes room. */
static void
but_who_is_in_a_line_is_forgotten_first(void **state)
{
	unsigned i;

	(void)state;
	fill(ASK_OF_ACCOUNT, env.now.mono_ms + MINUTE);
	for (i = 1; i <= ASK_NOTES_MAX; i++)
		ask_matters(ask_find(consent, ASK_OF_ACCOUNT, i), env.now.mono_ms + HOUR);
	user_is(1);
	assert_int_equal(asks_for(1), TEXT_ALL_OFTEN);
	env.now.mono_ms += MINUTE;
	assert_int_equal(asks_for(1), TEXT_NONE);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(nobody_is_refused_for_what_others_ask),
		T(nor_by_those_who_ask_as_much_as_they_may),
		T(who_enrols_for_the_first_time_is_never_refused),
		T(what_is_over_is_forgotten),
		T(a_question_for_few_is_remembered_for_an_hour),
		T(with_all_notes_taken_nobody_else_is_asked),
		T(what_was_asked_for_few_keeps_nobody_from_asking),
		T(but_who_is_in_a_line_is_forgotten_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
