/* A configuration in a directory of its own, beside a secret. */
#include "conf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "sys_fixture.h"

struct conf conf;
struct buf errors;

static void
hear(void *ctx, const char *file, int line, const char *text)
{
	(void)ctx;
	assert_non_null(file);
	buf_printf(&errors, "%d: %s\n", line, text);
}

const struct conf_reporter reporter = {hear, NULL};

int
conf_setup(void **state)
{
	int status = dir_setup(state);

	if (status == 0)
		put_text(in_dir("secret"), "s3cret\n", 0600);
	return status;
}

int
conf_teardown(void **state)
{
	conf_clear(&conf);
	buf_clear(&errors);
	return dir_teardown(state);
}

int
loads(const char *text)
{
	const char *path = in_dir("polypresence.conf"), *mark;
	struct buf b = {0};
	int status;

	while ((mark = strstr(text, "%S")) != NULL) {
		buf_put(&b, text, (size_t)(mark - text));
		buf_puts(&b, in_dir("secret"));
		text = mark + 2;
	}
	buf_puts(&b, text);
	put_text(path, buf_text(&b), 0644);
	buf_clear(&b);
	conf_clear(&conf);
	buf_reset(&errors);
	status = conf_load(path, &conf, &reporter);
	if (status != 0)
		assert_null(conf.domain);
	return status;
}

void
says(const char *text, const char *want)
{
	assert_int_equal(loads(text), ERR_INVALID);
	assert_string_equal(buf_text(&errors), want);
}
