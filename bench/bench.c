/*
 * Three readers of one feed, in turn, several times over: polypresence, bare
 * expat, and a component on libstrophe.  Prints what each did and the ratios
 * of the medians.
 *
 *	bench [-n presences] [-u users] [-r rounds] [-k] POLYPRESENCE BARE_EXPAT STROPHE_COMPONENT
 *
 * The server has a core of its own and the readers share another, where there
 * are two.  -k keeps the directory with the component's log.  Exits with 0
 * when both goals are reached, 1 when one is missed, 2 when a round failed.
 */
#include <sys/wait.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "bench/fakeserver.h"
#include "bench/prefill.h"

#define ROUNDS_MAX 99
#define GOAL_STROPHE 3.0
#define GOAL_EXPAT 0.5

enum kind {
	COMPONENT,
	EXPAT,
	STROPHE,
	KINDS
};

static const char *const names[KINDS] = {"polypresence", "bare expat", "libstrophe"};

struct bench {
	unsigned long presences, users, rounds;
	bool keep;
	const char *programs[KINDS];
	char dir[256];
	int server_cpu, reader_cpu; /* -1: anywhere */
	struct feed feed;
	struct fakeserver *server;
	struct outcome outcomes[KINDS][ROUNDS_MAX];
};

static void
choose_cpus(struct bench *b)
{
	cpu_set_t all;
	int cpu;

	b->server_cpu = b->reader_cpu = -1;
	if (sched_getaffinity(0, sizeof(all), &all) != 0 || CPU_COUNT(&all) < 2)
		return;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		if (b->server_cpu < 0) {
			b->server_cpu = cpu;
		} else {
			b->reader_cpu = cpu;
			break;
		}
	}
}

static void
pin(int cpu)
{
	cpu_set_t one;

	if (cpu < 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		perror("bench: sched_setaffinity");
}

static void
become(const struct bench *b, enum kind kind, char *const argv[])
{
	char path[300];
	int log;

	pin(b->reader_cpu);
	snprintf(path, sizeof(path), "%s/log", b->dir);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (log < 0 || dup2(log, STDERR_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0)
		_exit(127);
	execv(b->programs[kind], argv);
	perror(b->programs[kind]);
	_exit(127);
}

static pid_t
start(const struct bench *b, enum kind kind, unsigned round)
{
	const struct outcome *of = &b->outcomes[COMPONENT][round];
	char program[] = "reader", port[16], a1[32], a2[32], a3[32], conf[300], c[] = "-c", f[] = "-f";
	char *component[] = {program, c, conf, f, NULL};
	char *expat[] = {program, port, a1, a2, a3, NULL};
	char *strophe[] = {program, port, a1, a2, NULL};
	char *const *argvs[KINDS] = {component, expat, strophe};
	pid_t pid;

	snprintf(conf, sizeof(conf), "%s/polypresence.conf", b->dir);
	snprintf(port, sizeof(port), "%u", fakeserver_port(b->server));
	if (kind == EXPAT) {
		snprintf(a1, sizeof(a1), "%lu", b->presences);
		snprintf(a2, sizeof(a2), "%llu", (unsigned long long)of->publishes);
		snprintf(a3, sizeof(a3), "%llu", (unsigned long long)of->bytes);
	} else {
		snprintf(a1, sizeof(a1), "%lu", b->users);
		snprintf(a2, sizeof(a2), "%llu", (unsigned long long)of->publishes);
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		become(b, kind, argvs[kind]);
	return pid;
}

static void
stop(pid_t pid)
{
	int i, status;

	kill(pid, SIGTERM);
	for (i = 0; i < 500; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return;
		usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static void
remove_file(const struct bench *b, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	unlink(path);
}

static void
remove_registry(const struct bench *b)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
	char name[32];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "registry.db%s", suffixes[i]);
		remove_file(b, name);
	}
}

static double
rate(const struct bench *b, const struct outcome *o)
{
	return (double)b->presences / o->seconds;
}

static int
run_one(struct bench *b, enum kind kind, unsigned round)
{
	struct outcome *o = &b->outcomes[kind][round];
	const char *why = "";
	char text[512], path[300];
	uint64_t probes = 0;
	pid_t pid;
	int status;

	if (kind == COMPONENT) {
		remove_registry(b);
		snprintf(path, sizeof(path), "%s/registry.db", b->dir);
		status = prefill_registry(path, b->users, &probes, text, sizeof(text));
		if (status != 0) {
			fprintf(stderr, "bench: the registry: %s: %s\n", err_text(status), text);
			return -1;
		}
	}
	pid = start(b, kind, round);
	if (pid < 0) {
		perror("bench: fork");
		return -1;
	}
	status = fakeserver_run(b->server, pid, probes, b->presences, o, &why);
	stop(pid);
	if (status != 0) {
		fprintf(stderr, "bench: round %u, %s: waited in vain for %s; see %s/log\n", round + 1, names[kind], why,
		    b->dir);
		b->keep = true;
		return -1;
	}
	printf("%5u  %-13s %9.0f/s %9.0f/s %9llu %8.1f %8.2f %9ld\n", round + 1, names[kind], rate(b, o),
	    (double)b->presences / o->cpu_seconds, (unsigned long long)o->publishes, (double)o->bytes / 1e6, o->settled,
	    o->rss_kib / 1024);
	if (kind != EXPAT && (o->wrong > 0 || o->unpublished > 0)) {
		fprintf(stderr, "bench: round %u, %s: %llu users' last item is not their last state, %llu have none\n",
		    round + 1, names[kind], (unsigned long long)o->wrong, (unsigned long long)o->unpublished);
		return kind == COMPONENT ? -1 : 0;
	}
	return 0;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of the rates by the clock, or by the reader's processor time. */
static double
median(const struct bench *b, enum kind kind, bool cpu)
{
	double v[ROUNDS_MAX];
	size_t i, n = b->rounds;

	for (i = 0; i < n; i++)
		v[i] = cpu ? (double)b->presences / b->outcomes[kind][i].cpu_seconds : rate(b, &b->outcomes[kind][i]);
	qsort(v, n, sizeof(v[0]), ascending);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* In the form of bench/results.md. */
static int
report(const struct bench *b)
{
	double rates[KINDS], cpus[KINDS], by_strophe, by_expat;
	const struct outcome *o;
	int kind;

	printf("\n| reader | presences/s (median of %lu) | by processor time | publishes | RSS, MiB (peak) |\n"
	       "| --- | ---: | ---: | ---: | ---: |\n",
	    b->rounds);
	for (kind = 0; kind < KINDS; kind++) {
		rates[kind] = median(b, (enum kind)kind, false);
		cpus[kind] = median(b, (enum kind)kind, true);
		o = &b->outcomes[kind][b->rounds - 1];
		printf("| %s | %.0f | %.0f | %llu | %ld (%ld) |\n", names[kind], rates[kind], cpus[kind],
		    (unsigned long long)o->publishes, o->rss_kib / 1024, o->peak_kib / 1024);
	}
	by_strophe = rates[COMPONENT] / rates[STROPHE];
	by_expat = rates[COMPONENT] / rates[EXPAT];
	printf("\nratio to libstrophe: %.2f (by processor time %.2f), goal %.1f: %s\n", by_strophe,
	    cpus[COMPONENT] / cpus[STROPHE], GOAL_STROPHE, by_strophe >= GOAL_STROPHE ? "reached" : "MISSED");
	printf("ratio to bare expat: %.2f (by processor time %.2f), goal %.1f: %s\n", by_expat,
	    cpus[COMPONENT] / cpus[EXPAT], GOAL_EXPAT, by_expat >= GOAL_EXPAT ? "reached" : "MISSED");
	return by_strophe >= GOAL_STROPHE && by_expat >= GOAL_EXPAT ? 0 : 1;
}

static int
run(struct bench *b)
{
	unsigned round;
	int kind;

	if (feed_init(&b->feed, b->users) != 0 || (b->server = fakeserver_new(&b->feed)) == NULL) {
		perror("bench");
		return 2;
	}
	feed_end(&b->feed, b->presences);
	if (prefill_conf(b->dir, fakeserver_port(b->server)) != 0) {
		perror("bench: the configuration");
		return 2;
	}
	printf("%lu presences of %lu users, %zu bytes each on the average; %s\n\n", b->presences, b->users,
	    (size_t)(b->feed.starts[b->feed.n] / b->feed.n),
	    b->reader_cpu >= 0 ? "server and reader on a core each" : "one core for all");
	printf("%5s  %-13s %11s %11s %9s %8s %8s %9s\n", "round", "reader", "by clock", "by cpu", "publishes", "MB out",
	    "settled", "RSS, MiB");
	for (round = 0; round < b->rounds; round++)
		for (kind = 0; kind < KINDS; kind++)
			if (run_one(b, (enum kind)kind, round) != 0)
				return 2;
	return report(b);
}

static unsigned long
number(const char *s, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end != '\0' || n < 1 || n > max) {
		fprintf(stderr, "bench: %s is not a number from 1 to %lu\n", s, max);
		exit(2);
	}
	return n;
}

int
main(int argc, char **argv)
{
	static struct bench b = {.presences = 1000000, .users = 10000, .rounds = 5};
	const char *tmp = getenv("TMPDIR");
	int opt, status, i;

	while ((opt = getopt(argc, argv, "n:u:r:k")) != -1) {
		switch (opt) {
		case 'n':
			b.presences = number(optarg, 1000000000);
			break;
		case 'u':
			b.users = number(optarg, 999999);
			break;
		case 'r':
			b.rounds = number(optarg, ROUNDS_MAX);
			break;
		case 'k':
			b.keep = true;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != KINDS) {
		fputs(
		    "usage: bench [-n presences] [-u users] [-r rounds] [-k] POLYPRESENCE BARE_EXPAT STROPHE_COMPONENT\n",
		    stderr);
		return 2;
	}
	for (i = 0; i < KINDS; i++)
		b.programs[i] = argv[optind + i];
	snprintf(b.dir, sizeof(b.dir), "%s/polypresence-bench.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(b.dir) == NULL) {
		perror(b.dir);
		return 2;
	}
	choose_cpus(&b);
	pin(b.server_cpu);
	status = run(&b);
	fakeserver_free(b.server);
	feed_clear(&b.feed);
	if (b.keep) {
		printf("kept: %s\n", b.dir);
		return status;
	}
	remove_registry(&b);
	remove_file(&b, "secret");
	remove_file(&b, "polypresence.conf");
	remove_file(&b, "log");
	rmdir(b.dir);
	return status;
}
