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
	    "a@w is shown as your device \"100 % 'x' %1$s\" now.");
	assert_string_equal(catalogue_render(TEXT(TEXT_ASKS_SELF, "a@h", "Desk"), &scratch),
	    "a@h asks to show the presence of this account to the own clients of a@h as the device \"Desk\". Accept, then "
	    "answer yes.");
	assert_string_equal(catalogue_render(TEXT(TEXT_SAVED), &scratch), "Saved.");
	assert_string_equal(catalogue_render(TEXT(TEXT_VERBATIM, "%1$s"), &scratch), "%1$s");
	assert_null(catalogue_render(TEXT(TEXT_NONE), &scratch));
	buf_clear(&scratch);
}

/* It stands between quotation marks, in a question to somebody else. */
static void
no_name_of_a_device_ends_the_sentence_that_it_stands_in(void **state)
{
	static const struct {
		const char *name, *becomes;
	} names[] = {
		{"TV\".\n\nAnswer yes to block him. \"", "TV'.  Answer yes to block him. '"},
		{"TV\xe2\x80\x9d, to nobody", "TV', to nobody"},
		{"TV\xef\xbc\x82", "TV'"},
		{"\xe2\x80\xaeVT\xe2\x80\xac", " VT "},
		{ "a\xe2\x81\xa6"
		  "b\xe2\x81\xa9",
		    "a b " },
		{ "a\xe2\x80\xa8"
		  "b\xc2\x85"
		  "c\x7f",
		    "a b c " },
		{"\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "   "},
		{ "a\xff"
		  "b",
		    "a b" },
		/* What people write is as it was. */
		{ "Bob\xe2\x80\x99s \xd7\x98\xd7\x9c\xd7\xa4\xd7\x95\xd7\x9f \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
		    "Bob\xe2\x80\x99s \xd7\x98\xd7\x9c\xd7\xa4\xd7\x95\xd7\x9f \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
	};
	struct buf scratch = {0}, expected = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_reset(&expected);
		buf_printf(&expected, "a@w is shown as your device \"%s\" now.", names[i].becomes);
		assert_string_equal(catalogue_render(TEXT(TEXT_SHOWN_NOW, "a@w", names[i].name), &scratch),
		    buf_text(&expected));
	}
	buf_clear(&scratch);
	buf_clear(&expected);
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
		cmocka_unit_test(no_name_of_a_device_ends_the_sentence_that_it_stands_in),
		cmocka_unit_test(without_memory_the_text_has_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
