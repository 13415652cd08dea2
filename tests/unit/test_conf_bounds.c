/*
 * Every option at the ends of its range, from the file to where it is used: it
 * is taken at its least and at its greatest, and not beyond; and with all of
 * them at their least, or their greatest, devices are linked and published.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "core_fixture.h"
#include "sys/conf.h"
#include "sys/options.h"
#include "sys_fixture.h"

#define AT(member) offsetof(struct conf, member)

/* Numbers and times; what is one below the least and one above the greatest. */
static const struct range {
	const char *section, *name;
	size_t offset;
	const char *below, *least, *greatest, *above;
	unsigned from, to; /* as the program has them */
} ranges[] = {
	{"component", "port", AT(port), "0", "1", "65535", "65536", 1, 65535},
	{"publish", "window-ms", AT(core.window_ms), "-1", "0", "60000", "60001", 0, 60000},
	{"publish", "rate-ms", AT(core.rate_ms), "0", "1", "3600000", "3600001", 1, 3600000},
	{"publish", "burst", AT(core.burst), "0", "1", "1000", "1001", 1, 1000},
	{"publish", "expire", AT(core.expire_s), "-1s", "0", "90d", "7776001s", 0, 7776000},
	{"presence", "settle-ms", AT(core.settle_ms), "99", "100", "30000", "30001", 100, 30000},
	{"presence", "probes-per-second", AT(core.probes_per_s), "0", "1", "100000", "100001", 1, 100000},
	{"presence", "rosters-per-second", AT(core.rosters_per_s), "0", "1", "100000", "100001", 1, 100000},
	{"presence", "audit", AT(core.audit_s), "29s", "30s", "1d", "86401s", 30, 86400},
	{"presence", "linger", AT(core.linger_ms), "-1s", "0", "24h", "86401s", 0, 86400000},
};

/* Texts and paths, by their length. */
static const struct length {
	const char *section, *name;
	size_t offset;
	size_t least, greatest;
} lengths[] = {
	{"", "pid-file", AT(pid_file), 0, PATH_MAX - 1},
	{"component", "secret-file", AT(secret_file), 1, PATH_MAX - 1},
	{"component", "server", AT(server), 1, 255},
	{"component", "tls-name", AT(tls_name), 0, 255},
	{"component", "ca-file", AT(ca_file), 0, PATH_MAX - 1},
	{"registry", "path", AT(registry), 1, PATH_MAX - 16},
	{"devices", "group", AT(group), 0, 255},
};

/* Words, each of which stands for the number behind it. */
static const struct choice {
	const char *section, *name;
	size_t offset;
	const char *word;
	unsigned value;
} words[] = {
	{"component", "tls", AT(tls), "none", TLS_NONE},
	{"component", "tls", AT(tls), "direct", TLS_DIRECT},
	{"log", "level", AT(log.level), "error", LOG_LEVEL_ERROR},
	{"log", "level", AT(log.level), "warn", LOG_LEVEL_WARN},
	{"log", "level", AT(log.level), "info", LOG_LEVEL_INFO},
	{"log", "level", AT(log.level), "debug", LOG_LEVEL_DEBUG},
	{"log", "format", AT(log.format), "logfmt", LOG_FORMAT_LOGFMT},
	{"log", "format", AT(log.format), "json", LOG_FORMAT_JSON},
	{"log", "destination", AT(log.target), "stderr", LOG_TO_STDERR},
	{"log", "destination", AT(log.target), "syslog", LOG_TO_SYSLOG},
	{"log", "destination", AT(log.target), "file:/log", LOG_TO_FILE},
	{"publish", "access", AT(core.access), "presence", ACCESS_PRESENCE},
	{"publish", "access", AT(core.access), "whitelist", ACCESS_WHITELIST},
	{"publish", "deliver", AT(core.deliver), "auto", DELIVER_AUTO},
	{"publish", "deliver", AT(core.deliver), "always", DELIVER_ALWAYS},
	{"publish", "deliver", AT(core.deliver), "never", DELIVER_NEVER},
};

/* The ones below have tests of their own. */
static const char *const domains[] = {"jid", "hosts", "trusted", "moved-from"};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct conf conf;
static struct buf errors, file;

static void
hear(void *ctx, const char *path, int line, const char *text)
{
	(void)ctx;
	(void)path;
	buf_printf(&errors, "%d: %s\n", line, text);
}

static int
setup(void **state)
{
	int status = dir_setup(state);

	if (status != 0)
		return status;
	put_text(in_dir("secret"), "s3cret\n", 0600);
	return core_setup(state);
}

static int
teardown(void **state)
{
	core_teardown(state);
	conf_clear(&conf);
	buf_clear(&errors);
	buf_clear(&file);
	return dir_teardown(state);
}

static int
load(void)
{
	static const struct conf_reporter reporter = {hear, NULL};
	const char *path = in_dir("conf");

	put_text(path, buf_text(&file), 0600);
	conf_clear(&conf);
	buf_reset(&errors);
	return conf_load(path, &conf, &reporter);
}

static void
put_option(const char *name, const char *value)
{
	buf_printf(&file, "%s = \"%s\"\n", name, value);
}

/* A file that says just what has to be said, and NAME, in SECTION. */
static int
loads(const char *section, const char *name, const char *value)
{
	bool component = strcmp(section, "component") == 0;

	buf_reset(&file);
	buf_puts(&file, "component {\n");
	if (component)
		put_option(name, value);
	if (strcmp(name, "jid") != 0)
		put_option("jid", DOMAIN);
	if (strcmp(name, "secret-file") != 0)
		put_option("secret-file", in_dir("secret"));
	/* For a server that is another machine. */
	if (strcmp(name, "insecure-remote") != 0)
		put_option("insecure-remote", "true");
	buf_puts(&file, "}\n");
	if (strcmp(name, "hosts") != 0)
		put_option("hosts", "home.test");
	if (!component && *section != '\0')
		buf_printf(&file, "%s {\n", section);
	if (!component)
		put_option(name, value);
	if (!component && *section != '\0')
		buf_puts(&file, "}\n");
	return load();
}

/* What NAME is told to be: refused, with its name. */
static void
is_refused(const char *section, const char *name, const char *value)
{
	if (loads(section, name, value) == 0)
		fail_msg("%s = %.60s is taken", name, value);
	if (strstr(buf_text(&errors), name) == NULL)
		fail_msg("%s = %.60s: \"%s\" doesn't say what is wrong", name, value, buf_text(&errors));
}

static void
is_taken(const char *section, const char *name, const char *value)
{
	if (loads(section, name, value) != 0)
		fail_msg("%s = %.60s: %s", name, value, buf_text(&errors));
}

static unsigned
number_at(size_t offset)
{
	unsigned n;

	memcpy(&n, (const char *)&conf + offset, sizeof(n));
	return n;
}

static void
a_number_is_taken_at_both_ends_and_not_beyond(void **state)
{
	const struct range *r;

	(void)state;
	for (r = ranges; r < ranges + N(ranges); r++) {
		is_refused(r->section, r->name, r->below);
		is_taken(r->section, r->name, r->least);
		assert_int_equal(number_at(r->offset), r->from);
		is_taken(r->section, r->name, r->greatest);
		assert_int_equal(number_at(r->offset), r->to);
		is_refused(r->section, r->name, r->above);
	}
}

/* A text of LEN bytes for L; paths lead to the secret, if by a way round. */
static const char *
text_of(const struct length *l, size_t len)
{
	static char text[PATH_MAX + 2];
	const char *secret = in_dir("secret");
	size_t tail = strlen(secret);
	bool path = l->greatest > 255;

	assert_true(len < sizeof(text));
	memset(text, path ? '/' : 'x', len);
	text[len] = '\0';
	if (path && len > tail)
		memcpy(text + len - tail, secret, tail);
	return text;
}

static void
a_text_is_taken_at_both_ends_and_not_beyond(void **state)
{
	const struct length *l;
	const char *got, *text;

	(void)state;
	for (l = lengths; l < lengths + N(lengths); l++) {
		if (l->least > 0)
			is_refused(l->section, l->name, "");
		/* The shortest path to a secret is a longer one. */
		if (strcmp(l->name, "secret-file") != 0)
			is_taken(l->section, l->name, text_of(l, l->least));
		text = text_of(l, l->greatest);
		is_taken(l->section, l->name, text);
		memcpy(&got, (const char *)&conf + l->offset, sizeof(got));
		assert_string_equal(got, text);
		is_refused(l->section, l->name, text_of(l, l->greatest + 1));
	}
}

static void
a_word_means_what_it_says_and_no_other_is_one(void **state)
{
	const struct choice *w;
	char longer[64];

	(void)state;
	for (w = words; w < words + N(words); w++) {
		is_taken(w->section, w->name, w->word);
		assert_int_equal(number_at(w->offset), w->value);
		snprintf(longer, sizeof(longer), "%.*s", (int)strlen(w->word) - 1, w->word);
		if (w->value != LOG_TO_FILE || strcmp(w->name, "destination") != 0) {
			is_refused(w->section, w->name, longer);
			snprintf(longer, sizeof(longer), "%sx", w->word);
			is_refused(w->section, w->name, longer);
		}
		is_refused(w->section, w->name, "");
	}
	is_taken("component", "insecure-remote", "no");
	assert_false(conf.insecure_remote);
	is_refused("component", "insecure-remote", "maybe");
}

static void
a_log_file_has_a_path_that_a_file_may_have(void **state)
{
	struct length l = {"log", "destination", 0, 0, PATH_MAX - 1};
	char text[PATH_MAX + 8];

	(void)state;
	snprintf(text, sizeof(text), "file:%s", text_of(&l, PATH_MAX - 1 - strlen("file:")));
	is_taken("log", "destination", text);
	assert_string_equal(conf.log.path, text + 5);
	snprintf(text, sizeof(text), "file:%s", text_of(&l, PATH_MAX - strlen("file:")));
	is_refused("log", "destination", text);
	is_refused("log", "destination", "file:");
	is_refused("log", "destination", "file:log");
}

/* RFC 7622, section 3.2; labels of the most that DNS has. */
static const char *
domain_of(size_t len)
{
	static char text[JID_PART_MAX + 2];
	size_t i;

	assert_true(len < sizeof(text));
	for (i = 0; i < len; i++)
		text[i] = i % 64 == 63 ? '.' : 'a';
	text[len] = '\0';
	return text;
}

static void
a_domain_is_taken_as_long_as_an_address_may_have_one(void **state)
{
	static const char *const sections[] = {"component", "", "consent", "registry"};
	size_t i;

	(void)state;
	for (i = 0; i < N(domains); i++) {
		/* Which may be none. */
		if (strcmp(domains[i], "moved-from") == 0)
			is_taken(sections[i], domains[i], "");
		else
			is_refused(sections[i], domains[i], "");
		is_taken(sections[i], domains[i], "a");
		is_taken(sections[i], domains[i], domain_of(JID_PART_MAX));
		is_refused(sections[i], domains[i], domain_of(JID_PART_MAX + 1));
	}
}

/* An option that has no row above is one that nobody has tried at its ends. */
static void
no_option_is_left_out(void **state)
{
	const struct option_def *o;
	bool found;
	size_t i;

	(void)state;
	for (o = options; o->name != NULL; o++) {
		found = strcmp(o->name, "insecure-remote") == 0;
		for (i = 0; i < N(ranges) && !found; i++)
			found = strcmp(o->section, ranges[i].section) == 0 && strcmp(o->name, ranges[i].name) == 0;
		for (i = 0; i < N(lengths) && !found; i++)
			found = strcmp(o->section, lengths[i].section) == 0 && strcmp(o->name, lengths[i].name) == 0;
		for (i = 0; i < N(words) && !found; i++)
			found = strcmp(o->section, words[i].section) == 0 && strcmp(o->name, words[i].name) == 0;
		for (i = 0; i < N(domains) && !found; i++)
			found = strcmp(o->name, domains[i]) == 0;
		if (!found)
			fail_msg("%s %s is tried at neither end", o->section, o->name);
	}
}

/* All of them at once */

static void
put_section(const char *section, bool most)
{
	size_t i;

	for (i = 0; i < N(ranges); i++)
		if (strcmp(section, ranges[i].section) == 0)
			put_option(ranges[i].name, most ? ranges[i].greatest : ranges[i].least);
	for (i = 0; i < N(lengths); i++)
		if (strcmp(section, lengths[i].section) == 0 && strcmp(lengths[i].name, "secret-file") != 0)
			put_option(lengths[i].name,
			    text_of(&lengths[i], most ? lengths[i].greatest : lengths[i].least));
	/* The first word of each, or the last one. */
	for (i = 0; i < N(words); i++)
		if (strcmp(section, words[i].section) == 0 &&
		    (most ? i + 1 == N(words) || strcmp(words[i].name, words[i + 1].name) != 0 :
			    i == 0 || strcmp(words[i].name, words[i - 1].name) != 0))
			put_option(words[i].name, words[i].word);
}

/* The core is to do what this file says. */
static void
all_are_at(bool most)
{
	static const char *const sections[] = {"registry", "log", "publish", "presence", "devices"};
	size_t i;

	buf_reset(&file);
	put_section("", most);
	buf_puts(&file, "hosts = {\"home.test\", \"work.test\"");
	for (i = 0; i < 1000 && most; i++)
		buf_printf(&file, ", \"h%zu.test\"", i);
	buf_puts(&file, "}\ncomponent {\n");
	put_option("jid", DOMAIN);
	put_option("secret-file", in_dir("secret"));
	put_option("insecure-remote", "true");
	put_section("component", most);
	buf_puts(&file, "}\n");
	for (i = 0; i < N(sections); i++) {
		buf_printf(&file, "%s {\n", sections[i]);
		put_section(sections[i], most);
		buf_puts(&file, "}\n");
	}
	buf_puts(&file, "consent {\ntrusted = {\"t.test\"");
	for (i = 0; i < 1000 && most; i++)
		buf_printf(&file, ", \"t%zu.test\"", i);
	buf_puts(&file, "}\n}\n");
	if (load() != 0)
		fail_msg("%s", buf_text(&errors));
	settings = conf.core;
}

static const char *
state_of(const char *label)
{
	return state_in(node_item(ALICE, NODE_DEVICES), label);
}

/* Whatever the window, the rate and the wait are, it is over by then. */
#define IN_THE_END 100000

static void
comes_back(void)
{
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	says(DESK "/phone", "away");
	passes(IN_THE_END);
	assert_string_equal(state_of("laptop"), "on");
	assert_string_equal(state_of("Desk phone"), "away");
}

static void
does_its_work(void)
{
	assert_int_equal(node_access(ALICE, NODE_DEVICES), ACCESS_UNKNOWN);
	link_up();
	grant(GRANT_ALL);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	links(DESK, "Desk phone");
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "dnd");
	passes(IN_THE_END);
	assert_int_equal(node_access(ALICE, NODE_DEVICES), settings.access);
	assert_string_equal(state_of("laptop"), "on");
	assert_string_equal(state_of("Desk phone"), "dnd");
	says(DESK "/phone", "away");
	passes(IN_THE_END);
	assert_string_equal(state_of("Desk phone"), "away");
	link_down();
	comes_back();
	restart();
	comes_back();
	ends(DESK);
	passes(IN_THE_END);
	assert_string_equal(state_of("Desk phone"), "absent");
	assert_string_equal(state_of("laptop"), "on");
	says(ALICE "/laptop", "off");
	passes(IN_THE_END);
	assert_string_equal(state_of("laptop"), settings.linger_ms > 0 ? "off" : "absent");
	ends(ALICE);
	passes(IN_THE_END);
	assert_int_equal(node_item(ALICE, NODE_DEVICES)->ndevices, 0);
	assert_int_equal(registry_users(), 0);
}

static void
with_all_at_their_least_it_works(void **state)
{
	(void)state;
	all_are_at(false);
	restart();
	does_its_work();
}

static void
with_all_at_their_greatest_it_works(void **state)
{
	(void)state;
	all_are_at(true);
	restart();
	does_its_work();
}

static void
from_one_end_to_the_other_while_it_runs(void **state)
{
	int turn;

	(void)state;
	has_a_desk_phone(GRANT_ALL);
	for (turn = 0; turn < 4; turn++) {
		all_are_at(turn % 2 == 0);
		configures();
		if (reconnects() > 0)
			link_down();
		comes_back();
		says(DESK "/phone", "dnd");
		passes(IN_THE_END);
		assert_string_equal(state_of("Desk phone"), "dnd");
		link_down();
	}
}

int
main(void)
{
#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_number_is_taken_at_both_ends_and_not_beyond),
		TEST(a_text_is_taken_at_both_ends_and_not_beyond),
		TEST(a_word_means_what_it_says_and_no_other_is_one),
		TEST(a_log_file_has_a_path_that_a_file_may_have),
		TEST(a_domain_is_taken_as_long_as_an_address_may_have_one),
		TEST(no_option_is_left_out),
		TEST(with_all_at_their_least_it_works),
		TEST(with_all_at_their_greatest_it_works),
		TEST(from_one_end_to_the_other_while_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
