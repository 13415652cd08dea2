/* One seed from its beginning to its end: a phase with faults, healing, a phase in which all must come right. */
#include "sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "actions.h"
#include "cover.h"
#include "rest.h"

#define HEALED_MS (6 * 60 * 1000)
#define QUIET_MS 120000
#define FORMS_OVER_MS (SESSION_LIFE_MS + QUIET_MS) /* commands whose forms were not sent are forgotten */
#define DEATHS_MS (15 * 60 * 1000)		   /* more, so that who has died is found to be silent */
#define BLOCK_SIZE 65536

struct block {
	struct block *next;
};

void *
sim_mem(struct sim *s, size_t size)
{
	struct block *b;
	void *p;

	size = (size + 15) & ~(size_t)15;
	if (size > s->free_left) {
		s->free_left = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		b = calloc(1, sizeof(*b) + 16 + s->free_left);
		if (b == NULL)
			abort();
		b->next = s->memory;
		s->memory = b;
		s->free_at = (char *)b + 16;
	}
	p = s->free_at;
	s->free_at += size;
	s->free_left -= size;
	return p;
}

const char *
sim_dup(struct sim *s, const char *text)
{
	char *copy;

	if (text == NULL)
		return NULL;
	copy = sim_mem(s, strlen(text) + 1);
	memcpy(copy, text, strlen(text) + 1);
	return copy;
}

const char *
sim_text(struct sim *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return sim_dup(s, text);
}

/* splitmix64 */
static uint64_t
next(struct sim *s)
{
	uint64_t z = s->rng += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
sim_below(struct sim *s, uint64_t n)
{
	return n == 0 ? 0 : next(s) % n;
}

bool
sim_chance(struct sim *s, unsigned percent)
{
	return sim_below(s, 100) < percent;
}

bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

void
sim_line(struct sim *s, const char *fmt, ...)
{
	char *line = s->lines[s->nlines++ % SIM_LAST_LINES];
	const char *c;
	va_list ap;
	int n;

	n = snprintf(line, SIM_LINE_MAX, "%8.3f ", (double)(s->now.mono_ms - s->started) / 1000);
	va_start(ap, fmt);
	vsnprintf(line + n, SIM_LINE_MAX - (size_t)n, fmt, ap);
	va_end(ap);
	for (c = line; *c != '\0'; c++)
		s->hash = (s->hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	if (s->opt.trace)
		puts(line);
}

void
sim_fail(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->failed)
		return;
	s->failed = true;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	sim_line(s, "FAILED %s", s->why);
}

double
sim_cpu(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void
safety(struct sim *s, int steps)
{
	static const uint64_t waits[] = {5, 100, 1000, 20000, 90000};

	while (steps-- > 0 && !s->failed) {
		s->next_act = s->now.mono_ms + sim_below(s, waits[sim_below(s, 5)]);
		while (!s->failed && drive_turn(s, s->next_act))
			;
		if (s->failed)
			break;
		if ((s->faults & FAULT_STRANGER) && sim_chance(s, 15))
			strangers_act(s);
		else if (sim_chance(s, 12))
			faults_act(s);
		else
			people_act(s);
		drive_pump(s);
		check_gauges(s);
	}
}

static void
liveness(struct sim *s)
{
	uint64_t end;

	sim_line(s, "-- healed");
	faults_heal(s);
	people_settle(s);
	end = s->now.mono_ms + HEALED_MS + (s->deaths ? DEATHS_MS : 0);
	while (!s->failed && drive_turn(s, end))
		;
	if (!s->failed)
		oracle_final(s);
}

/* Nobody does anything any more: what counted, waited or was measured is home. */
static void
rest(struct sim *s)
{
	uint64_t end = s->now.mono_ms + (s->opt.seed % 16 == 0 ? FORMS_OVER_MS : QUIET_MS);
	const char *why;

	while (!s->failed && drive_turn(s, end))
		;
	end += QUIET_MS;
	while (!s->failed && (rest_is_busy(s->core) || s->queue != NULL) && drive_turn(s, end))
		;
	if (!s->failed)
		drive_kind(s, EVENT_TICK);
	/* Where rosters are never answered one is always under way: check_gauges() knows of those. */
	why = s->failed || rest_is_busy(s->core) ? NULL : rest_trouble(s->core, s->opt.seed % 16 == 0);
	if (why != NULL)
		sim_fail(s, "13: %s is not at rest", why);
}

bool
sim_run(struct sim *s, const struct options *opt)
{
	memset(s, 0, sizeof(*s));
	s->opt = *opt;
	s->rng = opt->seed * UINT64_C(0xd1342543de82ef95) + 1;
	s->hash = UINT64_C(0xcbf29ce484222325);
	/* From a second to some decades after the machine's start. */
	s->now = (struct instant){UINT64_C(1024) << opt->seed % 31, INT64_C(1795428000000)};
	s->started = s->now.mono_ms;
	if (s->opt.actions != NULL)
		fprintf(s->opt.actions, "seed %" PRIu64 "\n", s->opt.seed);
	world_make(s);
	cover(COVER_RUN, (int)s->personality, 0);
	drive_start(s, false);
	drive_link_up(s);
	s->steps = 40 + (int)sim_below(s, 160);
	if (s->opt.steps > 0)
		s->steps = s->opt.steps;
	safety(s, s->steps);
	if (!s->failed)
		liveness(s);
	if (!s->failed)
		rest(s);
	actions_over(s);
	return !s->failed;
}

void
sim_clear(struct sim *s)
{
	struct block *b, *next_block;

	core_free(s->core);
	s->core = NULL;
	for (b = s->memory; b != NULL; b = next_block) {
		next_block = b->next;
		free(b);
	}
	free(s->ids);
	free(s->held_pendings);
	s->memory = NULL;
	s->ids = NULL;
	s->held_pendings = NULL;
}
