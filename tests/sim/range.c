#include "range.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cover.h"

#define CHUNK 1000
#define JOBS_MAX 16
#define SHRINK_RUNS 400

struct tally {
	uint64_t seeds, events, actions, ms, trace;
	double cpu;
};

static void
report(const struct sim *s, const struct options *opt)
{
	unsigned i, from = s->nlines > SIM_LAST_LINES ? s->nlines - SIM_LAST_LINES : 0;

	for (i = from; i < s->nlines && !opt->trace; i++)
		printf("%s\n", s->lines[i % SIM_LAST_LINES]);
	printf("seed %" PRIu64 " failed: %s\n", opt->seed, s->why);
	printf("again: sim --seed %" PRIu64, opt->seed);
	if (opt->users > 0)
		printf(" --users %d", opt->users);
	if (opt->steps > 0)
		printf(" --steps %d", opt->steps);
	if (opt->personality >= 0)
		printf(" --personality %s", personality_names[opt->personality]);
	if (opt->faults >= 0)
		printf(" --faults %d", opt->faults);
	printf(" --trace   (%s, %d users, faults %d)\n", personality_names[s->personality], s->nusers, s->faults);
}

/* Does OPT fail for the same reason as WHY, that is by the same rule? */
static bool
still_fails(struct sim *s, const struct options *opt, const char *why)
{
	size_t rule = strcspn(why, ":");
	bool same = !sim_run(s, opt) && strncmp(s->why, why, rule) == 0 && s->why[rule] == why[rule];

	sim_clear(s);
	return same;
}

/* Fewer users, steps and faults, as long as the same rule is broken. */
static void
shrink(struct sim *s, struct options *opt, const char *why, int users, int steps, int faults)
{
	struct options less = *opt;
	unsigned runs = 0;
	bool better = true;
	int bit, by;

	less.users = users;
	less.steps = steps;
	less.faults = faults;
	less.trace = false;
	if (!still_fails(s, &less, why))
		return;
	*opt = less;
	while (better && runs < SHRINK_RUNS) {
		better = false;
		for (by = opt->steps / 2; by > 0 && runs++ < SHRINK_RUNS; by /= 2) {
			less = *opt;
			less.steps -= by;
			if (less.steps > 0 && still_fails(s, &less, why)) {
				*opt = less;
				better = true;
			}
		}
		for (bit = 1; bit < FAULTS_ALL && runs++ < SHRINK_RUNS; bit *= 2) {
			less = *opt;
			less.faults &= ~bit;
			if (less.faults != opt->faults && still_fails(s, &less, why)) {
				*opt = less;
				better = true;
			}
		}
		for (less = *opt; less.users > 1 && runs++ < SHRINK_RUNS;) {
			less.users--;
			if (still_fails(s, &less, why)) {
				*opt = less;
				better = true;
			}
		}
	}
}

bool
range_one(struct sim *s, const struct options *opt)
{
	struct options least = *opt;
	char why[sizeof(s->why)];
	uint64_t hash;
	bool ok = sim_run(s, opt), same;

	if (!ok && opt->actions == NULL) {
		memcpy(why, s->why, sizeof(why));
		/* Whoever asked for a trace or for less wants this very run. */
		if (!opt->trace && opt->users <= 0 && opt->steps <= 0 && opt->faults < 0) {
			int users = s->nusers, steps = s->steps, faults = s->faults;

			printf("seed %" PRIu64 " failed: %s\n", opt->seed, why);
			sim_clear(s);
			shrink(s, &least, why, users, steps, faults);
			sim_run(s, &least);
		}
		report(s, &least);
	}
	hash = s->hash;
	sim_clear(s);
	/* Where actions are compared, a seed that fails is a seed like others. */
	if (opt->actions != NULL)
		return true;
	if (!ok || opt->seed % 16 != 0 || opt->trace)
		return ok;
	/* Every so often a seed is run twice: the same in all that was said and done (18). */
	sim_run(s, opt);
	same = s->hash == hash;
	sim_clear(s);
	if (!same)
		printf("seed %" PRIu64 " failed: 18: it doesn't run the same way twice\n", opt->seed);
	return same;
}

/* Of this very program: what was done by another version counts for nothing. */
static uint64_t
version(void)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	FILE *f = fopen("/proc/self/exe", "rb");
	int c;

	while (f != NULL && (c = getc(f)) != EOF)
		h = (h ^ (unsigned char)c) * UINT64_C(0x100000001b3);
	if (f != NULL)
		fclose(f);
	return h;
}

/* A line for each chunk: version, from, to, what it came to. */
static void
put_line(FILE *out, uint64_t v, uint64_t from, uint64_t to, const struct tally *t)
{
	fprintf(out, "%016" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 " %.2f",
	    v, from, to, t->events, t->actions, t->ms, t->trace, t->cpu);
	cover_write(out);
	putc('\n', out);
	fflush(out);
}

static bool
run_chunk(const struct range *r, struct sim *s, uint64_t from, uint64_t to, struct tally *t)
{
	struct options opt = r->opt;
	double begin = sim_cpu();
	bool ok = true;

	memset(t, 0, sizeof(*t));
	cover_reset();
	for (opt.seed = from; ok && opt.seed < to; opt.seed++) {
		ok = range_one(s, &opt);
		t->events += s->events;
		t->actions += s->actions;
		t->ms += s->now.mono_ms - s->started;
		t->trace += s->hash * (2 * opt.seed + 1);
	}
	t->cpu = sim_cpu() - begin;
	return ok;
}

static uint64_t
end_of(uint64_t at, uint64_t to)
{
	uint64_t end = (at / CHUNK + 1) * CHUNK;

	return end < to ? end : to;
}

/* Sum up the lines of version V within the range; the chunks that they are of are marked in DONE. */
static void
read_lines(const struct range *r, FILE *f, uint64_t v, bool *done, struct tally *sum)
{
	uint64_t version_is, from, to, first = r->from / CHUNK;
	struct tally t;
	char *line = NULL;
	size_t size = 0;
	int n;

	memset(sum, 0, sizeof(*sum));
	cover_reset();
	rewind(f);
	while (getline(&line, &size, f) > 0) {
		memset(&t, 0, sizeof(t));
		if (sscanf(line,
			"%" SCNx64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNx64 " %lf%n",
			&version_is, &from, &to, &t.events, &t.actions, &t.ms, &t.trace, &t.cpu, &n) != 8)
			continue;
		if (version_is != v || from < r->from || to > r->to || to != end_of(from, r->to) ||
		    done[from / CHUNK - first])
			continue;
		done[from / CHUNK - first] = true;
		sum->seeds += to - from;
		sum->events += t.events;
		sum->actions += t.actions;
		sum->ms += t.ms;
		sum->trace += t.trace;
		sum->cpu += t.cpu;
		cover_add(line + n);
	}
	free(line);
}

/* The part of worker K of JOBS: every so manieth of the chunks that are left. */
static int
work(const struct range *r, FILE *out, uint64_t v, const bool *done, int k)
{
	struct sim *s = calloc(1, sizeof(*s));
	uint64_t at, to, first = r->from / CHUNK;
	struct tally t;
	bool ok = s != NULL;
	int turn = 0;

	for (at = r->from; ok && at < r->to; at = to) {
		to = end_of(at, r->to);
		if (done[at / CHUNK - first] || turn++ % r->jobs != k)
			continue;
		ok = run_chunk(r, s, at, to, &t);
		if (ok)
			put_line(out, v, at, to, &t);
	}
	free(s);
	fflush(stdout);
	return ok ? 0 : 1;
}

static bool
work_all(const struct range *r, FILE *out, uint64_t v, const bool *done)
{
	pid_t pids[JOBS_MAX], pid;
	int k, i, status;
	bool ok = true;

	fflush(stdout);
	for (k = 0; k < r->jobs; k++) {
		pids[k] = r->jobs > 1 ? fork() : 0;
		if (pids[k] == 0) {
			status = work(r, out, v, done, k);
			if (r->jobs == 1)
				return status == 0;
			_exit(status);
		}
		ok = ok && pids[k] > 0;
	}
	for (k = 0; k < r->jobs; k++) {
		pid = wait(&status);
		if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue;
		ok = false;
		/* The others need not go on. */
		for (i = 0; i < r->jobs; i++) {
			if (pids[i] > 0 && pids[i] != pid)
				kill(pids[i], SIGTERM);
		}
	}
	return ok;
}

int
range_run(const struct range *r)
{
	struct range range = *r;
	FILE *f = r->progress != NULL ? fopen(r->progress, "a+") : tmpfile(), *all;
	uint64_t v = version(), before;
	bool *done = calloc((r->to - r->from) / CHUNK + 2, sizeof(*done)), ok;
	struct tally sum;

	if (f == NULL || done == NULL) {
		perror(r->progress != NULL ? r->progress : "sim");
		free(done);
		return 2;
	}
	if (r->opt.actions != NULL)
		range.jobs = 1;
	if (range.jobs < 1 || range.jobs > JOBS_MAX)
		range.jobs = range.jobs < 1 ? 1 : JOBS_MAX;
	read_lines(&range, f, v, done, &sum);
	before = sum.seeds;
	ok = work_all(&range, f, v, done);
	memset(done, 0, (r->to - r->from) / CHUNK + 2);
	read_lines(&range, f, v, done, &sum);
	printf("%s %" PRIu64 " of the seeds %" PRIu64 " to %" PRIu64 " (%" PRIu64 " of them before): %" PRIu64
	       " events, %" PRIu64 " actions, %.1f days simulated, %.1f s of CPU, trace %016" PRIx64 "\n",
	    ok ? "ok" : "FAILED", sum.seeds, r->from, r->to - 1, before, sum.events, sum.actions,
	    (double)sum.ms / 86400000, sum.cpu, sum.trace);
	if (ok && r->coverage != NULL) {
		all = fopen(r->coverage, "w");
		cover_print(all);
		if (all != NULL)
			fclose(all);
	}
	free(done);
	fclose(f);
	if (r->opt.actions != NULL && fclose(r->opt.actions) != 0)
		return 2;
	return ok ? 0 : 1;
}
