/* Users of one host who change as often as they are told to. */
#include "slots_fixture.h"

#include <stdio.h>
#include <string.h>

static unsigned turns[VERY_MANY];

const char *
user(unsigned i)
{
	char text[64];

	snprintf(text, sizeof(text), "u%u@home.test", i);
	return kept(text);
}

const char *
client(unsigned i)
{
	char text[64];

	snprintf(text, sizeof(text), "u%u@home.test/r", i);
	return kept(text);
}

/* Whom nobody has asked for a minute. */
static int
with_so_many(void **state, unsigned n)
{
	unsigned i;
	int status = core_setup(state);

	server.name = "ejabberd";
	link_up();
	grant(GRANT_ALL | GRANT_BLOCKING);
	for (i = 0; i < n; i++) {
		user_is(user(i));
		enrols(user(i));
		approves(user(i));
		lives(client(i), "on");
	}
	passes(120000);
	memset(turns, 0, sizeof(turns));
	return status;
}

int
with_users(void **state)
{
	return with_so_many(state, USERS);
}

int
with_many(void **state)
{
	return with_so_many(state, MANY);
}

int
with_very_many(void **state)
{
	return with_so_many(state, VERY_MANY);
}

void
changes(unsigned i)
{
	user_is(user(i));
	lives(client(i), turns[i]++ % 2 == 0 ? "dnd" : "away");
}

void
are_silent(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		account_is_silent(user(i));
}

void
assert_served(unsigned i, uint64_t ms)
{
	unsigned before = iq_count(ACTION_PUBLISH);

	changes(i);
	passes(ms);
	assert_true(iq_count(ACTION_PUBLISH) > before);
	assert_string_equal(state_in(last_published(user(i), NODE_DEVICES), "r"), turns[i] % 2 == 1 ? "dnd" : "away");
}
