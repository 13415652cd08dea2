/*
 * A configuration file of any bytes: it is read the same way twice, all that
 * is wrong is reported and nothing that is right, and what libconfuse keeps
 * from one file to the next doesn't spoil a good one.
 */
#include "sys/conf.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/jid.h"
#include "fuzz.h"

static const char secret[] = "secret\n";
static char secret_path[64];

/* A file of these bytes that has a name as long as *FD is open. */
static void
make_file(const void *data, size_t len, int *fd, char path[64])
{
	*fd = memfd_create("fuzz", MFD_CLOEXEC);
	CHECK(*fd >= 0);
	CHECK(fchmod(*fd, 0600) == 0);
	while (len > 0) {
		ssize_t n = write(*fd, data, len);

		CHECK(n > 0);
		data = (const char *)data + n;
		len -= (size_t)n;
	}
	snprintf(path, 64, "/proc/self/fd/%d", *fd);
}

static void
report(void *ctx, const char *file, int line, const char *text)
{
	struct buf *all = ctx;

	CHECK(file != NULL && line >= 0 && text != NULL && *text != '\0');
	buf_printf(all, "%d: %s\n", line, text);
}

static int
load(const char *path, struct conf *c, struct buf *reports)
{
	struct conf_reporter reporter = {report, reports};

	return conf_load(path, c, &reporter);
}

static void
check_list(const struct conf_list *list)
{
	struct jid j;
	size_t i;

	for (i = 0; i < list->n; i++) {
		CHECK(jid_parse(&j, list->list[i], strlen(list->list[i])) == 0);
		CHECK(jid_is_domain(&j) && strcmp(j.text, list->list[i]) == 0);
	}
}

/* What the rest of the program takes for granted. */
static void
check_conf(const struct conf *c)
{
	struct jid j;

	CHECK(jid_parse(&j, c->domain, strlen(c->domain)) == 0);
	CHECK(jid_is_domain(&j) && strcmp(j.text, c->domain) == 0);
	CHECK(c->secret_file != NULL && c->server != NULL && *c->server != '\0');
	CHECK(c->port > 0 && c->port < 65536);
	CHECK(c->hosts.n > 0);
	check_list(&c->hosts);
	check_list(&c->trusted);
	CHECK(c->registry != NULL && c->pid_file != NULL && c->group != NULL && c->log.path != NULL);
	CHECK(c->core.domain == c->domain && c->core.nhosts == c->hosts.n && c->core.ntrusted == c->trusted.n);
	CHECK(c->core.burst > 0 && c->core.probes_per_s > 0 && c->core.rosters_per_s > 0);
	CHECK(c->core.access == ACCESS_PRESENCE || c->core.access == ACCESS_WHITELIST);
}

/* SECRET in the text becomes the path of a file that may be one. */
static void
make_text(struct buf *out, const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (size - i >= 6 && memcmp(data + i, "SECRET", 6) == 0) {
			buf_puts(out, secret_path);
			i += 5;
		} else {
			buf_putc(out, (char)data[i]);
		}
	}
}

static void
check_good(void)
{
	static const char good[] = "component {\n  jid = \"presence.home.test\"\n  secret-file = \"SECRET\"\n}\n"
				   "hosts = {\"home.test\"}\n";
	struct buf text = {0}, reports = {0};
	char path[64];
	struct conf c;
	int fd;

	make_text(&text, (const uint8_t *)good, sizeof(good) - 1);
	make_file(text.data, text.len, &fd, path);
	CHECK(load(path, &c, &reports) == 0);
	CHECK(reports.len == 0);
	check_conf(&c);
	conf_clear(&c);
	close(fd);
	buf_clear(&text);
	buf_clear(&reports);
}

/* All of an accepted file has been read: an option that doesn't exist behind it would have been seen. */
static void
check_end(struct buf *text)
{
	struct buf reports = {0};
	char path[64];
	struct conf c;
	int fd;

	buf_puts(text, "\nnonsense = 1\n");
	make_file(text->data, text->len, &fd, path);
	CHECK(load(path, &c, &reports) == ERR_INVALID);
	CHECK(strstr(reports.data, "nonsense") != NULL);
	close(fd);
	buf_clear(&reports);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int secret_fd = -1;
	struct buf text = {0}, first = {0}, second = {0};
	char path[64];
	struct conf c;
	int fd, status;

	if (secret_fd < 0)
		make_file(secret, sizeof(secret) - 1, &secret_fd, secret_path);
	make_text(&text, data, size);
	make_file(text.data, text.len, &fd, path);
	status = load(path, &c, &first);
	CHECK(status == 0 || status == ERR_INVALID);
	CHECK((status == 0) == (first.len == 0));
	if (status == 0)
		check_conf(&c);
	conf_clear(&c);
	CHECK(load(path, &c, &second) == status);
	conf_clear(&c);
	CHECK(strcmp(buf_text(&first), buf_text(&second)) == 0);
	close(fd);
	if (status == 0)
		check_end(&text);
	check_good();
	buf_clear(&text);
	buf_clear(&first);
	buf_clear(&second);
	return 0;
}
