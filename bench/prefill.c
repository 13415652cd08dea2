#include "bench/prefill.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "bench/feed.h"
#include "sys/store.h"

#define CREATED_MS INT64_C(1795000000000)

static int
put_user(struct store *s, const char *primary)
{
	struct action act = {.kind = ACTION_STORE_USER};
	int node;

	act.user.primary = primary;
	act.user.created_ms = CREATED_MS;
	act.user.approved = true;
	act.user.generation = 2;
	for (node = 0; node < NODES; node++)
		act.user.setup[node] = SETUP_SERVER;
	return store_apply(s, &act);
}

static int
put_device(struct store *s, const char *primary, size_t u, size_t src)
{
	struct action act = {.kind = ACTION_STORE_DEVICE};
	struct buf jid = {0};
	char id[8];
	int status;

	feed_put_source(&jid, u, src, false);
	snprintf(id, sizeof(id), "%c%05zu", "ab"[src % 2], u % 100000);
	act.device.primary = primary;
	act.device.id = id;
	act.device.jid = buf_text(&jid);
	act.device.label = feed_label(src);
	act.device.kind = feed_kind(src);
	act.device.kind_given = true;
	act.device.show_status = true;
	act.device.state = LINK_ACTIVE;
	act.device.approved = act.device.confirmed = act.device.wide = act.device.withdrawn = true;
	act.device.generation = 1;
	act.device.created_ms = CREATED_MS;
	status = store_apply(s, &act);
	buf_clear(&jid);
	return status;
}

int
prefill_registry(const char *path, size_t users, uint64_t *probes, char *why, size_t whylen)
{
	struct store *s = NULL;
	struct buf primary = {0};
	size_t u, src;
	int status = store_open(&s, path, why, whylen);

	if (status != 0)
		return status;
	*probes = 0;
	status = store_begin(s);
	for (u = 0; u < users && status == 0; u++) {
		buf_reset(&primary);
		feed_put_primary(&primary, u);
		status = put_user(s, buf_text(&primary));
		++*probes;
		for (src = FEED_LINKED_FROM; src < FEED_SOURCES && status == 0; src++) {
			if (!feed_has(u, src))
				continue;
			status = put_device(s, buf_text(&primary), u, src);
			++*probes;
		}
	}
	if (status == 0)
		status = store_commit(s);
	if (status != 0)
		snprintf(why, whylen, "%s", store_error(s));
	buf_clear(&primary);
	store_close(s);
	return status;
}

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return ERR_IO;
	n = write(fd, text, len);
	if (close(fd) != 0 || n != (ssize_t)len)
		return ERR_IO;
	return 0;
}

int
prefill_conf(const char *dir, unsigned port)
{
	struct buf path = {0}, text = {0};
	int status;

	buf_printf(&path, "%s/secret", dir);
	status = write_file(buf_text(&path), "secret\n");
	/* All as it is by default, but that the time before the feed is short. */
	buf_printf(&text,
	    "component {\n\tjid = \"" FEED_DOMAIN "\"\n\tsecret-file = \"%s/secret\"\n\tserver = \"127.0.0.1\"\n"
	    "\tport = %u\n}\nhosts = {\"" FEED_HOST "\"}\nregistry { path = \"%s/registry.db\" }\n"
	    "log { level = \"info\"  destination = \"stderr\" }\npresence { probes-per-second = 20000 }\n",
	    dir, port, dir);
	buf_reset(&path);
	buf_printf(&path, "%s/polypresence.conf", dir);
	if (status == 0)
		status = write_file(buf_text(&path), buf_text(&text));
	if (path.failed || text.failed)
		status = ERR_NOMEM;
	buf_clear(&path);
	buf_clear(&text);
	return status;
}
