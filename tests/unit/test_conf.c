/* sys/conf: what a configuration has to say, and what of it is wrong; the sample file says the defaults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/options.h"
#include "conf_fixture.h"
#include "sys_fixture.h"

static void
the_minimal_configuration_is_enough(void **state)
{
	(void)state;
	assert_int_equal(loads("component {\n"
			       "  jid = \"Presence.HOME.test\"\n"
			       "  secret-file = \"%S\"\n"
			       "  server = \"127.0.0.1\"\n"
			       "  port = 5347\n"
			       "}\n"
			       "hosts = {\"home.test\", \"work.test\"}\n"
			       "registry { path = \"/path/to/registry.db\" }\n"
			       "log { level = \"info\"  destination = \"stderr\" }\n"
			       "publish { window-ms = 250 }\n"),
	    0);
	assert_string_equal(conf.domain, "presence.home.test");
	assert_string_equal(conf.core.domain, "presence.home.test");
	assert_int_equal(conf.core.nhosts, 2);
	assert_string_equal(conf.core.hosts[1], "work.test");
	assert_string_equal(conf.registry, "/path/to/registry.db");
	assert_int_equal(conf.port, 5347);
	assert_int_equal(conf.core.window_ms, 250);
	assert_false(conf.insecure);
	assert_string_equal(buf_text(&errors), "");
}

static void
every_option_is_taken(void **state)
{
	struct core_settings *s = &conf.core;

	(void)state;
	assert_int_equal(
	    loads(
		"component { jid = p.test secret-file = \"%S\" server = xmpp.example port = 1\n"
		"tls = direct tls-name = other.example ca-file = \"/ca\" insecure-remote = yes }\n"
		"hosts = home.test\npid-file = \"/run/p.pid\"\nregistry { path = \"/r\" moved-from = \"Old.test\" }\n"
		"log { level = debug destination = \"file:/var/log/p\" format = json }\n"
		"publish { window-ms = 1 rate-ms = 2 burst = 3 access = whitelist expire = 2d deliver = never }\n"
		"presence { settle-ms = 1000 probes-per-second = 4 rosters-per-second = 5 audit = 30s linger = 10m }\n"
		"devices { group = \"\" }\nconsent { trusted = {\"pbx.test\", \"b.test\"} }\n"),
	    0);
	assert_int_equal(conf.tls, TLS_DIRECT);
	assert_string_equal(conf.tls_name, "other.example");
	assert_string_equal(conf.ca_file, "/ca");
	assert_true(conf.insecure_remote);
	assert_false(conf.insecure);
	assert_string_equal(conf.pid_file, "/run/p.pid");
	assert_string_equal(conf.moved_from, "old.test");
	assert_int_equal(conf.log.level, LOG_LEVEL_DEBUG);
	assert_true(s->debug);
	assert_int_equal(conf.log.target, LOG_TO_FILE);
	assert_string_equal(conf.log.path, "/var/log/p");
	assert_int_equal(conf.log.format, LOG_FORMAT_JSON);
	assert_int_equal(s->window_ms, 1);
	assert_int_equal(s->rate_ms, 2);
	assert_int_equal(s->burst, 3);
	assert_int_equal(s->access, ACCESS_WHITELIST);
	assert_int_equal(s->expire_s, 2 * 86400);
	assert_int_equal(s->deliver, DELIVER_NEVER);
	assert_int_equal(s->settle_ms, 1000);
	assert_int_equal(s->probes_per_s, 4);
	assert_int_equal(s->rosters_per_s, 5);
	assert_int_equal(s->audit_s, 30);
	assert_int_equal(s->linger_ms, 600000);
	assert_string_equal(s->group, "");
	assert_int_equal(s->ntrusted, 2);
	assert_string_equal(s->trusted[0], "pbx.test");
}

static void
everything_that_is_wrong_is_said_at_once(void **state)
{
	(void)state;
	says("component {\n"
	     "  jid = \"a b\"\n"
	     "  port = 70000\n"
	     "  secret-fil = \"/x\"\n"
	     "  also = { \"a\", \"b\" }\n"
	     "  server = \"192.0.2.1\"\n"
	     "}\n"
	     "hosts = {\"home.test\",\n"
	     " \"alice@home.test\"}\n"
	     "lg { level = \"x\" sub { a = 1 } }\n"
	     "log { level = \"loud\" destination = \"file:relative\" }\n"
	     "publish { window-ms = soon expire = 3w }\n",
	    "2: jid: \"a b\" is not a domain\n"
	    "3: port must be a number from 1 to 65535, not \"70000\"\n"
	    "4: unknown option \"secret-fil\" in component, did you mean \"secret-file\"?\n"
	    "5: unknown option \"also\" in component\n"
	    "6: server \"192.0.2.1\" is not this machine and tls is none: set tls = direct, or insecure-remote = true if "
	    "the network between is trusted\n"
	    "9: hosts: \"alice@home.test\" is not a domain\n"
	    "10: unknown section \"lg\", did you mean \"log\"?\n"
	    "11: level must be one of: error warn info debug; not \"loud\"\n"
	    "11: destination must be stderr, syslog or file:/PATH, not \"file:relative\"\n"
	    "12: window-ms must be a number from 0 to 60000, not \"soon\"\n"
	    "12: expire must be a time like 90s, 10m, 24h or 2d, from 0s to 7776000s, not \"3w\"\n"
	    "13: component: secret-file is missing\n");
}

static void
an_audit_takes_half_a_minute_to_a_day_or_none(void **state)
{
	static const struct {
		const char *text;
		unsigned seconds; /* 1: it is refused */
	} cases[] = { {"0", 0}, {"0s", 0}, {"29s", 1}, {"30s", 30}, {"24h", 86400}, {"1d", 86400},
		{"86401s", 1}, {"30", 1}, {"often", 1} };
	char text[256], problem[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%s" HOSTS "presence { audit = \"%s\" }\n", COMPONENT, cases[i].text);
		snprintf(problem, sizeof(problem),
		    "3: audit must be a time like 90s, 10m, 24h or 2d, from 30s to 86400s, or 0 for never, not \"%s\"\n",
		    cases[i].text);
		if (cases[i].seconds == 1) {
			says(text, problem);
			continue;
		}
		assert_int_equal(loads(text), 0);
		assert_int_equal(conf.core.audit_s, cases[i].seconds);
	}
}

static void
what_is_given_twice_is_refused(void **state)
{
	(void)state;
	says(COMPONENT HOSTS "hosts = { \"work.test\" }\nlog { level = info }\nlog { level = debug }\n",
	    "3: hosts is given twice, first in line 2\n"
	    "5: level is given twice, first in line 4\n");
	says(COMPONENT "hosts = { \"home.test\", \"HOME.test\" }\n", "2: hosts: \"home.test\" is listed twice\n");
	says(COMPONENT "hosts = { \"bücher.test\", \"xn--bcher-kva.test\" }\n",
	    "2: hosts: \"xn--bcher-kva.test\" is listed twice\n");
}

static void
what_is_needed_is_asked_for(void **state)
{
	(void)state;
	says("",
	    "1: component: jid is missing: the domain that the server gives to this component\n"
	    "1: component: secret-file is missing\n"
	    "1: hosts is missing or empty: the domains of the server whose users are served\n");
	says(COMPONENT "hosts = { \"presence.home.test\" }\n",
	    "2: hosts: \"presence.home.test\" is the component itself\n");
}

static void
no_file_is_said_too(void **state)
{
	(void)state;
	assert_int_equal(conf_load(in_dir("none"), &conf, &reporter), ERR_INVALID);
	assert_int_equal(conf_load("/", &conf, &reporter), ERR_INVALID);
	assert_string_equal(buf_text(&errors), "0: can't be read: No such file or directory\n0: is no regular file\n");
}

static void
a_secret_that_others_could_know_is_refused(void **state)
{
	static const mode_t wrong[] = {0604, 0620, 0602, 0777, 0644};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(chmod(in_dir("secret"), wrong[i]), 0);
		assert_int_equal(loads("\n" COMPONENT HOSTS), ERR_INVALID);
		assert_non_null(strstr(buf_text(&errors), "2: secret-file: "));
		assert_non_null(strstr(buf_text(&errors), "run `chmod 600 "));
	}
	assert_int_equal(chmod(in_dir("secret"), 0640), 0);
	assert_int_equal(loads(COMPONENT HOSTS), 0);
	assert_int_equal(chmod(in_dir("secret"), 0400), 0);
	assert_int_equal(loads(COMPONENT HOSTS), 0);
}

static void
a_secret_that_was_looked_at_is_forgotten(void **state)
{
	(void)state;
	put_unknown_secret(in_dir("secret"));
	assert_int_equal(loads(COMPONENT HOSTS), 0);
	assert_false(unknown_secret_is_known());
}

static void
an_empty_or_missing_secret_is_refused(void **state)
{
	(void)state;
	put_text(in_dir("secret"), "\n", 0600);
	assert_int_equal(loads(COMPONENT HOSTS), ERR_INVALID);
	assert_non_null(strstr(buf_text(&errors), "is empty: write the component's secret into it\n"));
	assert_int_equal(unlink(in_dir("secret")), 0);
	assert_int_equal(loads(COMPONENT HOSTS), ERR_INVALID);
	assert_non_null(strstr(buf_text(&errors), "No such file or directory\n"));
}

static void
a_server_elsewhere_needs_tls_or_a_plain_word(void **state)
{
#define AT(server, more) "component { jid = p.test secret-file = \"%S\" server = \"" server "\"" more " }\n" HOSTS

	(void)state;
	assert_int_equal(loads(AT("xmpp.example", "")), ERR_INVALID);
	assert_int_equal(loads(AT("128.0.0.1", "")), ERR_INVALID);
	assert_int_equal(loads(AT("::2", "")), ERR_INVALID);
	assert_int_equal(loads(AT("localhost.example", "")), ERR_INVALID);
	assert_int_equal(loads(AT("::1", "")), 0);
	assert_int_equal(loads(AT("127.8.0.1", "")), 0);
	assert_int_equal(loads(AT("localhost", "")), 0);
	assert_false(conf.insecure);
	assert_int_equal(loads(AT("xmpp.example", " tls = direct")), 0);
	assert_false(conf.insecure);
	assert_int_equal(loads(AT("xmpp.example", " insecure-remote = true")), 0);
	assert_true(conf.insecure);
}

static void
the_sample_lists_every_option_with_its_default(void **state)
{
	char *sample = get_file(SAMPLE, NULL), *secret;
	struct conf def;
	struct buf b = {0};

	(void)state;
	assert_int_equal(conf_default(&def), 0);
	/* The paths of the sample are those of an installed system. */
	secret = strstr(sample, "\"/etc/polypresence/secret\"");
	assert_non_null(secret);
	buf_put(&b, sample, (size_t)(secret - sample));
	buf_printf(&b, "\"%s\"", in_dir("secret"));
	buf_puts(&b, strchr(secret + 1, '"') + 1);
	assert_int_equal(loads(buf_text(&b)), 0);
	assert_string_equal(conf.server, def.server);
	assert_int_equal(conf.port, def.port);
	assert_int_equal(conf.tls, def.tls);
	assert_string_equal(conf.tls_name, def.tls_name);
	assert_string_equal(conf.ca_file, def.ca_file);
	assert_int_equal(conf.insecure_remote, def.insecure_remote);
	assert_string_equal(conf.registry, def.registry);
	assert_string_equal(conf.pid_file, def.pid_file);
	assert_int_equal(conf.log.level, def.log.level);
	assert_int_equal(conf.log.target, def.log.target);
	assert_int_equal(conf.log.format, def.log.format);
	assert_string_equal(conf.core.group, def.core.group);
	assert_int_equal(conf.core.access, def.core.access);
	assert_int_equal(conf.core.window_ms, def.core.window_ms);
	assert_int_equal(conf.core.rate_ms, def.core.rate_ms);
	assert_int_equal(conf.core.burst, def.core.burst);
	assert_int_equal(conf.core.settle_ms, def.core.settle_ms);
	assert_int_equal(conf.core.probes_per_s, def.core.probes_per_s);
	assert_int_equal(conf.core.rosters_per_s, def.core.rosters_per_s);
	assert_int_equal(conf.core.audit_s, def.core.audit_s);
	assert_int_equal(conf.core.linger_ms, def.core.linger_ms);
	assert_int_equal(conf.core.expire_s, def.core.expire_s);
	assert_int_equal(conf.core.deliver, def.core.deliver);
	assert_int_equal(conf.core.debug, def.core.debug);
	assert_int_equal(conf.core.ntrusted, 0);
	conf_clear(&def);
	buf_clear(&b);
	mem_free(sample);
}

/* The name at P, as in `name = ' or `# name = '. */
static bool
sample_has(const char *sample, const char *name)
{
	char word[64];

	snprintf(word, sizeof(word), "%s = ", name);
	return strstr(sample, word) != NULL;
}

static void
a_component_has_not_moved_from_where_it_is(void **state)
{
	(void)state;
	says(COMPONENT HOSTS "registry { moved-from = \"Presence.home.test\" }\n",
	    "3: moved-from: \"presence.home.test\" is the component's name now; it is to be the one that it had before\n");
}

static void
where_nothing_can_be_written_is_said_by_a_test(void **state)
{
	char text[1024], want[1024], dir[256];

	(void)state;
	snprintf(dir, sizeof(dir), "%.*s", (int)strlen(in_dir("")) - 1, in_dir(""));
	snprintf(text, sizeof(text),
	    "%s" HOSTS "registry { path = \"%s/none/registry.db\" }\nlog { destination = \"file:%s/none/log\" }\n"
	    "pid-file = \"%s/secret/pid\"\n",
	    COMPONENT, dir, dir, dir);
	assert_int_equal(loads(text), 0);
	assert_int_equal(conf_test(in_dir("polypresence.conf"), &reporter), ERR_INVALID);
	snprintf(want, sizeof(want),
	    "3: path of registry: it can't be written: %s/none/: No such file or directory\n"
	    "4: destination of log: it can't be written: %s/none/: No such file or directory\n"
	    "5: pid-file: it can't be written: %s/secret/: Not a directory\n",
	    dir, dir, dir);
	assert_string_equal(buf_text(&errors), want);
	snprintf(text, sizeof(text), "%s" HOSTS "registry { path = \"%s/registry.db\" }\n", COMPONENT, dir);
	assert_int_equal(loads(text), 0);
	assert_int_equal(conf_test(in_dir("polypresence.conf"), &reporter), 0);
	/* With all else that is wrong, and not of what isn't meant, or perhaps not read. */
	snprintf(text, sizeof(text),
	    "%s" HOSTS
	    "registry { path = \"%s/none/registry.db\" }\nlog { destination = \"/none/log\" level = loud }\n",
	    COMPONENT, dir);
	assert_int_equal(loads(text), ERR_INVALID);
	buf_reset(&errors);
	assert_int_equal(conf_test(in_dir("polypresence.conf"), &reporter), ERR_INVALID);
	snprintf(want, sizeof(want),
	    "3: path of registry: it can't be written: %s/none/: No such file or directory\n"
	    "4: destination must be stderr, syslog or file:/PATH, not \"/none/log\"\n"
	    "4: level must be one of: error warn info debug; not \"loud\"\n",
	    dir);
	assert_string_equal(buf_text(&errors), want);
	snprintf(text, sizeof(text), "%s" HOSTS "registry { path = \"none\" }\nlog {\n", COMPONENT);
	assert_int_equal(loads(text), ERR_INVALID);
	buf_reset(&errors);
	assert_int_equal(conf_test(in_dir("polypresence.conf"), &reporter), ERR_INVALID);
	assert_null(strstr(buf_text(&errors), "can't be written"));
	snprintf(text, sizeof(text), "%s" HOSTS "log {\nregistry {\npath = \"%s/registry.db\" }\n", COMPONENT, dir);
	assert_int_equal(loads(text), ERR_INVALID);
	buf_reset(&errors);
	assert_int_equal(conf_test(in_dir("polypresence.conf"), &reporter), ERR_INVALID);
	assert_null(strstr(buf_text(&errors), "can't be written"));
}

static void
no_option_is_missing_from_the_sample(void **state)
{
	const struct option_def *o;
	char *sample = get_file(SAMPLE, NULL);

	(void)state;
	for (o = options; o->name != NULL; o++)
		if (!sample_has(sample, o->name))
			fail_msg("%s is not in the sample", o->name);
	mem_free(sample);
}

static void
every_allocation_may_fail(void **state)
{
	unsigned long n;
	int status = ERR_NOMEM;

	(void)state;
	for (n = 1; status == ERR_NOMEM && n < 1000; n++) {
		assert_int_equal(loads(COMPONENT HOSTS "foo = 1\nbar { a = 1 }\n"), ERR_INVALID);
		conf_clear(&conf);
		mem_fail_at(n);
		status = conf_load(in_dir("polypresence.conf"), &conf, &reporter);
		mem_fail_at(0);
		if (status == ERR_NOMEM)
			assert_null(conf.domain);
	}
	assert_int_equal(status, ERR_INVALID);
	assert_true(n > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_minimal_configuration_is_enough),
		TEST(every_option_is_taken),
		TEST(everything_that_is_wrong_is_said_at_once),
		TEST(an_audit_takes_half_a_minute_to_a_day_or_none),
		TEST(what_is_given_twice_is_refused),
		TEST(what_is_needed_is_asked_for),
		TEST(no_file_is_said_too),
		TEST(a_secret_that_others_could_know_is_refused),
		TEST(a_secret_that_was_looked_at_is_forgotten),
		TEST(an_empty_or_missing_secret_is_refused),
		TEST(a_server_elsewhere_needs_tls_or_a_plain_word),
		TEST(the_sample_lists_every_option_with_its_default),
		TEST(a_component_has_not_moved_from_where_it_is),
		TEST(where_nothing_can_be_written_is_said_by_a_test),
		TEST(no_option_is_missing_from_the_sample),
		TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
