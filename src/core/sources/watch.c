#include "core/sources/watch.h"

#include "core/flight/query.h"
#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/device_ghost.h"
#include "core/model/settle.h"
#include "core/model/user.h"
#include "core/sources/audit.h"

/* After the last thing became known, for the rest of the same burst. */
#define SETTLE_GRACE_MS 300

/* A resource known only from hints is checked this often. */
#define PING_EVERY_MS 60000

static bool
all_known(const struct sources *sources, const struct user *u)
{
	struct device *d;
	const struct resource *r;

	if (!u->known || u->asking > 0 || !claim_stands(u))
		return false;
	for (d = u->devices; d != NULL; d = d->next) {
		/* Of what is suspended, and isn't asked, nothing is shown that could become known. */
		if (d->resource == NULL && d->state == LINK_ACTIVE && !claim_is_void(d) && d->claim.suspended_ms == 0 &&
		    (!d->known || !claim_believes(sources->model, d)))
			return false;
		for (r = d->resources; r != NULL; r = r->next) {
			if (r->ghost)
				return false;
		}
	}
	return true;
}

void
watch_known(struct sources *sources, struct user *u)
{
	if (u->settled || u->settle_at == TIMER_NEVER || !all_known(sources, u))
		return;
	settle_soon(sources->model, u, SETTLE_GRACE_MS);
	user_mark(sources->model, u, MARK_TIMES);
}

/* Whatever has not answered by now is offline. */
static void
settle(struct sources *sources, struct user *u)
{
	struct device *d, *next;

	settle_end(u);
	for (d = u->devices; d != NULL; d = next) {
		next = d->next;
		/* What is in doubt because its server may have lost its memory is not contradicted by silence. */
		if (d->claim.against != 0 && !claim_believes(sources->model, d)) {
			device_knows(d);
			device_stale(d, true);
			continue;
		}
		if (!d->known)
			device_stale(d, false); /* its server is silent, but there */
		device_knows(d);
		if (d->stale)
			device_keep_ghosts(d); /* its server can't be reached: nobody has said that they are gone */
		else
			device_drop_ghosts(sources->model, d);
	}
	audit_settled(sources, u);
	user_touch(sources->model, u);
}

static bool
has_unfed(const struct user *u)
{
	const struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL && d->resources != NULL && !d->resources->fed)
			return true;
	}
	return false;
}

static void
ping_unfed(struct sources *sources, struct user *u)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL && d->resources != NULL && !d->resources->fed)
			query_ping(sources->flight, u, d->resource);
	}
}

uint64_t
watch_deadline(const struct sources *sources, struct user *u)
{
	uint64_t at = sources->env->link_up ? u->settle_at : TIMER_NEVER;

	if (!sources->env->link_up || !user_shown(u) || !has_unfed(u)) {
		u->ping_at = 0;
		return at;
	}
	if (u->ping_at == 0)
		u->ping_at = sources->env->now.mono_ms + PING_EVERY_MS;
	return u->ping_at < at ? u->ping_at : at;
}

bool
watch_settles(struct sources *sources, struct user *u)
{
	if (!sources->env->link_up || u->settle_at > sources->env->now.mono_ms)
		return false;
	settle(sources, u);
	return true;
}

void
watch_pings(struct sources *sources, struct user *u)
{
	if (!sources->env->link_up || u->ping_at == 0 || u->ping_at > sources->env->now.mono_ms)
		return;
	u->ping_at = sources->env->now.mono_ms + PING_EVERY_MS;
	ping_unfed(sources, u);
}
