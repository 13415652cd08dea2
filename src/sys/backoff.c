#include "sys/backoff.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t base_ms, cap_ms;
} kinds[] = {
	[REASON_NONE] = {"none", 1000, 1000},
	[REASON_REFUSED] = {"refused", 2000, 15000},
	[REASON_TLS] = {"tls", 5000, 120000},
	[REASON_TIMEOUT] = {"timeout", 2000, 30000},
	[REASON_CLOSED] = {"closed", 1500, 15000},
	[REASON_SHUTDOWN] = {"system-shutdown", 3000, 15000},
	[REASON_CONFLICT] = {"conflict", 3000, 60000},
	[REASON_NOT_AUTHORIZED] = {"not-authorized", 10000, 300000},
	[REASON_HOST_UNKNOWN] = {"host-unknown", 10000, 300000},
	[REASON_STREAM_ERROR] = {"stream-error", 2000, 60000},
	[REASON_PROTOCOL] = {"protocol", 5000, 60000},
	[REASON_LOCAL] = {"local", 5000, 60000},
	[REASON_STOPPED] = {"stopped", 1000, 1000},
};

const char *
backoff_name(enum link_reason reason)
{
	return kinds[reason].name;
}

enum link_reason
backoff_reason(const char *condition)
{
	static const enum link_reason known[] = {
		REASON_SHUTDOWN,
		REASON_CONFLICT,
		REASON_NOT_AUTHORIZED,
		REASON_HOST_UNKNOWN,
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(condition, kinds[known[i]].name) == 0)
			return known[i];
	return REASON_STREAM_ERROR;
}

uint32_t
backoff_ms(enum link_reason reason, unsigned failures, uint32_t random)
{
	uint64_t bound = kinds[reason].base_ms;

	while (failures-- > 1 && bound < kinds[reason].cap_ms)
		bound *= 2;
	if (bound > kinds[reason].cap_ms)
		bound = kinds[reason].cap_ms;
	return BACKOFF_MIN_MS + (uint32_t)(random % (bound - BACKOFF_MIN_MS + 1));
}
