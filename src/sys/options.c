#include "sys/options.h"

#include <arpa/inet.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "sys/secret.h"

/* The member of C that O fills. */
#define MEMBER(type, c, o) ((type *)(void *)((char *)(c) + (o)->offset))

static int
replace(char **where, const char *value)
{
	char *copy = mem_strdup(value);

	if (copy == NULL)
		return ERR_NOMEM;
	mem_free(*where);
	*where = copy;
	return 0;
}

static int
set_text(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	size_t len = strlen(e->value);

	if (len < (size_t)o->min || len > (size_t)o->max) {
		problem_add(p, e->line, len == 0 ? "%s is empty" : "%s is too long", o->name);
		return 0;
	}
	return replace(MEMBER(char *, c, o), e->value);
}

static int
set_path(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	if (e->value[0] != '/' && !(e->value[0] == '\0' && o->min == 0)) {
		problem_add(p, e->line, "%s must be an absolute path, not \"%s\"", o->name, e->value);
		return 0;
	}
	return set_text(c, o, e, p);
}

static bool
parse_number(const char *s, unsigned long long *n)
{
	char *end;

	if (s[0] < '0' || s[0] > '9')
		return false;
	errno = 0;
	*n = strtoull(s, &end, 10);
	return errno == 0 && *end == '\0';
}

static int
set_number(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	unsigned long long n;

	if (!parse_number(e->value, &n) || n < (unsigned long long)o->min || n > (unsigned long long)o->max)
		problem_add(p, e->line, "%s must be a number from %ld to %ld, not \"%s\"", o->name, o->min, o->max,
		    e->value);
	else
		*MEMBER(unsigned, c, o) = (unsigned)n;
	return 0;
}

/* A number with a unit, in seconds; O->max is in seconds too. */
static bool
parse_duration(const char *s, unsigned long long *seconds)
{
	static const char units[] = "smhd";
	static const unsigned factors[] = {1, 60, 3600, 86400};
	char digits[16];
	size_t n = strspn(s, "0123456789");
	const char *unit;

	if (n == 0 || n >= sizeof(digits))
		return false;
	memcpy(digits, s, n);
	digits[n] = '\0';
	if (!parse_number(digits, seconds) || *seconds > UINT32_MAX)
		return false;
	if (s[n] == '\0')
		return *seconds == 0;
	unit = strchr(units, s[n]);
	if (unit == NULL || s[n + 1] != '\0')
		return false;
	*seconds *= factors[unit - units];
	return true;
}

static bool
duration(const struct option_def *o, const struct entry *e, struct problems *p, bool never, unsigned long long *n)
{
	if (parse_duration(e->value, n) && (*n == 0 ? o->min == 0 || never : *n >= (unsigned long long)o->min) &&
	    *n <= (unsigned long long)o->max)
		return true;
	problem_add(p, e->line, "%s must be a time like 90s, 10m, 24h or 2d, from %lds to %lds%s, not \"%s\"", o->name,
	    o->min, o->max, never ? ", or 0 for never" : "", e->value);
	return false;
}

static int
set_seconds(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	unsigned long long n;

	if (duration(o, e, p, false, &n))
		*MEMBER(unsigned, c, o) = (unsigned)n;
	return 0;
}

/* The same; 0 stands for never. */
static int
set_period(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	unsigned long long n;

	if (duration(o, e, p, true, &n))
		*MEMBER(unsigned, c, o) = (unsigned)n;
	return 0;
}

static int
set_millis(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	unsigned long long n;

	if (duration(o, e, p, false, &n))
		*MEMBER(unsigned, c, o) = (unsigned)n * 1000;
	return 0;
}

static int
set_bool(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(e->value, words[i]) == 0) {
			*MEMBER(bool, c, o) = i % 2 == 1;
			return 0;
		}
	problem_add(p, e->line, "%s must be true or false, not \"%s\"", o->name, e->value);
	return 0;
}

/* The index of VALUE among the words of O; -1: none of them, which is reported. */
static int
word_index(const struct option_def *o, const struct entry *e, struct problems *p)
{
	const char *w = o->words;
	size_t len;
	int i;

	for (i = 0; *w != '\0'; i++) {
		len = strcspn(w, " ");
		if (strlen(e->value) == len && strncmp(w, e->value, len) == 0)
			return i;
		w += len;
		w += strspn(w, " ");
	}
	problem_add(p, e->line, "%s must be one of: %s; not \"%s\"", o->name, o->words, e->value);
	return -1;
}

/* Enums of different types have one representation each, so each has its setter. */
#define SET_WORD(fn, type, first)                                                                            \
	static int fn(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p) \
	{                                                                                                    \
		int i = word_index(o, e, p);                                                                 \
                                                                                                             \
		if (i >= 0)                                                                                  \
			*MEMBER(type, c, o) = (type)(i + (first));                                           \
		return 0;                                                                                    \
	}

SET_WORD(set_tls, enum conf_tls, TLS_NONE)
SET_WORD(set_level, enum log_level, LOG_LEVEL_ERROR)
SET_WORD(set_format, enum log_format, LOG_FORMAT_LOGFMT)
SET_WORD(set_access, enum access, ACCESS_PRESENCE)
SET_WORD(set_deliver, enum deliver, DELIVER_AUTO)

static int
set_destination(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	if (strcmp(e->value, "stderr") == 0) {
		c->log.target = LOG_TO_STDERR;
	} else if (strcmp(e->value, "syslog") == 0) {
		c->log.target = LOG_TO_SYSLOG;
	} else if (strncmp(e->value, "file:/", 6) == 0 && strlen(e->value) < PATH_MAX) {
		c->log.target = LOG_TO_FILE;
		return replace(&c->log.path, e->value + 5);
	} else {
		problem_add(p, e->line, "%s must be stderr, syslog or file:/PATH, not \"%s\"", o->name, e->value);
	}
	return 0;
}

/* The prepared form of VALUE; NULL, which is reported, if it is no domain. */
static char *
prepare_domain(const struct option_def *o, const struct entry *e, struct problems *p)
{
	struct jid *j = mem_alloc(sizeof(*j));
	char *text = NULL;
	int status;

	if (j == NULL) {
		p->nomem = true;
		return NULL;
	}
	status = jid_parse(j, e->value, strlen(e->value));
	if (status != 0 || !jid_is_domain(j))
		problem_add(p, e->line, "%s: \"%s\" is not a domain", o->name, e->value);
	else if ((text = mem_strdup(j->text)) == NULL)
		p->nomem = true;
	mem_free(j);
	return text;
}

static int
set_domain(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	char *text = prepare_domain(o, e, p);

	if (text != NULL) {
		mem_free(*MEMBER(char *, c, o));
		*MEMBER(char *, c, o) = text;
	}
	return 0;
}

static int
set_domain_or_none(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	return e->value[0] == '\0' ? replace(MEMBER(char *, c, o), "") : set_domain(c, o, e, p);
}

static int
add_domain(struct conf *c, const struct option_def *o, const struct entry *e, struct problems *p)
{
	struct conf_list *l = MEMBER(struct conf_list, c, o);
	char *text = prepare_domain(o, e, p);
	char **list;
	size_t i;

	if (text == NULL)
		return 0;
	for (i = 0; i < l->n; i++)
		if (jid_same_domain(l->list[i], text)) {
			problem_add(p, e->line, "%s: \"%s\" is listed twice", o->name, text);
			mem_free(text);
			return 0;
		}
	list = mem_realloc(l->list, (l->n + 1) * sizeof(*list));
	if (list == NULL) {
		mem_free(text);
		return ERR_NOMEM;
	}
	l->list = list;
	l->list[l->n++] = text;
	return 0;
}

#define AT(member) offsetof(struct conf, member)

const struct option_def options[] = {
	{"", "hosts", true, add_domain, AT(hosts), 0, 0, NULL},
	{"", "pid-file", false, set_path, AT(pid_file), 0, PATH_MAX - 1, NULL},
	{"component", "jid", false, set_domain, AT(domain), 0, 0, NULL},
	{"component", "secret-file", false, set_path, AT(secret_file), 1, PATH_MAX - 1, NULL},
	{"component", "server", false, set_text, AT(server), 1, 255, NULL},
	{"component", "port", false, set_number, AT(port), 1, 65535, NULL},
	{"component", "tls", false, set_tls, AT(tls), 0, 0, "none direct"},
	{"component", "tls-name", false, set_text, AT(tls_name), 0, 255, NULL},
	{"component", "ca-file", false, set_path, AT(ca_file), 0, PATH_MAX - 1, NULL},
	{"component", "insecure-remote", false, set_bool, AT(insecure_remote), 0, 0, NULL},
	{"registry", "path", false, set_path, AT(registry), 1, PATH_MAX - 16, NULL},
	{"registry", "moved-from", false, set_domain_or_none, AT(moved_from), 0, 0, NULL},
	{"log", "level", false, set_level, AT(log.level), 0, 0, "error warn info debug"},
	{"log", "destination", false, set_destination, 0, 0, 0, NULL},
	{"log", "format", false, set_format, AT(log.format), 0, 0, "logfmt json"},
	{"publish", "window-ms", false, set_number, AT(core.window_ms), 0, 60000, NULL},
	{"publish", "rate-ms", false, set_number, AT(core.rate_ms), 1, 3600000, NULL},
	{"publish", "burst", false, set_number, AT(core.burst), 1, 1000, NULL},
	{"publish", "access", false, set_access, AT(core.access), 0, 0, "presence whitelist"},
	{"publish", "expire", false, set_seconds, AT(core.expire_s), 0, 90L * 86400, NULL},
	{"publish", "deliver", false, set_deliver, AT(core.deliver), 0, 0, "auto always never"},
	{"presence", "settle-ms", false, set_number, AT(core.settle_ms), 100, 30000, NULL},
	{"presence", "probes-per-second", false, set_number, AT(core.probes_per_s), 1, 100000, NULL},
	{"presence", "rosters-per-second", false, set_number, AT(core.rosters_per_s), 1, 100000, NULL},
	{"presence", "audit", false, set_period, AT(core.audit_s), 30, 86400, NULL},
	{"presence", "linger", false, set_millis, AT(core.linger_ms), 0, 86400, NULL},
	{"devices", "group", false, set_text, AT(group), 0, 255, NULL},
	{"consent", "trusted", true, add_domain, AT(trusted), 0, 0, NULL},
	{.name = NULL},
};

static const struct entry *
find(const struct entries *es, const char *section, const char *name)
{
	size_t i = es->n;

	while (i-- > 0)
		if (strcmp(es->list[i].option->section, section) == 0 && strcmp(es->list[i].option->name, name) == 0)
			return &es->list[i];
	return NULL;
}

static int
line_of(const struct entries *es, const char *section, const char *name)
{
	const struct entry *e = find(es, section, name);

	return e != NULL ? e->line : es->last_line;
}

static bool
is_loopback(const char *server)
{
	struct in6_addr a6;
	struct in_addr a4;

	if (inet_pton(AF_INET, server, &a4) == 1)
		return (ntohl(a4.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, server, &a6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&a6);
	return strcasecmp(server, "localhost") == 0;
}

/* What can be judged only when everything has been read. */
static void
check_whole(struct conf *c, const struct entries *es, struct problems *p)
{
	char why[PATH_MAX + 128];
	struct secret secret;
	size_t i;

	/* What wasn't read may say it. */
	if (!es->partial && find(es, "component", "jid") == NULL)
		problem_add(p, es->last_line,
		    "component: jid is missing: the domain that the server gives to this component");
	if (!es->partial && find(es, "component", "secret-file") == NULL)
		problem_add(p, es->last_line, "component: secret-file is missing");
	if (!es->partial && find(es, "", "hosts") == NULL)
		problem_add(p, es->last_line,
		    "hosts is missing or empty: the domains of the server whose users are served");
	for (i = 0; c->domain != NULL && i < c->hosts.n; i++)
		if (jid_same_domain(c->hosts.list[i], c->domain))
			problem_add(p, line_of(es, "", "hosts"), "hosts: \"%s\" is the component itself", c->domain);
	if (c->domain != NULL && c->moved_from[0] != '\0' && jid_same_domain(c->moved_from, c->domain))
		problem_add(p, line_of(es, "registry", "moved-from"),
		    "moved-from: \"%s\" is the component's name now; it is to be the one that it had before",
		    c->moved_from);
	c->lines.registry = line_of(es, "registry", "path");
	c->lines.log = line_of(es, "log", "destination");
	c->lines.pid_file = line_of(es, "", "pid-file");
	if (c->secret_file != NULL) {
		if (secret_read(c->secret_file, &secret, why, sizeof(why)) != 0)
			problem_add(p, line_of(es, "component", "secret-file"), "secret-file: %s", why);
		secret_wipe(&secret);
	}
	c->insecure = c->tls == TLS_NONE && !is_loopback(c->server);
	if (c->insecure && !c->insecure_remote)
		problem_add(p, line_of(es, "component", "server"),
		    "server \"%s\" is not this machine and tls is none: set tls = direct, or insecure-remote = true "
		    "if the network between is trusted",
		    c->server);
}

int
options_apply(struct conf *c, const struct entries *es, struct problems *p)
{
	const struct entry *e;
	size_t i, j;
	int status;

	for (i = 0; i < es->n; i++) {
		e = &es->list[i];
		for (j = 0; j < i && !e->option->list; j++)
			if (es->list[j].option == e->option) {
				problem_add(p, e->line, "%s is given twice, first in line %d", e->option->name,
				    es->list[j].line);
				break;
			}
		status = e->option->set(c, e->option, e, p);
		if (status != 0)
			return status;
	}
	c->core.domain = c->domain;
	c->core.group = c->group;
	c->core.hosts = (const char *const *)c->hosts.list;
	c->core.nhosts = c->hosts.n;
	c->core.trusted = (const char *const *)c->trusted.list;
	c->core.ntrusted = c->trusted.n;
	c->core.debug = c->log.level == LOG_LEVEL_DEBUG;
	check_whole(c, es, p);
	return p->nomem ? ERR_NOMEM : 0;
}

/* How many letters have to be changed, added or removed (Levenshtein), for short words. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b), i, j, diagonal, above;

	if (n >= sizeof(row) / sizeof(row[0]))
		return SIZE_MAX;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 0; a[i] != '\0'; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (j = 0; j < n; j++) {
			above = row[j + 1];
			row[j + 1] = diagonal + (a[i] != b[j]);
			if (above + 1 < row[j + 1])
				row[j + 1] = above + 1;
			if (row[j] + 1 < row[j + 1])
				row[j + 1] = row[j] + 1;
			diagonal = above;
		}
	}
	return row[n];
}

const char *
options_nearest(const char *section, const char *wrong)
{
	const struct option_def *o;
	const char *best = NULL, *name;
	size_t d, least = strlen(wrong) > 3 ? strlen(wrong) / 3 + 1 : 2;

	for (o = options; o->name != NULL; o++) {
		/* At the top level the sections are names too. */
		name = section[0] == '\0' && o->section[0] != '\0' ? o->section : o->name;
		if (section[0] != '\0' && strcmp(o->section, section) != 0)
			continue;
		d = distance(wrong, name);
		if (d < least) {
			least = d;
			best = name;
		}
	}
	return best;
}
