/*
 * The flood (doc/threats.md, 19): strangers' stanzas, every one of another
 * sender, as the only load and with known devices that go on changing.
 *
 *	flood [-t seconds] [-r rate] [-u users] [-k] POLYPRESENCE
 *
 * In turn: nothing; a mixture of stanzas for SECONDS; nothing but requests,
 * each of which asks for an answer; the same from a server that doesn't read
 * the answers.  20 devices change each second; what is reported for them is the
 * time from the presence to the publish, of which 250 ms are the component's
 * window.  Exit status 0 if the mixture was taken at 100,000 a second at least,
 * memory never passed 1.05 times that of before, and every change was published.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/soak/child.h"
#include "tests/soak/server.h"

#define GOAL_RATE 100000.0
#define GROWTH 1.05
#define IDLE_MS 10000
#define REQUESTS_MS 15000
#define DEAF_MS 20000
#define CHANGES_PER_S 20
#define CONVERGE_MS 300000
#define LATE_MS 5000 /* a change that takes longer was not delivered in time */

struct test {
	unsigned long seconds, users;
	double rate;
	bool keep;
	struct world world;
	struct server server;
	struct child child;
	struct flood flood;
	long rss_before;
	unsigned failures;
};

static volatile sig_atomic_t interrupted;

static void
on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
}

static int
ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool
alive(struct test *t)
{
	int status;

	if (!child_ended(&t->child, &status))
		return true;
	printf("FAILED: the component ended by itself with status %d\n", status);
	t->failures++;
	interrupted = 1;
	return false;
}

/* Until everybody is shown as they are; false: that never came. */
static bool
converge(struct test *t)
{
	uint64_t end = server_now() + CONVERGE_MS;
	char why[100];

	while (world_wrong(&t->world, why, sizeof(why)) > 0) {
		if (interrupted || !alive(t))
			return false;
		if (server_now() >= end) {
			printf("FAILED: %zu users are shown as they are not: %s\n",
			    world_wrong(&t->world, why, sizeof(why)), why);
			t->failures++;
			return false;
		}
		server_step(&t->server, 20);
	}
	return true;
}

static double
cpu_of(const struct child *c)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(c->pid, &clock) != 0 || clock_gettime(clock, &ts) != 0)
		return 0;
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
phase(struct test *t, const char *name, const struct flood *kind, uint64_t ms, bool deaf)
{
	struct server *s = &t->server;
	uint64_t from, now, looked, sent = t->flood.sent, requests = t->flood.requests;
	uint64_t second = t->flood.sent, least = UINT64_MAX, late;
	double owed = 0, took, cpu = cpu_of(&t->child);
	long rss, most = 0;
	size_t published;

	if (interrupted)
		return;
	s->ntimings = 0;
	if (kind != NULL) {
		t->flood.kind = kind->kind;
		s->flood = &t->flood;
		s->flood_rate = t->rate;
		s->flood_began = 0;
	}
	s->deaf = deaf;
	for (from = now = looked = server_now(); now < from + ms && !interrupted && alive(t);) {
		uint64_t before = now;

		server_step(s, 5);
		now = server_now();
		/* Nobody sees a change while the server doesn't read. */
		owed += deaf ? 0 : (double)(now - before) * CHANGES_PER_S / 1000;
		for (; owed >= 1; owed--)
			server_time(s);
		if (now < looked + 1000)
			continue;
		looked = now;
		rss = child_rss(&t->child);
		if (rss > most)
			most = rss;
		if (t->flood.sent - second < least)
			least = t->flood.sent - second;
		second = t->flood.sent;
	}
	took = (double)(now - from) / 1000;
	cpu = cpu_of(&t->child) - cpu;
	s->flood = NULL;
	s->deaf = false;
	sent = t->flood.sent - sent;
	if (!converge(t))
		return;
	rss = child_rss(&t->child);
	if (rss > most)
		most = rss;
	published = s->ntimings;
	qsort(s->timings, published, sizeof(s->timings[0]), ascending);
	late = published > 0 ? s->timings[published - 1] : 0;
	printf("| %s | %.0f | %llu | %.0f | %llu | %.0f%% | %ld (%ld) | ", name, took, (unsigned long long)sent,
	    (double)sent / took, (unsigned long long)(t->flood.requests - requests), 100 * cpu / took, rss, most);
	if (published > 0)
		printf("%zu | %llu | %llu |\n", published, (unsigned long long)s->timings[published / 2],
		    (unsigned long long)late);
	else
		puts("- | - | - |");
	fflush(stdout);
	if (t->rss_before == 0)
		t->rss_before = rss;
	if ((double)most > (double)t->rss_before * GROWTH) {
		printf("FAILED: memory was %ld KiB before and %ld KiB now\n", t->rss_before, most);
		t->failures++;
	}
	if (late > LATE_MS) {
		printf("FAILED: a change was published only after %llu ms\n", (unsigned long long)late);
		t->failures++;
	}
	if (kind != NULL && kind->kind == FLOOD_MIXED && (double)sent / took < GOAL_RATE) {
		printf("FAILED: the flood was no flood: %.0f a second\n", (double)sent / took);
		t->failures++;
	}
}

static int
run(struct test *t)
{
	const struct flood mixed = {.kind = FLOOD_MIXED}, requests = {.kind = FLOOD_REQUESTS};
	size_t u, d;

	for (u = 0; u < t->users; u++)
		for (d = 0; d < WORLD_DEVICES; d++)
			world_set(&t->world, u, d, WORLD_ONLINE, server_now());
	t->server.process_at = server_now();
	if (child_start(&t->child) != 0) {
		perror("flood");
		return 2;
	}
	if (!converge(t))
		return t->failures > 0 ? 1 : 130;
	puts(
	    "| strangers send | seconds | stanzas, as many senders | a second | ask for an answer | CPU | RSS after (most), KiB "
	    "| changes | ms until published, median | most |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | "
	    "---: |");
	phase(t, "nothing", NULL, IDLE_MS, false);
	phase(t, "a mixture", &mixed, t->seconds * 1000, false);
	phase(t, "requests", &requests, REQUESTS_MS, false);
	phase(t, "requests, and the server doesn't read", &requests, DEAF_MS, true);
	phase(t, "nothing", NULL, IDLE_MS, false);
	if (interrupted)
		return t->failures > 0 ? 1 : 130;
	puts(t->failures == 0 ? "PASSED" : "FAILED");
	return t->failures == 0 ? 0 : 1;
}

static double
number(const char *text, double max)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || *end != '\0' || n < 0 || n > max) {
		fprintf(stderr, "flood: %s is not a number up to %g\n", text, max);
		exit(2);
	}
	return n;
}

int
main(int argc, char **argv)
{
	static struct test t = {.seconds = 60, .users = 10000, .rate = 170000};
	struct sigaction sa = {.sa_handler = on_signal};
	int opt, status = 2;

	while ((opt = getopt(argc, argv, "t:r:u:k")) != -1) {
		switch (opt) {
		case 't':
			t.seconds = (unsigned long)number(optarg, 1e6);
			break;
		case 'r':
			t.rate = number(optarg, 1e9);
			break;
		case 'u':
			t.users = (unsigned long)number(optarg, 99999);
			break;
		case 'k':
			t.keep = true;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 1 || t.users == 0) {
		fputs("usage: flood [-t seconds] [-r rate] [-u users] [-k] POLYPRESENCE\n", stderr);
		return 2;
	}
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	/* Probes are not what is measured here: everybody is known soon. */
	if (world_init(&t.world, t.users, 1) != 0 || server_init(&t.server, &t.world, 20000) != 0 ||
	    child_init(&t.child, argv[optind], &t.world, t.server.port, "presence { probes-per-second = 20000 }") != 0)
		perror("flood");
	else
		status = run(&t);
	child_kill(&t.child);
	child_clear(&t.child, t.keep || (status != 0 && status != 130));
	server_clear(&t.server);
	world_clear(&t.world);
	return status;
}
