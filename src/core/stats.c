/* What `stats' of the log tells (core_stats() of core.h). */
#include "core/core.h"
#include "core/flight/line.h"
#include "core/model/device.h"
#include "core/model/host.h"
#include "core/sources/audit.h"
#include "core/tools/answers.h"

void
core_stats(const struct core *c, struct core_stats *out)
{
	const struct device *d;
	struct user *u;
	struct host *h;
	unsigned s;

	*out = c->stats;
	out->users = c->nusers;
	out->queries = c->queries.count;
	out->waiting = c->nsaid + answers_wait(c);
	out->errands = c->nerrands;
	out->shared = line_shared(c);
	out->devices = out->resources = out->blocked = out->unsettled = out->in_flight = out->stale = 0;
	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h))
		h->audited = 0;
	for (u = c->users; u != NULL; u = u->next) {
		out->blocked += u->pep.blocked != BLOCKED_NOT;
		out->unsettled += !u->settled;
		u->host->audited += audit_accounts(c, u);
		for (d = u->devices; d != NULL; d = d->next) {
			out->devices += device_live(d);
			out->resources += d->nresources;
			out->stale += d->stale && d->state == LINK_ACTIVE;
		}
	}
	out->audit_s = c->set.audit_s;
	for (h = host_next(c, NULL); h != NULL; h = host_next(c, h)) {
		out->in_flight += h->in_flight;
		s = audit_period_s(c, h->audited);
		if (s > out->audit_s)
			out->audit_s = s;
	}
}
