/* What people write: words, and the texts that they get. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/jid.h"
#include "base/mem.h"
#include "wire/catalogue.h"
#include "wire/words.h"

static void
yes_and_no_are_words_alone(void **state)
{
	static const struct {
		const char *body;
		enum word word;
	} cases[] = {
		{"yes", WORD_YES},
		{"Y", WORD_YES},
		{" \t\r\nYES! ", WORD_YES},
		{"yes.\v\f", WORD_YES},
		{"no", WORD_NO},
		{"n . ! ", WORD_NO},
		{"No", WORD_NO},
		{"yes, but", WORD_OTHER},
		{"yes no", WORD_OTHER},
		{"ye", WORD_OTHER},
		{"yess", WORD_OTHER},
		{"nope", WORD_OTHER},
		{"!yes", WORD_OTHER},
		{"", WORD_OTHER},
		{" ", WORD_OTHER},
		{"\xc2\xa0yes", WORD_OTHER},
		{"\xf9\xe5\xf3", WORD_OTHER},
		{"9%3", WORD_OTHER},
		{NULL, WORD_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (words_read(cases[i].body) != cases[i].word)
			fail_msg("\"%s\" is read as %d", cases[i].body, (int)words_read(cases[i].body));
	}
}

/* The arguments of a pattern, as one bit each; 0x80: a place that is none. */
static unsigned
places(const char *pattern)
{
	unsigned seen = 0;

	for (; (pattern = strchr(pattern, '%')) != NULL; pattern++) {
		if (pattern[1] < '1' || pattern[1] >= '0' + TEXT_ARGS_MAX || strncmp(pattern + 2, "$s", 2) != 0)
			return 0x80;
		seen |= 1U << (pattern[1] - '1');
	}
	return seen;
}

static void
every_text_is_there_and_its_arguments_begin_with_the_first(void **state)
{
	unsigned seen;
	int id;

	(void)state;
	assert_null(catalogue_text(TEXT_NONE));
	assert_null(catalogue_text(TEXT_VERBATIM));
	for (id = TEXT_VERBATIM + 1; id < TEXTS; id++) {
		if (catalogue_text((enum text_id)id) == NULL || *catalogue_text((enum text_id)id) == '\0')
			fail_msg("text %d is missing", id);
		seen = places(catalogue_text((enum text_id)id));
		if ((seen & (seen + 1)) != 0)
			fail_msg("\"%s\" has places that are none, or leaves one out",
			    catalogue_text((enum text_id)id));
	}
}

static void
arguments_go_where_the_text_wants_them(void **state)
{
	struct buf scratch = {0};

	(void)state;
	assert_string_equal(catalogue_render(TEXT(TEXT_SHOWN_NOW, "a@w", "100 % \"x\" %1$s"), &scratch),
	    "a@w is shown as your device \"100 % \"x\" %1$s\" now.");
	assert_string_equal(catalogue_render(TEXT(TEXT_ASKS_SELF, "a@h", "Desk"), &scratch),
	    "a@h asks to show the presence of this account to the own clients of a@h as the device \"Desk\". Accept, then "
	    "answer yes.");
	assert_string_equal(catalogue_render(TEXT(TEXT_SAVED), &scratch), "Saved.");
	assert_string_equal(catalogue_render(TEXT(TEXT_VERBATIM, "%1$s"), &scratch), "%1$s");
	assert_null(catalogue_render(TEXT(TEXT_NONE), &scratch));
	buf_clear(&scratch);
}

static void
without_memory_the_text_has_failed(void **state)
{
	struct buf scratch = {0};

	(void)state;
	mem_fail_at(1);
	catalogue_render(TEXT(TEXT_DEVICES_OF, "a@h"), &scratch);
	mem_fail_at(0);
	assert_true(scratch.failed);
	buf_clear(&scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yes_and_no_are_words_alone),
		cmocka_unit_test(every_text_is_there_and_its_arguments_begin_with_the_first),
		cmocka_unit_test(arguments_go_where_the_text_wants_them),
		cmocka_unit_test(without_memory_the_text_has_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
