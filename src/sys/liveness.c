#include "sys/liveness.h"

#include <stdio.h>
#include <string.h>

void
liveness_init(struct liveness *v, unsigned ping_ms, unsigned dead_ms, unsigned say_ms)
{
	memset(v, 0, sizeof(*v));
	v->ping_ms = ping_ms;
	v->dead_ms = dead_ms;
	v->say_ms = say_ms;
}

void
liveness_start(struct liveness *v, uint64_t now)
{
	v->heard_at = v->said_at = now;
	v->ping_id[0] = '\0';
}

void
liveness_heard(struct liveness *v, uint64_t now)
{
	v->heard_at = now;
}

void
liveness_said(struct liveness *v, uint64_t now)
{
	v->said_at = now;
}

static enum liveness_verdict
check_heard(const struct liveness *v, uint64_t now, uint64_t *next_ms)
{
	uint64_t idle = now - v->heard_at;

	if (idle < v->ping_ms) {
		*next_ms = v->ping_ms - idle;
		return LIVENESS_FINE;
	}
	*next_ms = v->ping_ms;
	if (idle >= v->dead_ms)
		return v->works ? LIVENESS_DEAD : LIVENESS_PING;
	/* Once more before the end, should the first have been lost. */
	if (*next_ms > (v->dead_ms - idle + 1) / 2)
		*next_ms = idle - v->ping_ms < v->ping_ms / 4 ? (v->dead_ms - idle + 1) / 2 : v->dead_ms - idle;
	return LIVENESS_PING;
}

enum liveness_verdict
liveness_check(const struct liveness *v, uint64_t now, uint64_t *next_ms)
{
	enum liveness_verdict verdict = check_heard(v, now, next_ms);
	uint64_t quiet = now - v->said_at;

	if (verdict == LIVENESS_FINE && quiet >= v->say_ms)
		verdict = LIVENESS_SAY;
	if (verdict != LIVENESS_FINE)
		quiet = 0; /* something is said now */
	if (*next_ms > v->say_ms - quiet)
		*next_ms = v->say_ms - quiet;
	return verdict;
}

const char *
liveness_ping(struct liveness *v, uint64_t random)
{
	snprintf(v->ping_id, sizeof(v->ping_id), "l%016llx", (unsigned long long)random);
	return v->ping_id;
}

bool
liveness_is_ping(struct liveness *v, const char *id)
{
	if (v->ping_id[0] == '\0' || id == NULL || strcmp(id, v->ping_id) != 0)
		return false;
	v->ping_id[0] = '\0';
	v->works = true;
	return true;
}
