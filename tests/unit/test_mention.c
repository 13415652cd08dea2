/* base/mention: whoever reads this text, has he been told that address? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mention.h"

#define DESK "desk@far.test"
#define BOOKS "desk@bücher.test"
#define BOOKS_A "desk@xn--bcher-kva.test"

static bool
tells(const char *text, const char *bare)
{
	return mention_address(text, strlen(text), false, bare);
}

static void
an_address_is_one_in_whatever_form_it_is_written(void **state)
{
	static const char *const forms[] = { DESK, "DESK@FAR.TEST", "my Desk@far.test phone",
		"xmpp:desk@far.test?message", "<desk@far.test>", "desk@far.test/x", "desk@far.test.",
		"ＤＥＳＫ@far.test", "desk\uff20far.test", "desk@far。test", "desk@far\uff61test" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_true(tells(forms[i], DESK));
}

static void
what_is_not_seen_hides_nothing(void **state)
{
	static const char *const forms[] = { "desk @ far.test", "d e s k @ f a r . t e s t", "d\u200desk@far.test",
		"desk@\u00adfar.test", "desk\u00a0@far.test", "desk@far\u2028.test", "desk@far.\u3000test",
		"desk@far.te\ufe0fst", "desk@far.te\U000e0041st", "desk@far.te\U000e01efst", "desk\u3164@far.test",
		"\u202edesk@far.test", "desk@far.\u2800test", "des\x01k@far.test", "desk@far.\xfftest",
		"desk\u034f@far.test" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_true(tells(forms[i], DESK));
}

static void
escapes_stand_for_what_they_stand_for(void **state)
{
	(void)state;
	assert_true(tells("desk\\40far.test", DESK));
	assert_true(tells("desk%40far.test", DESK));
	assert_true(tells("d\\20esk%20@far%2Etest", DESK));
	assert_true(tells("desk@b%C3%BCcher.test", BOOKS));
	assert_true(tells("desk@B%c3%9cCHER.test", BOOKS));
	/* a halfwidth full stop, which folding makes one that stands for a dot */
	assert_true(tells("desk@far%EF%BD%A1test", DESK));
	/* What is escaped in the address may be told as what it stands for. */
	assert_true(tells("o'desk@far.test", "o\\27desk@far.test"));
	assert_true(tells("O\\27DESK@far.test", "o\\27desk@far.test"));
	assert_true(tells("alice@home.test@gate.test", "alice\\40home.test@gate.test"));
	/* What is none stays what it is. */
	assert_false(tells("desk\\4far.test 100%", DESK));
	assert_false(tells("desk%", DESK));
	assert_false(tells("desk%4", DESK));
	assert_true(tells("100% desk@far.test", DESK));
	assert_true(tells("a\\b\\@far.test", "a\\b\\@far.test"));
}

static void
a_domain_and_its_a_labels_are_one(void **state)
{
	static const char *const forms[] = { BOOKS, BOOKS_A, "x desk@xn--bcher-kva.test y", "desk@BÜCHER.test",
		"x desk@bu\u0308cher.test", "desk@XN--BCHER-KVA.test", "desk @ xn--bcher -kva.test" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_true(tells(forms[i], BOOKS));
		assert_true(tells(forms[i], BOOKS_A));
	}
	assert_true(tells("a@xn--4ca.ö.test", "a@ä.xn--nda.test"));
	assert_true(tells("a@ä.xn--nda.test", "a@xn--4ca.ö.test"));
	/* The last one is behind other text without a blank. */
	assert_true(tells("a@test.xn--p1ai phone", "a@test.рф"));
	assert_false(tells("desk@xn--bcher-kva.test", "desk@bucher.test"));
	assert_false(tells("desk@bucher.test", BOOKS));
	assert_false(tells("desk@xn--", BOOKS));
}

static void
other_texts_are_labels(void **state)
{
	static const char *const texts[] = { "", "desk", "Desk phone", "far.test", "desk at far.test", "desk@far.net",
		"esk@far.test", "desk@far", "@", "büro ☎", "desk@fartest", "desk@far.tes" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(tells(texts[i], DESK));
}

static void
what_was_cut_tells_with_its_beginning(void **state)
{
	static const char bare[] = "a.long.name.of.a.department@bücher.test";
	static const char *const ends[] = { "my a.long.name.of.a", "my A. LONG.name.of.a",
		"x a.long.name.of.a.department@", "x a.long.name.of.a.department@bü",
		"a.long.name.of.a.department@xn--bc", "a.long.name.of.a.department@xn--bcher-kva.te",
		"a.long.name.of.a.department@bücher" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		assert_true(mention_address(ends[i], strlen(ends[i]), true, bare));
		assert_false(mention_address(ends[i], strlen(ends[i]), false, bare));
	}
	assert_true(mention_address("a.long.name.of.a", 16, true, bare));
	assert_false(mention_address("a.long.name.of.", 15, true, bare));
	assert_false(mention_address("a.long.name.of.a.department phone", 33, true, bare));
	assert_false(mention_address("a.long.name.of.a.department@xnx", 31, true, bare));
}

/* What nobody has looked at must not be read. */
static void
so_much_of_a_text_counts(void **state)
{
	char text[MENTION_TEXT_MAX + sizeof(DESK)];

	(void)state;
	memset(text, '-', sizeof(text));
	memcpy(text + MENTION_TEXT_MAX - strlen(DESK), DESK, sizeof(DESK));
	assert_true(tells(text, DESK));
	memmove(text + 1, text, MENTION_TEXT_MAX + 1);
	assert_false(tells(text, DESK));
}

/* U+FDFA is eleven times as long when it is folded. */
static void
what_grows_has_room(void **state)
{
	char text[MENTION_TEXT_MAX + 1], bare[2048], long_one[10000];
	size_t i;

	(void)state;
	for (i = 0; i + 3 <= MENTION_TEXT_MAX; i += 3)
		memcpy(text + i, "\ufdfa", 3);
	text[i] = '\0';
	assert_false(tells(text, DESK));
	memset(bare, 'x', sizeof(bare));
	bare[1023] = '@';
	bare[2047] = '\0';
	assert_false(tells("@", bare));
	memset(long_one, 'x', sizeof(long_one));
	long_one[sizeof(long_one) - 1] = '\0';
	assert_false(tells("@", long_one));
	long_one[4999] = '@';
	assert_false(tells("@", long_one));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_one_in_whatever_form_it_is_written),
		cmocka_unit_test(what_is_not_seen_hides_nothing),
		cmocka_unit_test(escapes_stand_for_what_they_stand_for),
		cmocka_unit_test(a_domain_and_its_a_labels_are_one),
		cmocka_unit_test(other_texts_are_labels),
		cmocka_unit_test(what_was_cut_tells_with_its_beginning),
		cmocka_unit_test(so_much_of_a_text_counts),
		cmocka_unit_test(what_grows_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
