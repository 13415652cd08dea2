#include "sys/log.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "sys/clock.h"
#include "wire/catalogue.h"

#define SYSLOG_PATH "/dev/log"
#define FIELDS_MAX 40

static struct {
	enum log_level level;
	enum log_format format;
	enum log_target target;
	int fd;	   /* -1: none (yet) */
	bool own;  /* FD is ours to close */
	bool torn; /* the last write ended within a line */
	uint64_t lost;
	char path[PATH_MAX];
} out = {.level = LOG_LEVEL_INFO, .fd = STDERR_FILENO};

/* What log_hold() keeps: each line after what goes before it. */
struct held_line {
	enum log_level level;
	size_t len;
};

static struct {
	char bytes[LOG_HELD_BYTES_MAX];
	size_t len;
} held;

/* A line in the making; the last bytes are kept for how it ends. */
struct line {
	char *data;
	size_t len, max;
	bool cut;	/* there was no room for more */
	bool shortened; /* a value has lost its end */
};

static bool
put(struct line *t, const char *s, size_t len)
{
	if (t->cut || len > t->max - t->len) {
		t->cut = true;
		return false;
	}
	memcpy(t->data + t->len, s, len);
	t->len += len;
	return true;
}

static bool
put_text(struct line *t, const char *s)
{
	return put(t, s, strlen(s));
}

/* The character at S and its length in bytes; -1 and 1 for what is not UTF-8 (RFC 3629). */
static int32_t
next_char(const unsigned char *s, size_t len, size_t *used)
{
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n, i;
	int32_t c;

	*used = 1;
	if (s[0] < 0x80)
		return s[0];
	n = s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : 0;
	if (n == 0 || n > len)
		return -1;
	c = s[0] & (0xff >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return -1;
	*used = n;
	return c;
}

/* What would end a line, move the cursor or turn text around. */
static bool
is_unsafe(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	    (c >= 0xfff9 && c <= 0xfffb) || (c & 0xfffe) == 0xfffe || (c >= 0xe0000 && c <= 0xe007f);
}

static bool
put_escape(struct line *t, enum log_format format, int32_t c, unsigned char byte)
{
	char esc[16];

	if (c == '\n' || c == '\r' || c == '\t')
		snprintf(esc, sizeof(esc), "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
	else if (c < 0)
		snprintf(esc, sizeof(esc), format == LOG_FORMAT_JSON ? "\\ufffd" : "\\x%02x", byte);
	else if (c < 0x80 && format == LOG_FORMAT_LOGFMT)
		snprintf(esc, sizeof(esc), "\\x%02x", (unsigned)c);
	else if (c >= 0x10000 && format == LOG_FORMAT_JSON)
		snprintf(esc, sizeof(esc), "\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
		    (unsigned)(0xdc00 + (c & 0x3ff)));
	else if (c >= 0x10000)
		snprintf(esc, sizeof(esc), "\\U%08x", (unsigned)c);
	else
		snprintf(esc, sizeof(esc), "\\u%04x", (unsigned)c);
	return put_text(t, esc);
}

static bool
is_plain(const char *value)
{
	const unsigned char *s = (const unsigned char *)value;
	size_t i, n = strlen(value), used;
	int32_t c;

	for (i = 0; i < n && i < LOG_VALUE_BYTES_MAX; i += used) {
		c = next_char(s + i, n - i, &used);
		if (c <= ' ' || c == '"' || c == '=' || c == '\\' || is_unsafe(c))
			return false;
	}
	return n > 0 && n <= LOG_VALUE_BYTES_MAX;
}

/* OURS: a text of the catalogue, which is as long as it has to be. */
static bool
put_value(struct line *t, enum log_format format, const char *value, bool ours)
{
	const unsigned char *s = (const unsigned char *)value;
	size_t i, n = strlen(value), used;
	int32_t c;
	bool ok = true;

	if (format == LOG_FORMAT_LOGFMT && is_plain(value))
		return put(t, value, n);
	ok = put(t, "\"", 1);
	for (i = 0; ok && i < n; i += used) {
		c = next_char(s + i, n - i, &used);
		if (!ours && i + used > LOG_VALUE_BYTES_MAX) {
			t->shortened = true;
			ok = put_text(t, "...");
			break;
		}
		if (c == '"' || c == '\\')
			ok = put(t, "\\", 1) && put(t, value + i, 1);
		else if (c < 0 || is_unsafe(c))
			ok = put_escape(t, format, c, s[i]);
		else
			ok = put(t, value + i, used);
	}
	return ok && put(t, "\"", 1);
}

/* All of `key=value' or nothing. */
static void
put_field(struct line *t, enum log_format format, const char *key, const char *value, bool ours)
{
	size_t start = t->len;
	bool ok, json = format == LOG_FORMAT_JSON;

	ok = (start == 0 || put(t, json ? "," : " ", 1)) &&
	    (!json || put(t, start == 0 ? "{\"" : "\"", start == 0 ? 2 : 1)) && put_text(t, key) &&
	    put_text(t, json ? "\":" : "=") && put_value(t, format, value, ours);
	if (!ok)
		t->len = start;
}

size_t
log_render(char *line, enum log_format format, int64_t wall_ms, enum log_level level, const char *event,
    const struct log_field *fields, size_t n)
{
	static const char cut_logfmt[] = " cut=true\n", cut_json[] = ",\"cut\":\"true\"}\n";
	struct line t = {.data = line, .max = LOG_LINE_MAX - sizeof(cut_json)};
	const char *value;
	char stamp[40];
	struct tm tm;
	time_t seconds = (time_t)(wall_ms / 1000);
	size_t i;

	if (gmtime_r(&seconds, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	i = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(stamp + i, sizeof(stamp) - i, ".%03dZ", (int)(wall_ms % 1000));
	put_field(&t, format, "time", stamp, false);
	put_field(&t, format, "level", log_level_name(level), false);
	put_field(&t, format, "event", event, false);
	for (i = 0; i < n && !t.cut; i++) {
		value = fields[i].value != NULL ? fields[i].value : catalogue_text(fields[i].text);
		if (value != NULL)
			put_field(&t, format, fields[i].key, value, fields[i].value == NULL);
	}
	t.max = LOG_LINE_MAX - 1;
	if (t.cut || t.shortened) {
		t.cut = false;
		put_text(&t, format == LOG_FORMAT_JSON ? cut_json : cut_logfmt);
	} else {
		put_text(&t, format == LOG_FORMAT_JSON ? "}\n" : "\n");
	}
	line[t.len] = '\0';
	return t.len;
}

static int
open_target(enum log_target target, const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	switch (target) {
	case LOG_TO_STDERR:
		return STDERR_FILENO;
	case LOG_TO_FILE:
		/* O_NONBLOCK: not to hang on a FIFO that nobody reads. */
		return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	case LOG_TO_SYSLOG:
		break;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	memcpy(sun.sun_path, SYSLOG_PATH, sizeof(SYSLOG_PATH));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
close_target(void)
{
	if (out.own && out.fd >= 0)
		close(out.fd);
	out.fd = -1;
	out.own = false;
	out.torn = false;
}

int
log_open(const struct log_conf *conf)
{
	const char *path = conf->path != NULL ? conf->path : "";
	int fd;

	if (strlen(path) >= sizeof(out.path))
		return ERR_LIMIT;
	fd = open_target(conf->target, path);
	/* A syslog that isn't there yet is tried again with each line. */
	if (fd < 0 && conf->target != LOG_TO_SYSLOG)
		return ERR_IO;
	close_target();
	out.fd = fd;
	out.own = conf->target != LOG_TO_STDERR;
	out.target = conf->target;
	out.format = conf->format;
	out.level = conf->level;
	memmove(out.path, path, strlen(path) + 1);
	return 0;
}

int
log_reopen(void)
{
	struct log_conf conf = {out.level, out.format, out.target, out.path};

	return out.target == LOG_TO_FILE ? log_open(&conf) : 0;
}

void
log_close(void)
{
	struct log_conf conf = {.level = LOG_LEVEL_INFO};

	log_open(&conf);
}

void
log_set_level(enum log_level level)
{
	out.level = level;
}

bool
log_wants(enum log_level level)
{
	return level <= out.level;
}

const char *
log_level_name(enum log_level level)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};

	return names[level];
}

static bool
write_syslog(const char *line, size_t len, enum log_level level)
{
	static const int priority[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
	char packet[LOG_LINE_MAX + 64];
	time_t now = time(NULL);
	struct tm tm;
	size_t n;
	int attempt;

	n = (size_t)snprintf(packet, sizeof(packet), "<%d>", LOG_DAEMON | priority[level]);
	if (localtime_r(&now, &tm) != NULL)
		n += strftime(packet + n, sizeof(packet) - n, "%b %e %H:%M:%S ", &tm);
	n += (size_t)snprintf(packet + n, sizeof(packet) - n, "polypresence[%ld]: ", (long)getpid());
	memcpy(packet + n, line, len - 1);
	n += len - 1;
	for (attempt = 0; attempt < 2; attempt++) {
		if (out.fd < 0)
			out.fd = open_target(LOG_TO_SYSLOG, NULL);
		if (out.fd < 0)
			return false;
		if (send(out.fd, packet, n, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return true;
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
			return false;
		/* The syslog daemon was restarted. */
		close(out.fd);
		out.fd = -1;
	}
	return false;
}

static bool
write_line(const char *line, size_t len, enum log_level level)
{
	struct pollfd p = {.fd = out.fd, .events = POLLOUT};
	ssize_t n;

	if (out.target == LOG_TO_SYSLOG)
		return write_syslog(line, len, level);
	if (out.fd < 0)
		return false;
	/* A pipe that polls as writable takes PIPE_BUF bytes without blocking (pipe(7)). */
	if (poll(&p, 1, 0) != 1 || (p.revents & POLLOUT) == 0)
		return false;
	if (out.torn) {
		if (write(out.fd, "\n", 1) != 1)
			return false;
		out.torn = false;
	}
	do
		n = write(out.fd, line, len);
	while (n < 0 && errno == EINTR);
	out.torn = n > 0 && (size_t)n < len;
	return n == (ssize_t)len;
}

/* LINE of LEN bytes goes out, after the count of those that could not. */
static void
say(const char *line, size_t len, enum log_level level)
{
	char text[LOG_LINE_MAX], count[24];
	struct log_field lost = {.key = "count", .value = count};
	struct instant now;
	size_t n;

	if (out.lost > 0) {
		clock_now(&now);
		snprintf(count, sizeof(count), "%llu", (unsigned long long)out.lost);
		n = log_render(text, out.format, now.wall_ms, LOG_LEVEL_WARN, "log.lost", &lost, 1);
		if (write_line(text, n, LOG_LEVEL_WARN))
			out.lost = 0;
	}
	if (out.lost > 0 || !write_line(line, len, level))
		out.lost++;
}

void
log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
	char line[LOG_LINE_MAX];
	struct instant now;
	int saved = errno;

	if (!log_wants(level))
		return;
	clock_now(&now);
	say(line, log_render(line, out.format, now.wall_ms, level, event, fields, n), level);
	errno = saved;
}

void
log_line(const struct log_line *line)
{
	log_fields(line->level, line->event, line->fields, line->nfields);
}

bool
log_hold(const struct log_line *line)
{
	struct held_line h = {.level = line->level};
	struct instant now;
	char *start = held.bytes + held.len;
	int saved = errno;

	if (!log_wants(line->level))
		return true;
	if (held.len + sizeof(h) + LOG_LINE_MAX > sizeof(held.bytes))
		return false;
	clock_now(&now);
	h.len = log_render(start + sizeof(h), out.format, now.wall_ms, line->level, line->event, line->fields,
	    line->nfields);
	memcpy(start, &h, sizeof(h));
	held.len += sizeof(h) + h.len;
	errno = saved;
	return true;
}

void
log_release(void)
{
	struct held_line h;
	int saved = errno;
	size_t at;

	for (at = 0; at < held.len; at += sizeof(h) + h.len) {
		memcpy(&h, held.bytes + at, sizeof(h));
		say(held.bytes + at + sizeof(h), h.len, h.level);
	}
	held.len = 0;
	errno = saved;
}

void
log_event(enum log_level level, const char *event, ...)
{
	struct log_field fields[FIELDS_MAX];
	size_t n = 0;
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, event);
	while (n < FIELDS_MAX && (fields[n].key = va_arg(ap, const char *)) != NULL) {
		fields[n].value = va_arg(ap, const char *);
		fields[n].text = TEXT_NONE;
		n++;
	}
	va_end(ap);
	log_fields(level, event, fields, n);
}
