#include "base/rate.h"

uint64_t
rate_opens(uint64_t bucket, const struct rate *r)
{
	uint64_t ahead = (r->burst - 1) * r->every_ms;

	return bucket > ahead ? bucket - ahead : 0;
}

void
rate_pour(uint64_t *bucket, const struct rate *r, uint64_t now)
{
	uint64_t most = now + r->burst * r->every_ms;

	if (*bucket < now)
		*bucket = now;
	*bucket = *bucket + r->every_ms < most ? *bucket + r->every_ms : most;
}
