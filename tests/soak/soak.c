/*
 * Hours of life in fast motion: users with three devices each that change all
 * the time, a server that fails in every way it can, a component that is killed
 * and restarted; and an oracle that compares what is published with what is
 * true.
 *
 *	soak [-h hours] [-u users] [-r changes] [-s seed] [-k] POLYPRESENCE
 *
 * In each cycle of a minute or more something fails while devices change
 * (CHANGES a second).  Then all is quiet, and within five minutes (doc/threats.md,
 * F11) every item, and every event where the component delivers them, must be
 * what is true.  In the first third of the time the process is killed and
 * stopped as well; the one that runs from then on must be flat: at the quiet
 * ends of its cycles it has as many descriptors as in the first, and never more
 * than 1.05 times the memory that it had by the end of its first round of faults.
 *
 * One line a cycle, a verdict, exit status 0 if all is well.  -k keeps the
 * directory with the log, which is kept as well when something went wrong.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/soak/child.h"
#include "tests/soak/server.h"

#define CYCLE_MS 60000
#define CHURN_MS 35000
#define CONVERGE_MS 300000 /* F11 */
#define SAY_MS 60000
#define STOP_MS 15000 /* TimeoutStopSec of the unit */
#define STATS_MS 65000
#define PROBES_PER_S (2 * 500) /* the default of the configuration, for each of two hosts */
#define PROBE_BURST 283	       /* one user's probes, and half a second's: two processes share a busy machine */
#define READINGS_MAX 4096
#define GROWTH 1.05

enum fault {
	FAULT_NONE,
	FAULT_CUT,
	FAULT_SLOW,
	FAULT_RESTART,
	FAULT_DEAF,
	FAULT_RELOAD,
	FAULT_FLOOD,
	LINK_FAULTS,
	FAULT_KILL = LINK_FAULTS,
	FAULT_STOP,
	FAULTS
};

static const char *const names[FAULTS] = { "none", "cut", "slow", "restart", "deaf", "reload", "flood", "kill -9",
	"stop" };

struct reading {
	long rss;
	int descriptors;
	bool first_round;
};

struct soak {
	double hours;
	unsigned long users, rate;
	uint64_t seed;
	bool keep;
	struct world world;
	struct server server;
	struct child child;
	struct flood flood;
	uint64_t began, life_began; /* of the run, of the process that lives on */
	uint64_t heal_at;	    /* when what was broken for a while is mended */
	double owed;		    /* changes */
	uint64_t changed_at;
	unsigned cycles, life_cycles, restarts, cuts, deaths, failures;
	uint64_t slowest; /* convergence */
	uint64_t stop_took, slowest_stop;
	struct reading readings[READINGS_MAX];
	unsigned nreadings;
};

static volatile sig_atomic_t interrupted;

static void
on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
}

static void __attribute__((format(printf, 2, 3))) fail(struct soak *s, const char *fmt, ...)
{
	va_list ap;

	s->failures++;
	printf("FAILED: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static void
churn(struct soak *s)
{
	uint64_t now = server_now();
	size_t u, d;

	s->owed += (double)(now - s->changed_at) * (double)s->rate / 1000;
	s->changed_at = now;
	for (; s->owed >= 1; s->owed--) {
		u = world_random(&s->world, s->world.n);
		d = world_random(&s->world, WORLD_DEVICES);
		world_change(&s->world, u, d, now);
		server_tell(&s->server, u, d);
	}
}

/* Let the server work for MS, or until CHURN is over. */
static void
live(struct soak *s, uint64_t ms, bool changing)
{
	uint64_t end = server_now() + ms;
	int status;

	s->changed_at = server_now();
	while (!interrupted && server_now() < end) {
		if (changing)
			churn(s);
		server_step(&s->server, changing ? 10 : 50);
		if (s->server.listener < 0 && server_now() >= s->heal_at && server_come_back(&s->server) != 0)
			fail(s, "the server's port: %s", strerror(errno));
		if (child_ended(&s->child, &status)) {
			fail(s, "the component ended by itself with status %d", status);
			interrupted = 1;
		}
	}
}

static void
start(struct soak *s)
{
	if (child_start(&s->child) != 0) {
		fail(s, "starting %s: %s", s->child.program, strerror(errno));
		interrupted = 1;
	}
	s->server.process_at = s->life_began = server_now();
	s->life_cycles = 0;
	s->nreadings = 0;
}

/* SIGTERM while everybody's item waits to be published (F15). */
static void
stop(struct soak *s)
{
	uint64_t now = server_now();
	int status = -1;
	size_t u;

	for (u = 0; u < s->world.n; u++) {
		world_change(&s->world, u, 1, now);
		server_tell(&s->server, u, 1);
	}
	live(s, 100, false);
	now = server_now();
	kill(s->child.pid, SIGTERM);
	while (!child_ended(&s->child, &status) && server_now() < now + STOP_MS)
		server_step(&s->server, 10);
	s->stop_took = server_now() - now;
	if (s->stop_took > s->slowest_stop)
		s->slowest_stop = s->stop_took;
	if (s->child.pid != 0) {
		fail(s, "SIGTERM: still there after %u s", STOP_MS / 1000);
		child_kill(&s->child);
	} else if (status != 0) {
		fail(s, "SIGTERM: exit status %d", status);
	}
	if (world_endless(&s->world) > 0)
		fail(s, "after the stop %zu items with devices online never end", world_endless(&s->world));
}

static void
begin_fault(struct soak *s, enum fault f)
{
	uint64_t now = server_now();

	switch (f) {
	case FAULT_CUT:
		s->cuts++;
		server_cut(&s->server);
		break;
	case FAULT_SLOW:
		s->server.slow_ms = 400;
		break;
	case FAULT_RESTART:
		s->restarts++;
		server_go_down(&s->server);
		s->heal_at = now + 3000;
		break;
	case FAULT_DEAF:
		s->server.deaf = true;
		break;
	case FAULT_RELOAD:
		kill(s->child.pid, SIGHUP);
		break;
	case FAULT_FLOOD:
		s->server.flood = &s->flood;
		s->server.flood_rate = 50000;
		s->server.flood_began = 0;
		break;
	case FAULT_KILL:
		s->deaths++;
		child_kill(&s->child);
		start(s);
		break;
	case FAULT_STOP:
		s->deaths++;
		stop(s);
		start(s);
		break;
	case FAULT_NONE:
	case FAULTS:
		break;
	}
}

static void
end_fault(struct soak *s)
{
	s->server.slow_ms = 0;
	s->server.deaf = false;
	s->server.flood = NULL;
}

/* Until all is as it should be; how long that took, or CONVERGE_MS if it never was. */
static uint64_t
converge(struct soak *s)
{
	uint64_t from = server_now(), told = SAY_MS, took;
	char why[100];
	size_t n = 1;

	for (took = 0; n > 0 && took < CONVERGE_MS && !interrupted; took = server_now() - from) {
		n = world_wrong(&s->world, why, sizeof(why));
		if (n > 0)
			live(s, 200, false);
		if (n > 0 && took >= told) {
			printf("%9s  after %.0f s: %zu users, %s\n", "", (double)took / 1000, n, why);
			fflush(stdout);
			told += SAY_MS;
		}
	}
	if (n > 0 && !interrupted)
		fail(s, "after %u s %zu users are shown as they are not: %s", CONVERGE_MS / 1000, n, why);
	if (took > s->slowest)
		s->slowest = took;
	return took;
}

static void
check(struct soak *s, uint64_t *flaps, uint64_t *backwards, uint64_t *leaks)
{
	const struct world *w = &s->world;

	if (w->flaps != *flaps || w->backwards != *backwards || w->leaks != *leaks)
		fail(s, "%llu flaps, %llu older after newer, %llu leaks; the last: %s",
		    (unsigned long long)(w->flaps - *flaps), (unsigned long long)(w->backwards - *backwards),
		    (unsigned long long)(w->leaks - *leaks), w->last_wrong);
	*flaps = w->flaps;
	*backwards = w->backwards;
	*leaks = w->leaks;
	if (s->server.foreign > 0)
		fail(s, "%llu stanzas from elsewhere than our domain", (unsigned long long)s->server.foreign);
	s->server.foreign = 0;
	if (s->child.errors > 0)
		fail(s, "the log: %s", s->child.last_error);
	s->child.errors = 0;
}

static void
read_process(struct soak *s)
{
	struct reading *r = &s->readings[s->nreadings];

	if (s->nreadings == READINGS_MAX)
		return;
	r->rss = child_rss(&s->child);
	r->descriptors = child_descriptors(&s->child);
	r->first_round = s->life_cycles <= LINK_FAULTS;
	s->nreadings++;
	child_read_log(&s->child);
}

static void
cycle(struct soak *s, enum fault f)
{
	static uint64_t flaps, backwards, leaks;
	uint64_t from = server_now(), changes = s->world.changes, publishes = s->server.publishes;
	uint64_t events = s->server.events, took;
	char extra[32] = "", why[100];
	enum fault second;
	size_t n;

	s->server.probe_peak = s->server.probe_level;
	s->stop_took = 0;
	live(s, 3000, true);
	begin_fault(s, f);
	live(s, 3000 + world_random(&s->world, 17000), true);
	if (world_random(&s->world, 3) == 0) {
		second = world_random(&s->world, 2) == 0 ? FAULT_CUT : FAULT_RESTART;
		begin_fault(s, second);
		snprintf(extra, sizeof(extra), "+%s", names[second]);
	}
	if (server_now() < from + CHURN_MS)
		live(s, from + CHURN_MS - server_now(), true);
	end_fault(s);
	n = world_wrong(&s->world, why, sizeof(why));
	took = converge(s);
	/* Right, and it stays right. */
	if (server_now() < from + CYCLE_MS)
		live(s, from + CYCLE_MS - server_now(), false);
	if (world_wrong(&s->world, why, sizeof(why)) > 0 && took < CONVERGE_MS && !interrupted)
		fail(s, "what was right did not stay so: %s", why);
	if (interrupted)
		return;
	s->cycles++;
	s->life_cycles++;
	read_process(s);
	if (s->server.probe_peak > PROBE_BURST)
		fail(s, "%.0f probes more than %d a second allow", s->server.probe_peak, PROBES_PER_S);
	snprintf(why, sizeof(why), "%s%s", names[f], extra);
	printf("%5.1f min  %-16s %7llu %7llu %7llu %7zu %7.1f %8ld %4d %6ld %6ld %6.0f",
	    (double)(server_now() - s->began) / 60000, why, (unsigned long long)(s->world.changes - changes),
	    (unsigned long long)(s->server.publishes - publishes), (unsigned long long)(s->server.events - events), n,
	    (double)took / 1000, child_rss(&s->child), child_descriptors(&s->child), child_stat(&s->child, "queries"),
	    child_stat(&s->child, "queued-bytes"), s->server.probe_peak);
	if (s->stop_took > 0)
		printf("  stopped in %.1f s", (double)s->stop_took / 1000);
	putchar('\n');
	fflush(stdout);
	check(s, &flaps, &backwards, &leaks);
}

/* The process that lived on: see the top. */
static void
judge_growth(struct soak *s, long *before, long *after)
{
	int least = s->readings[0].descriptors, most = least;
	unsigned i;

	*before = *after = 0;
	for (i = 0; i < s->nreadings; i++) {
		const struct reading *r = &s->readings[i];
		long *at = r->first_round ? before : after;

		if (r->rss > *at)
			*at = r->rss;
		if (r->descriptors < least)
			least = r->descriptors;
		if (r->descriptors > most)
			most = r->descriptors;
	}
	if (*after > (long)((double)*before * GROWTH))
		fail(s, "memory grows: %ld KiB in the first round of faults, %ld KiB later", *before, *after);
	if (most != least)
		fail(s, "descriptors: %d to %d", least, most);
}

static void
judge_queues(struct soak *s)
{
	static const char *const empty[] = { "in-flight", "waiting", "errands", "unsettled", "blocked", "queued-bytes",
		"refused" };
	unsigned lines;
	uint64_t from = server_now();
	size_t i;

	child_read_log(&s->child);
	for (lines = s->child.stats_lines;
	     s->child.stats_lines == lines && server_now() < from + STATS_MS && !interrupted;) {
		live(s, 500, false);
		child_read_log(&s->child);
	}
	if (interrupted)
		return;
	if (s->child.stats_lines == lines)
		fail(s, "no statistics in the log");
	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		if (child_stat(&s->child, empty[i]) != 0)
			fail(s, "when all is quiet: %s=%ld", empty[i], child_stat(&s->child, empty[i]));
	/* Rosters are read all the time, a few at once. */
	if (child_stat(&s->child, "queries") > 32)
		fail(s, "when all is quiet: queries=%ld", child_stat(&s->child, "queries"));
	if (child_stat(&s->child, "users") != (long)s->users)
		fail(s, "users=%ld", child_stat(&s->child, "users"));
}

static int
run(struct soak *s)
{
	uint64_t length = (uint64_t)(s->hours * 3600 * 1000);
	long before = 0, after = 0;
	uint64_t took;
	unsigned i;
	size_t u, d;

	for (u = 0; u < s->users; u++)
		for (d = 0; d < WORLD_DEVICES; d++)
			if (world_random(&s->world, 10) < 8)
				world_change(&s->world, u, d, server_now());
	s->began = server_now();
	start(s);
	took = converge(s);
	printf("%lu users with %d devices each, all set up and published after %.0f s; seed %llu\n\n", s->users,
	    WORLD_DEVICES, (double)took / 1000, (unsigned long long)s->seed);
	printf("%9s  %-16s %7s %7s %7s %7s %7s %8s %4s %6s %6s %6s\n", "", "fault", "changes", "publ.", "events",
	    "behind", "right s", "RSS KiB", "fds", "iqs", "queue", "probes");
	fflush(stdout);
	for (i = FAULT_KILL; !interrupted && server_now() < s->began + length / 3; i++)
		cycle(s, (enum fault)(i % FAULTS));
	for (i = 0; !interrupted && server_now() < s->began + length; i++)
		cycle(s, (enum fault)(i % LINK_FAULTS));
	if (interrupted) {
		puts("interrupted");
		return 130;
	}
	judge_queues(s);
	judge_growth(s, &before, &after);
	stop(s);
	printf(
	    "\n%.1f minutes: %llu changes, %llu publishes, %llu events, %llu probes; %u server restarts, %u cuts, %u "
	    "deaths of the component\nright again after %.0f s at the latest; stopped within %.1f s; RSS %ld KiB in the "
	    "first round of faults of the last process (%.0f minutes old), %ld KiB later; %u faults found\n%s\n",
	    (double)(server_now() - s->began) / 60000, (unsigned long long)s->world.changes,
	    (unsigned long long)s->server.publishes, (unsigned long long)s->server.events,
	    (unsigned long long)s->server.probes, s->restarts, s->cuts, s->deaths, (double)s->slowest / 1000,
	    (double)s->slowest_stop / 1000, before, (double)(server_now() - s->life_began) / 60000, after, s->failures,
	    s->failures == 0 ? "PASSED" : "FAILED");
	return s->failures == 0 ? 0 : 1;
}

static double
number(const char *text, double max)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || *end != '\0' || n <= 0 || n > max) {
		fprintf(stderr, "soak: %s is not a number above 0 and up to %g\n", text, max);
		exit(2);
	}
	return n;
}

int
main(int argc, char **argv)
{
	static struct soak s = {.hours = 0.5, .users = 10000, .rate = 300, .seed = 1};
	struct sigaction sa = {.sa_handler = on_signal};
	int opt, status = 2;

	while ((opt = getopt(argc, argv, "h:u:r:s:k")) != -1) {
		switch (opt) {
		case 'h':
			s.hours = number(optarg, 10000);
			break;
		case 'u':
			s.users = (unsigned long)number(optarg, 99999);
			break;
		case 'r':
			s.rate = (unsigned long)number(optarg, 100000);
			break;
		case 's':
			s.seed = (uint64_t)number(optarg, 1e15);
			break;
		case 'k':
			s.keep = true;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 1) {
		fputs("usage: soak [-h hours] [-u users] [-r changes] [-s seed] [-k] POLYPRESENCE\n", stderr);
		return 2;
	}
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (world_init(&s.world, s.users, s.seed) != 0 || server_init(&s.server, &s.world, PROBES_PER_S) != 0 ||
	    child_init(&s.child, argv[optind], &s.world, s.server.port,
		"publish { expire = 20m }\npresence { audit = 30s }") != 0)
		perror("soak");
	else
		status = run(&s);
	child_kill(&s.child);
	child_clear(&s.child, s.keep || (status != 0 && status != 130));
	server_clear(&s.server);
	world_clear(&s.world);
	return status;
}
