#include "core/flight/probe.h"

#include <stdio.h>
#include <string.h>

#include "core/model/silence.h"
#include "core/tools/rng.h"
#include "core/tools/say.h"

static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

void
probe_reset(struct flight *flight)
{
	rng_bytes(&flight->env->rng, flight->probe_key, sizeof(flight->probe_key));
}

static void
resource_of(const struct flight *flight, const struct user *u, const char *jid, char out[PROBE_RESOURCE_LEN + 1])
{
	char text[2 * JID_MAX + 2];
	uint64_t h;
	int i, n;

	n = snprintf(text, sizeof(text), "%s/%s", u->primary, jid);
	h = hash_bytes(flight->probe_key, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
	for (i = 0; i < PROBE_RESOURCE_LEN; i++, h = h >> 5 | h << 59)
		out[i] = alphabet[h & 31];
	out[PROBE_RESOURCE_LEN] = '\0';
}

void
probe_send(struct flight *flight, struct user *u, struct device *d)
{
	const char *jid = d != NULL ? d->jid : u->primary;
	char resource[PROBE_RESOURCE_LEN + 1];

	resource_of(flight, u, jid, resource);
	silence_asked(flight->model, d != NULL ? &d->probe : &u->probe);
	say_presence_as(flight->env, u->bridge, resource, jid, PRESENCE_PROBE);
}

bool
probe_is_answer(const struct flight *flight, const struct user *u, const char *jid, const char *resource)
{
	char expected[PROBE_RESOURCE_LEN + 1];

	if (resource == NULL)
		return false;
	resource_of(flight, u, jid, expected);
	return strcmp(resource, expected) == 0;
}
