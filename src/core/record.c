#include "core/record.h"

#include <string.h>

static const char *const link_states[] = {
	[LINK_REQUESTED] = "requested",
	[LINK_ACTIVE] = "active",
	[LINK_REFUSED] = "refused",
	[LINK_REVOKED] = "revoked",
};

#define STATES (sizeof(link_states) / sizeof(link_states[0]))

const char *
link_state_name(enum link_state s)
{
	return (size_t)s < STATES ? link_states[s] : "";
}

bool
link_state_parse(const char *s, enum link_state *out)
{
	size_t i;

	for (i = 0; s != NULL && i < STATES; i++) {
		if (strcmp(link_states[i], s) == 0) {
			*out = (enum link_state)i;
			return true;
		}
	}
	return false;
}
