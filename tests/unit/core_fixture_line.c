/* What the core sends to itself: a server gives it back, or gives it to somebody else. */
#include "core_fixture.h"

#include <string.h>

#define HELD_MAX 1024

static const char *pattern;
static bool holding;
static const char *held[HELD_MAX]; /* resources */
static size_t nheld;
static unsigned taken, seen;
static const char *last;

void
line_is(const char *eight)
{
	pattern = eight;
}

unsigned
headlines(void)
{
	unsigned n = taken - seen;

	seen = taken;
	return n;
}

const char *
headline_last(void)
{
	assert_non_null(last);
	return last;
}

void
line_takes(const struct action *act)
{
	assert_string_equal(act->from.bare, DOMAIN);
	assert_null(act->from.resource);
	assert_string_equal(act->to.bare, DOMAIN);
	assert_true(strlen(act->to.resource) >= 26); /* 128 bits and more, at five bits a character */
	last = kept(act->to.resource);
	if (pattern == NULL || pattern[taken % strlen(pattern)] == '.') {
		assert_true(nheld < HELD_MAX);
		held[nheld++] = last;
	}
	taken++;
}

static void
come_back(const char *resource)
{
	struct event ev = { .kind = EVENT_HEADLINE, .from = {DOMAIN, NULL}, .to = {DOMAIN, resource} };

	feeds_status(&ev);
}

bool
line_answers(void)
{
	size_t i;

	if (holding || nheld == 0)
		return false;
	for (i = 0; i < nheld; i++)
		come_back(held[i]);
	nheld = 0;
	return true;
}

void
line_holds(bool yes)
{
	const struct event tick = {.kind = EVENT_TICK};

	holding = yes;
	feeds(&tick);
}

void
line_releases(unsigned n)
{
	const struct event tick = {.kind = EVENT_TICK};

	for (; n > 0 && nheld > 0; n--) {
		come_back(held[0]);
		memmove(held, held + 1, --nheld * sizeof(*held));
	}
	feeds(&tick);
}

/* The stream is gone, with what was on its way. */
void
line_reset(void)
{
	nheld = 0;
}

void
line_forget(void)
{
	pattern = last = NULL;
	holding = false;
	nheld = 0;
	taken = seen = 0;
}
