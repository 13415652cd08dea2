/* sys/secret and sys/crypto: the secret is read carefully and makes the right digest (THREATS 21). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "sys/crypto.h"
#include "sys/secret.h"
#include "sys_fixture.h"

static struct secret secret;
static char why[512];

static int
reads(const char *text)
{
	put_text(in_dir("secret"), text, 0600);
	return secret_read(in_dir("secret"), &secret, why, sizeof(why));
}

static void
the_first_line_is_the_secret(void **state)
{
	(void)state;
	assert_int_equal(reads("s3cret"), 0);
	assert_string_equal(secret.data, "s3cret");
	assert_int_equal(reads("s3cret\n"), 0);
	assert_string_equal(secret.data, "s3cret");
	assert_int_equal(secret.len, 6);
	assert_int_equal(reads(" with blanks \r\nand more\n"), 0);
	assert_string_equal(secret.data, " with blanks ");
	assert_int_equal(secret.len, 13);
}

static void
a_secret_is_known_until_it_is_wiped(void **state)
{
	(void)state;
	put_unknown_secret(in_dir("secret"));
	assert_false(unknown_secret_is_known());
	assert_int_equal(secret_read(in_dir("secret"), &secret, why, sizeof(why)), 0);
	assert_true(unknown_secret_is_known());
	secret_wipe(&secret);
	assert_false(unknown_secret_is_known());
}

static void
what_is_no_secret_is_refused_and_wiped(void **state)
{
	static const struct secret nothing;
	char longer[SECRET_MAX + 2];

	(void)state;
	assert_int_equal(reads(""), ERR_INVALID);
	assert_int_equal(reads("\r\nsecond line"), ERR_INVALID);
	assert_memory_equal(&secret, &nothing, sizeof(secret));
	memset(longer, 'x', sizeof(longer));
	longer[SECRET_MAX + 1] = '\0';
	assert_int_equal(reads(longer), ERR_INVALID);
	assert_memory_equal(&secret, &nothing, sizeof(secret));
	longer[SECRET_MAX] = '\0';
	assert_int_equal(reads(longer), 0);
	secret_wipe(&secret);
	assert_memory_equal(&secret, &nothing, sizeof(secret));
}

static void
a_directory_or_a_fifo_is_no_secret(void **state)
{
	(void)state;
	assert_int_equal(secret_read(in_dir("."), &secret, why, sizeof(why)), ERR_INVALID);
	assert_non_null(strstr(why, "is no regular file"));
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	assert_int_equal(secret_read(in_dir("fifo"), &secret, why, sizeof(why)), ERR_INVALID);
	assert_int_equal(secret_read(in_dir("none"), &secret, why, sizeof(why)), ERR_NOTFOUND);
}

static void
the_handshake_is_that_of_the_specification(void **state)
{
	char hex[CRYPTO_SHA1_HEX];

	(void)state;
	/* FIPS 180: SHA-1 of "abc" */
	assert_int_equal(crypto_handshake("a", "bc", 2, hex), 0);
	assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_int_equal(crypto_handshake("", "", 0, hex), 0);
	assert_string_equal(hex, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void
random_bytes_differ(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0};

	(void)state;
	assert_int_equal(crypto_random(a, sizeof(a)), 0);
	assert_int_equal(crypto_random(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_line_is_the_secret),
		TEST(a_secret_is_known_until_it_is_wiped),
		TEST(what_is_no_secret_is_refused_and_wiped),
		TEST(a_directory_or_a_fifo_is_no_secret),
		cmocka_unit_test(the_handshake_is_that_of_the_specification),
		cmocka_unit_test(random_bytes_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
