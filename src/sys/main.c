#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "sys/clock.h"
#include "sys/conf.h"
#include "sys/crypto.h"
#include "sys/daemon.h"
#include "sys/log.h"
#include "sys/loop.h"
#include "sys/regfile.h"
#include "sys/report.h"
#include "sys/store.h"

#define DEFAULT_CONF SYSCONFDIR "/polypresence.conf"
#define EXIT_USAGE 2

struct arguments {
	const char *conf;
	bool test, foreground, debug;
};

static void
usage(FILE *to)
{
	fprintf(to, "usage: polypresence [-dfhtV] [-c file]\n");
}

/* -1: go on; otherwise the exit status. */
static int
parse_arguments(int argc, char **argv, struct arguments *args)
{
	int opt;

	memset(args, 0, sizeof(*args));
	args->conf = DEFAULT_CONF;
	while ((opt = getopt(argc, argv, "c:dfhtV")) != -1) {
		switch (opt) {
		case 'c':
			args->conf = optarg;
			break;
		case 'd':
			args->debug = true;
			break;
		case 'f':
			args->foreground = true;
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 't':
			args->test = true;
			break;
		case 'V':
			printf("%s\n", PACKAGE_STRING);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static void
print_error(void *ctx, const char *file, int line, const char *text)
{
	(void)ctx;
	fprintf(stderr, "%s:%d: %s\n", file, line, text);
}

struct loading {
	struct core *core;
	struct instant now;
	size_t users, devices;
	bool cut_short;
};

static int
load_user(void *ctx, const struct user_record *u)
{
	struct loading *ld = ctx;
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOAD_USER;
	ev.user = *u;
	ev.user.doubtful = ld->cut_short;
	ld->users++;
	return core_feed(ld->core, &ld->now, &ev);
}

static int
load_device(void *ctx, const struct device_record *d)
{
	struct loading *ld = ctx;
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOAD_DEVICE;
	ev.device = *d;
	ld->devices++;
	return core_feed(ld->core, &ld->now, &ev);
}

static int
load_all(struct loading *ld, struct store *store)
{
	const struct store_rows rows = {load_user, load_device, ld};
	struct event ev;
	int status;

	clock_now(&ld->now);
	ld->cut_short = store_was_cut_short(store);
	status = store_load(store, &rows);
	if (status != 0)
		return status;
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOADED;
	return core_feed(ld->core, &ld->now, &ev);
}

static void
say_start(const struct conf *conf, const struct store *store, const struct loading *ld)
{
	char pid[24], users[24], devices[24];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	snprintf(users, sizeof(users), "%zu", ld->users);
	snprintf(devices, sizeof(devices), "%zu", ld->devices);
	if (store_is_new(store))
		log_event(LOG_LEVEL_INFO, "registry.created", "path", conf->registry, NULL);
	log_event(LOG_LEVEL_INFO, "start", "version", PACKAGE_VERSION, "pid", pid, "domain", conf->domain, "registry",
	    conf->registry, "users", users, "devices", devices, NULL);
	report_insecure(conf);
}

/* Before readiness everything that fails is also said on the terminal. */
static int
give_up(int status, const char *text)
{
	fprintf(stderr, "polypresence: %s\n", text);
	daemon_ready(status);
	return status;
}

/* The registry is this component's, or nothing is done with it.  Returns an exit status. */
static int
claim(const struct conf *conf, struct store *store)
{
	char why[JID_PART_MAX * 3 + PATH_MAX + 1024], users[24];
	struct owner before;
	bool moved;
	int status;

	status = store_claim(store, conf->domain, conf->moved_from, &before, &moved);
	snprintf(users, sizeof(users), "%lld", (long long)before.users);
	if (status == ERR_DENIED) {
		snprintf(why, sizeof(why),
		    "registry %s: it is of the component %s, whose addresses its users (%s) have approved; the "
		    "configuration (option jid of component) says %s. If the component was renamed, set `moved-from = \"%s\"` "
		    "in the section registry: then all users and their devices are asked again from the new addresses. To "
		    "begin anew, move the file away",
		    conf->registry, before.domain, users, conf->domain, before.domain);
		return give_up(EX_CONFIG, why);
	}
	if (status != 0) {
		snprintf(why, sizeof(why), "registry %s: %s (%s); %s", conf->registry, store_error(store),
		    err_text(status), regfile_advice(status));
		return give_up(EX_IOERR, why);
	}
	if (moved)
		log_event(LOG_LEVEL_WARN, "registry.moved", "from", conf->moved_from, "to", conf->domain, "users",
		    users, "text", "all users and their devices are asked again from the new addresses", NULL);
	return EXIT_SUCCESS;
}

/* Of this process, once it is written. */
static const char *pid_file = "";

/* The loop can't go on, and the process exits when this returns. */
static void
end_badly(const char *why)
{
	log_event(LOG_LEVEL_ERROR, "stop", "reason", why, NULL);
	(void)give_up(EXIT_FAILURE, why);
	daemon_pid_remove(pid_file);
}

/* What can't be said to have failed once we are ready.  Returns an exit status. */
static int
start(struct loop **loop, const struct loop_setup *setup, struct loading *ld)
{
	const struct conf *conf = setup->conf;
	char why[1024];
	int status;

	ld->core = setup->core;
	status = load_all(ld, setup->store);
	if (status != 0) {
		snprintf(why, sizeof(why), "registry %s: %s (%s); %s", conf->registry, store_error(setup->store),
		    err_text(status), regfile_advice(status == ERR_NOMEM || status == ERR_IO ? status : ERR_CORRUPT));
		return give_up(EX_IOERR, why);
	}
	errno = 0;
	status = loop_new(loop, setup);
	if (status != 0) {
		snprintf(why, sizeof(why), "the event loop: %s",
		    status == ERR_IO && errno != 0 ? strerror(errno) : err_text(status));
		return give_up(EXIT_FAILURE, why);
	}
	if (daemon_pid_write(conf->pid_file) != 0) {
		snprintf(why, sizeof(why), "%.900s: %s", conf->pid_file, strerror(errno));
		return give_up(EXIT_FAILURE, why);
	}
	pid_file = conf->pid_file;
	return EXIT_SUCCESS;
}

static int
run(const struct arguments *args, struct conf *conf)
{
	struct loop_setup setup = {.conf = conf, .conf_path = args->conf, .debug = args->debug, .fatal = end_badly};
	uint8_t seed[CORE_SEED_LEN];
	struct loading ld = {0};
	struct loop *loop = NULL;
	char why[1024];
	int status;

	status = store_open(&setup.store, conf->registry, why, sizeof(why));
	if (status != 0)
		return give_up(EX_IOERR, why);
	status = claim(conf, setup.store);
	if (status != EXIT_SUCCESS)
		goto out;
	if (crypto_random(seed, sizeof(seed)) != 0 ||
	    (setup.core = core_new(&conf->core, seed, store_key(setup.store))) == NULL) {
		status = give_up(EXIT_FAILURE, "no memory or no random numbers to start with");
		goto out;
	}
	status = start(&loop, &setup, &ld);
	if (status != EXIT_SUCCESS)
		goto out;
	say_start(conf, setup.store, &ld);
	daemon_ready(EXIT_SUCCESS);
	status = loop_run(loop);
	if (status == 0)
		log_event(LOG_LEVEL_INFO, "stop", "reason", "signal", NULL);
	else
		log_event(LOG_LEVEL_ERROR, "stop", "reason", status == ERR_DENIED ? "second signal" : err_text(status),
		    NULL);
	/* What was sent and not acknowledged is noted only by an end that was let finish. */
	if (status != 0)
		store_doubt(setup.store);
	status = status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	daemon_pid_remove(conf->pid_file);
out:
	/* What the process before has left in doubt stays so until one has run. */
	if (status != EXIT_SUCCESS && setup.store != NULL && store_was_cut_short(setup.store))
		store_doubt(setup.store);
	loop_free(loop);
	core_free(setup.core);
	store_close(setup.store);
	return status;
}

int
main(int argc, char **argv)
{
	const struct conf_reporter reporter = {print_error, NULL};
	struct arguments args;
	struct conf conf;
	char path[4096];
	int status;

	if (daemon_harden() != 0)
		return EX_OSERR;
	status = parse_arguments(argc, argv, &args);
	if (status >= 0)
		return status;
	memset(&conf, 0, sizeof(conf));
	if (args.test)
		status = conf_test(args.conf, &reporter);
	else
		status = conf_load(args.conf, &conf, &reporter);
	if (status != 0) {
		if (status == ERR_NOMEM)
			fprintf(stderr, "polypresence: %s\n", err_text(status));
		return status == ERR_NOMEM ? EXIT_FAILURE : EX_CONFIG;
	}
	if (args.test) {
		printf("configuration ok\n");
		return EXIT_SUCCESS;
	}
	if (args.debug) {
		conf.log.level = LOG_LEVEL_DEBUG;
		conf.core.debug = true;
	}
	if (log_open(&conf.log) != 0) {
		fprintf(stderr, "polypresence: log %s: %s\n", conf.log.path, strerror(errno));
		status = EX_CONFIG;
		goto out;
	}
	/* In the background the working directory is another one, and a reload reads the file again. */
	if (realpath(args.conf, path) != NULL)
		args.conf = path;
	if (!args.foreground && daemon_detach() != 0) {
		fprintf(stderr, "polypresence: can't go to the background: %s\n", strerror(errno));
		status = EXIT_FAILURE;
		goto out;
	}
	status = run(&args, &conf);
out:
	log_close();
	conf_clear(&conf);
	return status;
}
