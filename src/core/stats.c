/* What `stats' of the log tells (core_stats() of core.h). */
#include "core/core.h"
#include "core/flight/line.h"
#include "core/model/device.h"
#include "core/model/host.h"
#include "core/sources/audit.h"
#include "core/tools/answers.h"
#include "core/top.h"

void
core_stats(const struct core *c, struct core_stats *out)
{
	const struct device *d;
	struct user *u;
	struct host *h;
	unsigned s;

	*out = c->env.stats;
	out->users = c->model.nusers;
	out->queries = c->flight.queries.count;
	out->waiting = c->env.nsaid + answers_wait(&c->env);
	out->errands = c->outlets.nerrands;
	out->shared = line_shared(&c->flight);
	out->devices = out->resources = out->blocked = out->unsettled = out->in_flight = out->stale = 0;
	for (h = host_next(&c->model, NULL); h != NULL; h = host_next(&c->model, h))
		h->audited = 0;
	for (u = c->model.users; u != NULL; u = u->next) {
		out->blocked += u->pep.blocked != BLOCKED_NOT;
		out->unsettled += !u->settled;
		u->host->audited += audit_accounts(&c->sources, u);
		for (d = u->devices; d != NULL; d = d->next) {
			out->devices += device_live(d);
			out->resources += d->nresources;
			out->stale += d->stale && d->state == LINK_ACTIVE;
		}
	}
	out->audit_s = c->env.set.audit_s;
	for (h = host_next(&c->model, NULL); h != NULL; h = host_next(&c->model, h)) {
		out->in_flight += h->in_flight;
		s = audit_period_s(&c->sources, h->audited);
		if (s > out->audit_s)
			out->audit_s = s;
	}
}
