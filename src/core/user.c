#include "core/user.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/audit.h"
#include "core/change.h"
#include "core/contacts.h"
#include "core/delivery.h"
#include "core/device.h"
#include "core/host.h"
#include "core/outbox.h"
#include "core/presence.h"
#include "core/query.h"
#include "core/remind.h"
#include "core/reply.h"
#include "core/roster.h"
#include "core/silence.h"
#include "core/slots.h"
#include "core/unsubscribe.h"
#include "core/verify.h"

/* After the last thing became known, for the rest of the same burst. */
#define SETTLE_GRACE_MS 300

/* A resource that is gone is kept longer when the registry is just writing a name for it. */
#define PENDING_MS 1000

/* A resource known only from hints is checked this often (DESIGN 4). */
#define PING_EVERY_MS 60000

struct user *
user_find(const struct core *c, const char *primary)
{
	struct table_node *n = table_get(&c->by_primary, primary, strlen(primary));

	return n != NULL ? TABLE_OF(n, struct user, by_primary) : NULL;
}

struct user *
user_find_bridge(const struct core *c, const char *bridge)
{
	struct table_node *n = table_get(&c->by_bridge, bridge, strlen(bridge));

	return n != NULL ? TABLE_OF(n, struct user, by_bridge) : NULL;
}

static char *
bridge_of(const struct core *c, const char *primary, int *status)
{
	struct buf b = {0};
	struct jid j;

	jid_escape(&b, primary);
	buf_putc(&b, '@');
	buf_puts(&b, c->set.domain);
	/* Escapes read from left to right and can't stand in a name that doesn't (RFC 3454, section 6). */
	*status = b.failed ? ERR_NOMEM : jid_parse(&j, b.data, b.len);
	/* Nor can the last digit of one, before a combining mark. */
	if (*status == 0 && strcmp(j.text, b.data) != 0)
		*status = ERR_INVALID;
	if (*status != 0) {
		buf_clear(&b);
		return NULL;
	}
	return buf_steal(&b);
}

static void
user_free(struct core *c, struct user *u)
{
	if (u == NULL)
		return;
	domain_drop(c, u->domain);
	mem_free(u->primary);
	mem_free(u->bridge);
	reply_free(u->heir_reply);
	mem_free(u);
}

int
user_reserve_timer(struct core *c)
{
	return timers_reserve(&c->timers, c->nusers + c->queries.count + c->sessions.count + c->watchers.count + 2);
}

int
user_add(struct core *c, const char *primary, struct user **out)
{
	struct user *u;
	int status;

	if (user_find(c, primary) != NULL)
		return ERR_EXISTS;
	u = mem_alloc(sizeof(*u));
	if (u == NULL)
		return ERR_NOMEM;
	u->primary = mem_strdup(primary);
	u->bridge = bridge_of(c, primary, &status);
	u->host = host_get(c, jid_domain(primary));
	u->domain = domain_get(c, jid_domain(primary));
	if (status == 0 &&
	    (u->primary == NULL || u->bridge == NULL || u->host == NULL || u->domain == NULL ||
		user_reserve_timer(c) != 0))
		status = ERR_NOMEM;
	if (status == 0)
		status = table_put(&c->by_primary, &u->by_primary, u->primary, strlen(u->primary));
	if (status != 0) {
		user_free(c, u);
		return status;
	}
	status = table_put(&c->by_bridge, &u->by_bridge, u->bridge, strlen(u->bridge));
	if (status != 0) {
		table_del(&c->by_primary, &u->by_primary);
		user_free(c, u);
		return status;
	}
	audit_init(&u->audit, false);
	u->timer.kind = TIMER_USER;
	u->timer.at = TIMER_NEVER;
	u->settle_at = u->out.refresh_at = u->out.look_at = TIMER_NEVER;
	u->claim.at = u->verify_at = u->spoke_at = TIMER_NEVER;
	u->next = c->users;
	if (u->next != NULL)
		u->next->prev = u;
	c->users = u;
	c->nusers++;
	u->host->users++;
	if (!u->host->configured)
		u->withheld = WITHHELD_HOST;
	*out = u;
	return 0;
}

void
user_remove(struct core *c, struct user *u)
{
	if (u->queries > 0)
		query_forget_user(c, u);
	host_forget_user(u);
	verify_forget_user(c, u);
	delivery_forget_user(c, u);
	contacts_clear(c, u);
	unsubscribe_clear(u);
	audit_forget(&u->audit);
	while (u->devices != NULL)
		device_remove(c, u->devices);
	timer_set(&c->timers, &u->timer, TIMER_NEVER);
	table_del(&c->by_primary, &u->by_primary);
	table_del(&c->by_bridge, &u->by_bridge);
	if (u->prev != NULL)
		u->prev->next = u->next;
	else
		c->users = u->next;
	if (u->next != NULL)
		u->next->prev = u->prev;
	c->nusers--;
	u->host->users--;
	user_free(c, u);
}

bool
user_shown(const struct user *u)
{
	return !u->leaving && u->withheld == 0;
}

bool
user_online(const struct user *u)
{
	const struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL && d->resources != NULL)
			return true;
	}
	return false;
}

void
user_touch(struct core *c, struct user *u)
{
	if (!u->out.dirty) {
		u->out.dirty = true;
		u->out.due = c->now.mono_ms + c->set.window_ms;
	}
	user_arm(c, u);
}

void
user_urgent(struct core *c, struct user *u, unsigned nodes)
{
	if (nodes == 0)
		return;
	u->out.dirty = true;
	u->out.urgent |= nodes;
	u->out.due = c->now.mono_ms;
	/* An error of before says nothing of now, and must not keep visible what is hidden. */
	u->out.retry_at = u->out.private_again = u->out.refused_until = 0;
	u->out.retries = 0;
	slots_hurry(u);
	user_arm(c, u);
}

void
user_updated(struct core *c, struct user *u)
{
	if (!u->out.dirty)
		user_touch(c, u);
}

void
user_unsettle(struct core *c, struct user *u)
{
	u->settled = false;
	u->settle_at = c->now.mono_ms + c->set.settle_ms;
	user_arm(c, u);
}

static bool
all_known(const struct core *c, const struct user *u)
{
	struct device *d;
	const struct resource *r;

	if (!u->known || u->asking > 0 || !verify_stands(u))
		return false;
	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource == NULL && d->state == LINK_ACTIVE && !verify_is_void(d) &&
		    (!d->known || !verify_believes(c, d)))
			return false;
		for (r = d->resources; r != NULL; r = r->next) {
			if (r->ghost)
				return false;
		}
	}
	return true;
}

void
user_check_settled(struct core *c, struct user *u)
{
	if (u->settled || u->settle_at == TIMER_NEVER || !all_known(c, u))
		return;
	if (u->settle_at > c->now.mono_ms + SETTLE_GRACE_MS)
		u->settle_at = c->now.mono_ms + SETTLE_GRACE_MS;
	user_arm(c, u);
}

/* Whatever has not answered by now is offline. */
static void
settle(struct core *c, struct user *u)
{
	struct device *d, *next;

	u->settled = true;
	u->hasty = 0;
	u->known = true;
	u->settle_at = TIMER_NEVER;
	for (d = u->devices; d != NULL; d = next) {
		next = d->next;
		/* What is in doubt because its server may have lost its memory is not contradicted by silence. */
		if (d->claim.against != 0 && !verify_believes(c, d)) {
			d->known = d->stale = true;
			continue;
		}
		if (!d->known)
			d->stale = false; /* its server is silent, but there */
		d->known = true;
		if (d->stale)
			device_keep_ghosts(d); /* its server can't be reached: nobody has said that they are gone */
		else
			device_drop_ghosts(c, d);
	}
	audit_settled(c, u);
	user_touch(c, u);
	delivery_settled(c, u);
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
ping_unfed(struct core *c, struct user *u)
{
	struct device *d;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->resource != NULL && d->resources != NULL && !d->resources->fed)
			query_ping(c, u, d->resource);
	}
}

static uint64_t
next_gone(const struct user *u)
{
	const struct device *d;
	uint64_t at = TIMER_NEVER;

	for (d = u->devices; d != NULL; d = d->next) {
		if (d->gone_at < at)
			at = d->gone_at;
	}
	return at;
}

void
user_arm(struct core *c, struct user *u)
{
	uint64_t at = outbox_deadline(c, u), t;

	if (c->link_up && u->settle_at < at)
		at = u->settle_at;
	if (c->link_up && u->verify_at < at)
		at = u->verify_at;
	t = next_gone(u);
	if (t < at)
		at = t;
	if (u->own_at != 0 && u->own_at < at)
		at = u->own_at;
	t = remind_deadline(c, u);
	if (t < at)
		at = t;
	t = roster_deadline(c, u);
	if (t < at)
		at = t;
	t = audit_deadline(c, u);
	if (t < at)
		at = t;
	t = unsubscribe_deadline(u);
	if (t < at)
		at = t;
	if (c->link_up && user_shown(u) && has_unfed(u)) {
		if (u->ping_at == 0)
			u->ping_at = c->now.mono_ms + PING_EVERY_MS;
		if (u->ping_at < at)
			at = u->ping_at;
	} else {
		u->ping_at = 0;
	}
	timer_set(&c->timers, &u->timer, at);
}

void
user_due(struct core *c, struct user *u)
{
	struct device *d, *next;
	uint64_t now = c->now.mono_ms;

	if (c->link_up && u->verify_at <= now)
		verify_due(c, u);
	if (c->link_up && u->settle_at <= now)
		settle(c, u);
	for (d = u->devices; d != NULL; d = next) {
		next = d->next;
		if (d->gone_at <= now && change_pending(c, d)) {
			d->gone_at = now + PENDING_MS;
		} else if (d->gone_at <= now) {
			device_remove(c, d);
			user_touch(c, u);
		}
	}
	if (c->link_up && u->ping_at != 0 && u->ping_at <= now) {
		u->ping_at = now + PING_EVERY_MS;
		ping_unfed(c, u);
	}
	if (u->own_at != 0 && u->own_at <= now) {
		u->own_at = 0;
		if (c->link_up)
			delivery_own_client(c, u, NULL);
	}
	remind_due(c, u);
	roster_due(c, u);
	audit_due(c, u);
	unsubscribe_due(c, u);
	outbox_due(c, u);
	user_arm(c, u);
}

struct user_record
user_record(const struct user *u)
{
	struct user_record r = {0};

	r.primary = u->primary;
	r.created_ms = u->created_ms;
	memcpy(r.digest, u->out.digest, sizeof(r.digest));
	r.setup[NODE_PUBLIC] = outbox_setup(u, NODE_PUBLIC);
	r.setup[NODE_PRIVATE] = outbox_setup(u, NODE_PRIVATE);
	r.published_ms = u->out.published_ms[NODE_PUBLIC];
	if (r.published_ms == 0 ||
	    (u->out.published_ms[NODE_PRIVATE] != 0 && u->out.published_ms[NODE_PRIVATE] < r.published_ms))
		r.published_ms = u->out.published_ms[NODE_PRIVATE];
	r.approved = u->approved;
	r.leaving = u->leaving;
	r.suspended_ms = u->approved ? u->claim.suspended_ms : u->moved_ms;
	r.generation = u->generation;
	return r;
}
