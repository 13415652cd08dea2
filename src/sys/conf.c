#include "sys/conf.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <confuse.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "sys/conf_places.h"
#include "sys/conf_text.h"
#include "sys/options.h"

#define UNKNOWN_MAX 64
#define CONF_BYTES_MAX (1024 * 1024)

/*
 * libconfuse stops at the first name that it doesn't know.  To report them all
 * the file is parsed again, each time with one more of these made known.
 */
struct unknown {
	char *section, *name;
	bool is_section;
	bool inner; /* within a section that is unknown itself: not worth a word */
	int line;
};

/* libconfuse hands no context to its callbacks. */
static struct load {
	struct entries entries;
	struct problems problems;
	struct unknown unknown[UNKNOWN_MAX];
	size_t nunknown;
	const struct buf *text;
	bool cut;   /* before what has no end */
	bool again; /* something was learned: parse once more */
	bool nomem;
} * load;

static const char *
section_name(const cfg_t *cfg)
{
	return strcmp(cfg->name, "root") == 0 ? "" : cfg->name;
}

static struct unknown *
find_unknown(const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < load->nunknown; i++)
		if (strcmp(load->unknown[i].section, section) == 0 && strcmp(load->unknown[i].name, name) == 0)
			return &load->unknown[i];
	return NULL;
}

static bool
is_section(const char *name)
{
	const struct option_def *o;

	for (o = options; o->name != NULL; o++)
		if (strcmp(o->section, name) == 0)
			return true;
	return false;
}

static void
learn(const char *section, const char *name, int line)
{
	struct unknown *u;

	if (load->nunknown == UNKNOWN_MAX)
		return;
	u = &load->unknown[load->nunknown];
	u->section = mem_strdup(section);
	u->name = mem_strdup(name);
	u->line = line;
	u->is_section = false;
	u->inner = !is_section(section);
	load->nunknown++;
	load->nomem |= u->section == NULL || u->name == NULL;
	load->again = !load->nomem;
}

/* What has to stand behind NAME was missed when LINE was read, perhaps lines behind it. */
static void
is_unfinished(const char *name, int line, const char *what)
{
	problem_add(&load->problems, conf_text_line_of(load->text->data, load->text->len, name, line),
	    "%s: there is no \"%s\" behind it, and nothing is read from here on", name, what);
}

/* Messages of libconfuse, compared as it writes them in the C locale, which we never leave. */
static void __attribute__((format(printf, 2, 0))) on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[512];
	const char *name;
	struct unknown *u;
	va_list copy;

	va_copy(copy, ap);
	vsnprintf(text, sizeof(text), fmt, copy);
	va_end(copy);
	if (strcmp(fmt, "no such option '%s'") == 0) {
		name = va_arg(ap, const char *);
		/* What libconfuse doesn't find though it was told of it is no name at all; told twice, it takes nothing. */
		if (find_unknown(section_name(cfg), name) == NULL && load->nunknown < UNKNOWN_MAX) {
			learn(section_name(cfg), name, cfg->line);
			return;
		}
	}
	if (strcmp(fmt, "missing equal sign after option '%s'") == 0) {
		name = va_arg(ap, const char *);
		u = find_unknown(section_name(cfg), name);
		if (u != NULL && !u->is_section) {
			u->is_section = load->again = true;
			return;
		}
		is_unfinished(name, cfg->line, "=");
		return;
	}
	if (strcmp(fmt, "missing opening brace for section '%s'") == 0) {
		name = va_arg(ap, const char *);
		u = find_unknown(section_name(cfg), name);
		/* It is neither: with an equal sign it would have been an option. */
		if (u != NULL)
			u->is_section = false;
		is_unfinished(name, cfg->line, u != NULL ? "=" : "{");
		return;
	}
	/* What has no end stands there. */
	if (!load->cut || strcmp(fmt, "premature end of file") != 0)
		problem_add(&load->problems, cfg->line, "%s", text);
}

/*
 * A list calls this for each of its values and, in braces, once more at its
 * end.  Remember it unless that end is all that it is.
 */
static bool
is_new_element(const struct option_def *o, const cfg_t *cfg, const cfg_opt_t *opt)
{
	struct entries *es = &load->entries;
	struct entry *last = NULL;
	size_t seen = 0, i;

	for (i = 0; i < es->n; i++)
		if (es->list[i].option == o) {
			last = &es->list[i];
			seen++;
		}
	if (last != NULL && !last->closed && seen == opt->nvalues &&
	    strcmp(last->value, opt->values[opt->nvalues - 1]->string) == 0) {
		last->closed = true;
		return false;
	}
	if (last == NULL || (!last->closed && opt->nvalues == seen + 1))
		return true;
	if (!last->twice)
		problem_add(&load->problems, cfg->line, "%s is given twice, first in line %d", o->name, last->line);
	last->closed = last->twice = true;
	return false;
}

static int
on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	struct entries *es = &load->entries;
	const struct option_def *o;
	struct entry *list;

	for (o = options; o->name != NULL; o++)
		if (strcmp(o->section, section_name(cfg)) == 0 && strcmp(o->name, opt->name) == 0)
			break;
	if (o->name == NULL || opt->nvalues == 0 || (o->list && !is_new_element(o, cfg, opt)))
		return 0;
	if (es->n == es->cap) {
		list = mem_realloc(es->list, (es->cap + 32) * sizeof(*list));
		if (list == NULL)
			goto nomem;
		es->list = list;
		es->cap += 32;
	}
	es->list[es->n].option = o;
	es->list[es->n].line = cfg->line;
	es->list[es->n].closed = es->list[es->n].twice = false;
	es->list[es->n].value = mem_strdup(opt->values[opt->nvalues - 1]->string);
	if (es->list[es->n].value == NULL)
		goto nomem;
	es->n++;
	return 0;
nomem:
	load->nomem = true;
	return -1;
}

/* libconfuse's tables, one for each section; cfg_init() copies them. */
#define TABLES_MAX 64
#define TABLES_KNOWN 16 /* kept for the sections that exist: unknown ones within each other multiply */
#define TABLE_DEPTH_MAX 4

struct tables {
	cfg_opt_t *list[TABLES_MAX];
	size_t n;
};

static void
tables_clear(struct tables *t)
{
	while (t->n > 0)
		mem_free(t->list[--t->n]);
}

/* The table of SECTION with all that is below it; NULL when there is no memory. */
static cfg_opt_t *
make_table(struct tables *t, const char *section, unsigned depth)
{
	const struct option_def *o;
	const char *last = "";
	cfg_opt_t *opts, *sub;
	size_t n = 0, i;

	for (o = options; o->name != NULL; o++)
		n++;
	if (t->n == TABLES_MAX || (opts = mem_array(2 * n + UNKNOWN_MAX + 1, sizeof(*opts))) == NULL)
		return NULL;
	t->list[t->n++] = opts;
	n = 0;
	for (o = options; o->name != NULL; o++) {
		if (strcmp(o->section, section) == 0) {
			cfg_opt_t list = CFG_STR_LIST(o->name, 0, CFGF_NONE);
			cfg_opt_t one = CFG_STR(o->name, 0, CFGF_NODEFAULT);

			opts[n] = o->list ? list : one;
			opts[n++].validcb = on_value;
		} else if (section[0] == '\0' && strcmp(o->section, last) != 0) {
			last = o->section;
			if ((sub = make_table(t, last, depth + 1)) == NULL)
				return NULL;
			cfg_opt_t sec = CFG_SEC(last, sub, CFGF_NONE);
			opts[n++] = sec;
		}
	}
	for (i = 0; i < load->nunknown; i++) {
		const struct unknown *u = &load->unknown[i];

		if (strcmp(u->section, section) != 0)
			continue;
		if (!u->is_section || depth == TABLE_DEPTH_MAX || t->n >= TABLES_MAX - TABLES_KNOWN) {
			cfg_opt_t list = CFG_STR_LIST(u->name, 0, CFGF_NONE);

			opts[n++] = list;
		} else {
			if ((sub = make_table(t, u->name, depth + 1)) == NULL)
				return NULL;
			cfg_opt_t sec = CFG_SEC(u->name, sub, CFGF_NONE);
			opts[n++] = sec;
		}
	}
	return opts;
}

static void
entries_clear(struct entries *es)
{
	size_t i;

	for (i = 0; i < es->n; i++)
		mem_free(es->list[i].value);
	mem_free(es->list);
	memset(es, 0, sizeof(*es));
}

static void
no_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	(void)cfg;
	(void)fmt;
	(void)ap;
}

/* After an error within a string or a comment libconfuse believes to be there still: end all of these. */
static void
reset_lexer(void)
{
	cfg_opt_t nothing[] = {CFG_END()};
	cfg_t *cfg = cfg_init(nothing, CFGF_NONE);

	if (cfg == NULL)
		return;
	cfg_set_error_function(cfg, no_error);
	cfg_parse_buf(cfg, "#\"\n#'\n#*/\n");
	cfg_free(cfg);
}

/* Parse once; load->again says that something unknown was met and another turn sees more. */
static int
parse_once(FILE *f)
{
	struct tables tables = {.n = 0};
	cfg_opt_t *top;
	cfg_t *cfg = NULL;
	int status = ERR_NOMEM, parsed;

	entries_clear(&load->entries);
	problems_clear(&load->problems);
	load->again = false;
	if ((top = make_table(&tables, "", 0)) == NULL || (cfg = cfg_init(top, CFGF_NONE)) == NULL)
		goto out;
	cfg_set_error_function(cfg, on_error);
	reset_lexer();
	rewind(f);
	parsed = cfg_parse_fp(cfg, f);
	load->entries.last_line = cfg->line;
	load->entries.partial = parsed != CFG_SUCCESS;
	/* It says why, but for a name that is empty. */
	if (parsed != CFG_SUCCESS && load->problems.n == 0 && !load->again && !load->cut)
		problem_add(&load->problems, cfg->line, "something without a name, and nothing is read behind it");
	status = load->nomem ? ERR_NOMEM : 0;
out:
	cfg_free(cfg);
	tables_clear(&tables);
	return status;
}

static void
report_all(const char *path, const struct conf_reporter *reporter)
{
	struct problems *p = &load->problems;
	size_t i;

	problems_sort(p);
	for (i = 0; i < p->n; i++)
		reporter->report(reporter->ctx, path, p->list[i].line, p->list[i].text);
}

static void
name_unknown(void)
{
	const struct unknown *u;
	const char *nearest;
	size_t i;

	for (i = 0; i < load->nunknown; i++) {
		u = &load->unknown[i];
		if (u->inner)
			continue;
		nearest = options_nearest(u->section, u->name);
		problem_add(&load->problems, u->line, "unknown %s \"%s\"%s%s%s%s%s",
		    u->is_section ? "section" : "option", u->name, u->section[0] != '\0' ? " in " : "", u->section,
		    nearest != NULL ? ", did you mean \"" : "", nearest != NULL ? nearest : "",
		    nearest != NULL ? "\"?" : "");
	}
}

/* Read all of PATH.  Returns 0, ERR_NOMEM, or ERR_INVALID: what is wrong with it was reported. */
static int
read_file(const char *path, struct buf *text, const struct conf_reporter *reporter)
{
	char chunk[4096], why[256];
	struct stat st;
	ssize_t n = 0;
	int fd;

	/* Neither a FIFO nor a disk that fails in the middle may hold up, or end, a program that runs. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		snprintf(why, sizeof(why), "can't be read: %s", strerror(errno));
		goto bad;
	}
	if (!S_ISREG(st.st_mode)) {
		snprintf(why, sizeof(why), "is no regular file");
		goto bad;
	}
	while (text->len <= CONF_BYTES_MAX && ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			buf_put(text, chunk, (size_t)n);
	if (n < 0) {
		snprintf(why, sizeof(why), "can't be read: %s", strerror(errno));
		goto bad;
	}
	if (text->len > CONF_BYTES_MAX) {
		snprintf(why, sizeof(why), "is larger than %d bytes", CONF_BYTES_MAX);
		goto bad;
	}
	close(fd);
	return text->failed ? ERR_NOMEM : 0;
bad:
	if (fd >= 0)
		close(fd);
	reporter->report(reporter->ctx, path, 0, why);
	return ERR_INVALID;
}

static int
load_file(const char *path, struct conf *c, const struct conf_reporter *reporter, bool places)
{
	const char *unended = NULL;
	struct buf text = {0};
	size_t i, len = 0;
	struct load l;
	FILE *f;
	int status, line;

	memset(c, 0, sizeof(*c));
	memset(&l, 0, sizeof(l));
	status = read_file(path, &text, reporter);
	/* Of nothing there can be no stream. */
	if (status == 0 && text.len == 0)
		buf_putc(&text, ' ');
	if (status == 0 && !text.failed) {
		conf_text_blank_comments(text.data, text.len);
		len = text.len;
		unended = conf_text_unended(text.data, text.len, &len, &line);
		l.cut = len < text.len;
		if (len == 0)
			text.data[len++] = ' ';
	}
	f = status == 0 && !text.failed ? fmemopen(text.data, len, "r") : NULL;
	if (f == NULL) {
		buf_clear(&text);
		return status != 0 ? status : ERR_NOMEM;
	}
	load = &l;
	l.text = &text;
	do
		status = parse_once(f);
	while (status == 0 && l.again);
	if (status == 0 && unended != NULL) {
		problem_add(&l.problems, line, "%s", unended);
		l.entries.partial = true;
	}
	fclose(f);
	if (status != 0)
		goto out;
	name_unknown();
	status = conf_default(c);
	if (status == 0)
		status = options_apply(c, &l.entries, &l.problems);
	if (status == 0 && places)
		conf_places_check(c, &l.entries, &l.problems);
	if (status == 0 && l.problems.nomem)
		status = ERR_NOMEM;
	if (status != 0)
		goto out;
	report_all(path, reporter);
	if (l.problems.n > 0)
		status = ERR_INVALID;
out:
	if (status != 0)
		conf_clear(c);
	buf_clear(&text);
	entries_clear(&l.entries);
	problems_clear(&l.problems);
	for (i = 0; i < l.nunknown; i++) {
		mem_free(l.unknown[i].section);
		mem_free(l.unknown[i].name);
	}
	load = NULL;
	return status;
}

int
conf_load(const char *path, struct conf *c, const struct conf_reporter *reporter)
{
	return load_file(path, c, reporter, false);
}

int
conf_test(const char *path, const struct conf_reporter *reporter)
{
	struct conf c;
	int status = load_file(path, &c, reporter, true);

	if (status == 0)
		conf_clear(&c);
	return status;
}
