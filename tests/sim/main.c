/* sim: run seeds, say which one fails, and how to see it again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "range.h"

static int
usage(void)
{
	fputs(
	    "usage: sim [--seed N | --seeds A:B] [--jobs N] [--progress FILE] [--coverage FILE] [--actions FILE]\n"
	    "           [--users N] [--steps N] [--personality NAME] [--faults MASK] [--trace]\n"
	    "Runs the seeds A to B-1, by N processes.  With a FILE for its progress it goes on where the same program was\n"
	    "stopped; with one for its coverage it writes there how often what was reached, and says what never was.\n"
	    "With a FILE for actions it writes there what follows from each event (see compare_actions), as one process.\n"
	    "A seed that fails is shrunk.  MASK is the sum of: 1 delay, 2 loss, 4 twice, 8 cut, 16 restart, 32 crash,\n"
	    "64 store, 128 grants, 256 strangers, 512 back-pressure, 1024 other servers, 2048 nodes, 4096 clock,\n"
	    "8192 reload, 16384 memory, 32768 a second connection, 65536 large answers, 131072 deaths, 262144 frozen\n"
	    "servers, 524288 accounts deleted and registered anew, 1048576 damaged storage, 2097152 blocked\n"
	    "bridges.  NAME is prosody, ejabberd-23.01, ejabberd-24.12 or ejabberd-26.07.  What isn't given is chosen by the\n"
	    "seed.\n",
	    stderr);
	return 2;
}

static bool
number(const char *text, int base, long *out)
{
	char *end;

	*out = strtol(text, &end, base);
	return *end == '\0' && end != text;
}

static bool
seeds(const char *text, bool several, struct range *r)
{
	char *end;

	r->from = strtoull(text, &end, 10);
	r->to = r->from + 1;
	if (several && *end == ':' && end != text)
		r->to = strtoull(text = end + 1, &end, 10);
	return *end == '\0' && end != text && r->to > r->from;
}

static bool
option(struct range *r, const char *name, const char *value)
{
	long n;
	int i;

	if (strcmp(name, "--seed") == 0 || strcmp(name, "--seeds") == 0)
		return seeds(value, name[6] == 's', r);
	if (strcmp(name, "--progress") == 0) {
		r->progress = value;
		return true;
	}
	if (strcmp(name, "--coverage") == 0) {
		r->coverage = value;
		return true;
	}
	if (strcmp(name, "--actions") == 0) {
		r->opt.actions = fopen(value, "w");
		return r->opt.actions != NULL;
	}
	if (strcmp(name, "--personality") == 0) {
		for (i = 0; i < PERSONALITIES && strcmp(personality_names[i], value) != 0; i++)
			;
		r->opt.personality = i;
		return i < PERSONALITIES;
	}
	if (!number(value, 0, &n))
		return false;
	if (strcmp(name, "--users") == 0)
		r->opt.users = (int)n;
	else if (strcmp(name, "--steps") == 0)
		r->opt.steps = (int)n;
	else if (strcmp(name, "--faults") == 0)
		r->opt.faults = (int)n;
	else if (strcmp(name, "--jobs") == 0)
		r->jobs = (int)n;
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	struct range r = { .from = 1, .to = 2, .jobs = 1, .opt = {.personality = -1, .faults = -1} };
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0)
			r.opt.trace = true;
		else if (i + 1 == argc || !option(&r, argv[i], argv[i + 1]))
			return usage();
		else
			i++;
	}
	return range_run(&r);
}
