/* watch: the password, the address to connect to, memory that is wiped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "watch/address.h"
#include "watch/password.h"
#include "watch/wipe.h"

/* A descriptor from which LEN bytes of TEXT can be read. */
static int
holding(const char *text, size_t len)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, len), (ssize_t)len);
	close(fds[1]);
	return fds[0];
}

static void
assert_password(const char *text, size_t len, const char *expected)
{
	char password[PASSWORD_MAX];
	const char *problem;
	size_t i;

	memset(password, 'x', sizeof(password));
	problem = password_fd(password, holding(text, len));
	if (expected != NULL) {
		assert_null(problem);
		assert_string_equal(password, expected);
		return;
	}
	assert_non_null(problem);
	for (i = 0; i < sizeof(password); i++)
		assert_int_equal(password[i], 0);
}

static void
the_first_line_is_the_password(void **state)
{
	char long_text[PASSWORD_MAX + 1];

	(void)state;
	assert_password("secret", 6, "secret");
	assert_password("secret\n", 7, "secret");
	assert_password("secret\r\nmore\n", 13, "secret");
	assert_password(" two words ", 11, " two words ");
	assert_password("\xC3\xBC\n", 3, "\xC3\xBC");
	assert_password("", 0, NULL);
	assert_password("\n", 1, NULL);
	assert_password("a\0b", 3, NULL);
	memset(long_text, 'a', sizeof(long_text));
	assert_password(long_text, PASSWORD_MAX, NULL);
	long_text[PASSWORD_MAX - 1] = '\0';
	assert_password(long_text, PASSWORD_MAX - 1, long_text);
}

static void
a_password_file_open_to_others_is_noticed(void **state)
{
	char path[] = "/tmp/watch-test-XXXXXX", password[PASSWORD_MAX];
	int fd = mkstemp(path), others;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "pw\n", 3), 3);
	close(fd);
	assert_int_equal(chmod(path, 0600), 0);
	assert_null(password_file(password, path, &others));
	assert_string_equal(password, "pw");
	assert_int_equal(others, 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_null(password_file(password, path, &others));
	assert_int_equal(others, 1);
	unlink(path);
	assert_string_equal(password_file(password, path, &others), "No such file or directory");
	assert_int_equal(others, 0);
	assert_non_null(password_fd(password, 1000000));
}

static void
loopback_is_known_by_its_address(void **state)
{
	struct addresses a;

	(void)state;
	assert_true(address_is_loopback("127.0.0.1"));
	assert_true(address_is_loopback("127.255.0.1"));
	assert_true(address_is_loopback("::1"));
	assert_true(address_is_loopback("::ffff:127.0.0.1"));
	assert_false(address_is_loopback("128.0.0.1"));
	assert_false(address_is_loopback("::ffff:10.0.0.1"));
	assert_false(address_is_loopback("::2"));
	assert_false(address_is_loopback("localhost"));
	assert_null(address_resolve(&a, "127.0.0.1"));
	assert_true(a.loopback);
	assert_int_equal(a.n, 1);
	assert_string_equal(a.text[0], "127.0.0.1");
	assert_null(address_resolve(&a, "192.0.2.7"));
	assert_false(a.loopback);
	assert_non_null(address_resolve(&a, "not an address"));
	assert_int_equal(a.n, 0);
}

static void
wiped_memory_grows_and_keeps_what_is_in_it(void **state)
{
	char *p = NULL;
	size_t n;

	(void)state;
	for (n = 1; n < 5000; n++) {
		p = wipe_realloc(p, n, NULL);
		p[n - 1] = (char)('a' + n % 26);
	}
	for (n = 1; n < 5000; n++)
		assert_int_equal(p[n - 1], 'a' + n % 26);
	assert_ptr_equal(wipe_realloc(p, 10, NULL), p);
	wipe_free(p, NULL);
	wipe_free(NULL, NULL);
	p = wipe_alloc(0, NULL);
	assert_non_null(p);
	wipe_free(p, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_is_the_password),
		cmocka_unit_test(a_password_file_open_to_others_is_noticed),
		cmocka_unit_test(loopback_is_known_by_its_address),
		cmocka_unit_test(wiped_memory_grows_and_keeps_what_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
