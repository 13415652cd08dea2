/*
 * Any bytes as polypresence-watch takes them: text to be shown, a string of
 * JSON, the first line of a file as a password; and as the bridge's secret.
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "fuzz.h"
#include "sys/secret.h"
#include "watch/json.h"
#include "watch/password.h"
#include "watch/text.h"
#include "watch_check.h"

static void
check_columns(const char *clean, size_t columns, bool utf8)
{
	struct buf out = {0};
	size_t width = text_width(clean), used = text_fit(&out, clean, columns, utf8);

	CHECK(used <= columns);
	CHECK(used == text_width(buf_text(&out)));
	CHECK(width > columns || used == width);
	check_output(buf_text(&out), false);
	buf_reset(&out);
	text_cell(&out, clean, columns, utf8);
	CHECK(text_width(buf_text(&out)) == columns);
	buf_clear(&out);
}

static void
check_text(const char *s, size_t max, size_t columns)
{
	char *clean = text_dup_clean(s, max), *again;
	struct buf out = {0};

	CHECK(clean != NULL);
	check_clean(clean, max);
	again = text_dup_clean(clean, max);
	CHECK(again != NULL && strcmp(again, clean) == 0);
	check_columns(clean, columns, true);
	check_columns(clean, columns, false);
	text_quote(&out, clean);
	CHECK(out.len >= strlen(clean) + 2);
	buf_reset(&out);
	buf_puts(&out, "{\"a\":");
	json_string(&out, s); /* whatever it is */
	buf_puts(&out, "}\n");
	check_json(out.data, out.len);
	buf_clear(&out);
	mem_free(clean);
	mem_free(again);
}

static int
make_file(const void *data, size_t len, char path[64])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	CHECK(fd >= 0 && fchmod(fd, 0600) == 0);
	CHECK(len == 0 || write(fd, data, len) == (ssize_t)len);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* The first line, without a carriage return at its end. */
static void
check_secrets(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t line = end != NULL ? (size_t)(end - data) : size, len = line;
	bool nul = memchr(data, '\0', line) != NULL;
	char path[64], password[PASSWORD_MAX], why[512];
	const char *problem;
	struct secret secret;
	int fd, status, others;

	if (len > 0 && data[len - 1] == '\r')
		len--;
	fd = make_file(data, size, path);
	problem = password_file(password, path, &others);
	CHECK(others == 0);
	CHECK((problem == NULL) == (len > 0 && line < PASSWORD_MAX && !nul));
	if (problem == NULL)
		CHECK(strlen(password) == len && memcmp(password, data, len) == 0);
	else
		CHECK(password[0] == '\0' && memcmp(password, password + 1, PASSWORD_MAX - 1) == 0);
	status = secret_read(path, &secret, why, sizeof(why));
	CHECK((status == 0) == (len > 0 && size <= SECRET_MAX));
	if (status == 0)
		CHECK(secret.len == len && memcmp(secret.data, data, len) == 0 && secret.data[len] == '\0');
	else
		CHECK(status == ERR_INVALID && secret.len == 0 && secret.data[0] == '\0');
	secret_wipe(&secret);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	size_t max = input_byte(&in) * 8, columns = input_byte(&in) % 64;
	char *text;

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		CHECK(setlocale(LC_CTYPE, "en_US.UTF-8") != NULL);
	check_secrets(in.at, (size_t)(in.end - in.at));
	text = input_text(&in);
	check_text(text, max, columns);
	free(text);
	return 0;
}
