#include "core/model/user.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/model/host.h"
#include "core/model/silence.h"
#include "core/tools/reply.h"

void
user_init(struct model *model, const uint8_t *key)
{
	table_init(&model->hosts, key);
	table_init(&model->domains, key);
	table_init(&model->by_primary, key);
	table_init(&model->by_bridge, key);
	table_init(&model->accounts, key);
}

void
user_clear(struct model *model)
{
	host_free_all(model);
	table_clear(&model->domains);
	table_clear(&model->by_primary);
	table_clear(&model->by_bridge);
	table_clear(&model->accounts);
}

struct user *
user_find(const struct model *model, const char *primary)
{
	struct table_node *n = table_get(&model->by_primary, primary, strlen(primary));

	return n != NULL ? TABLE_OF(n, struct user, by_primary) : NULL;
}

struct user *
user_find_bridge(const struct model *model, const char *bridge)
{
	struct table_node *n = table_get(&model->by_bridge, bridge, strlen(bridge));

	return n != NULL ? TABLE_OF(n, struct user, by_bridge) : NULL;
}

static char *
bridge_of(const struct model *model, const char *primary, int *status)
{
	struct buf b = {0};
	struct jid j;

	jid_escape(&b, primary);
	buf_putc(&b, '@');
	buf_puts(&b, model->env->set.domain);
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
user_free(struct model *model, struct user *u)
{
	if (u == NULL)
		return;
	timer_end(&model->env->timers, &u->timer);
	domain_drop(model, u->domain);
	mem_free(u->primary);
	mem_free(u->bridge);
	reply_free(u->heir_reply);
	mem_free(u);
}

int
user_add(struct model *model, const char *primary, struct user **out)
{
	struct user *u;
	int status;

	if (user_find(model, primary) != NULL)
		return ERR_EXISTS;
	u = mem_alloc(sizeof(*u));
	if (u == NULL)
		return ERR_NOMEM;
	u->primary = mem_strdup(primary);
	u->bridge = bridge_of(model, primary, &status);
	u->host = host_get(model, jid_domain(primary));
	u->domain = domain_get(model, jid_domain(primary));
	if (status == 0 &&
	    (u->primary == NULL || u->bridge == NULL || u->host == NULL || u->domain == NULL ||
		timer_begin(&model->env->timers, &u->timer, TIMER_USER) != 0))
		status = ERR_NOMEM;
	if (status == 0)
		status = table_put(&model->by_primary, &u->by_primary, u->primary, strlen(u->primary));
	if (status != 0) {
		user_free(model, u);
		return status;
	}
	status = table_put(&model->by_bridge, &u->by_bridge, u->bridge, strlen(u->bridge));
	if (status != 0) {
		table_del(&model->by_primary, &u->by_primary);
		user_free(model, u);
		return status;
	}
	u->settle_at = TIMER_NEVER;
	u->next = model->users;
	if (u->next != NULL)
		u->next->prev = u;
	model->users = u;
	model->nusers++;
	u->host->users++;
	ring_add(&u->host->members, &u->fellow);
	*out = u;
	return 0;
}

void
user_remove(struct model *model, struct user *u)
{
	ring_out(&u->marked);
	ring_out(&u->fellow);
	table_del(&model->by_primary, &u->by_primary);
	table_del(&model->by_bridge, &u->by_bridge);
	if (u->prev != NULL)
		u->prev->next = u->next;
	else
		model->users = u->next;
	if (u->next != NULL)
		u->next->prev = u->prev;
	model->nusers--;
	u->host->users--;
	user_free(model, u);
}

struct user *
user_next(struct host *h)
{
	struct ring *r = ring_first(&h->members);

	if (r == NULL)
		return NULL;
	ring_add(&h->members, r);
	return TABLE_OF(r, struct user, fellow);
}

bool
user_enrolled(const struct user *u)
{
	return u != NULL && u->stored && !u->leaving;
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
user_known(struct model *model, struct user *u)
{
	if (!u->settled)
		user_mark(model, u, MARK_KNOWN);
}

bool
user_waits(const struct user *u)
{
	return u->deliver || u->errands > 0 || u->ndue > 0 || u->own_due != 0;
}

void
user_touch(struct model *model, struct user *u)
{
	user_mark(model, u, MARK_SHOWN | MARK_TIMES);
}

void
user_urgent(struct model *model, struct user *u, unsigned nodes)
{
	if (nodes == 0)
		return;
	u->narrowed |= (uint8_t)nodes;
	user_mark(model, u, MARK_URGENT | MARK_TIMES);
}

void
user_updated(struct model *model, struct user *u)
{
	if (!u->pep.dirty)
		user_touch(model, u);
}

void
user_mark(struct model *model, struct user *u, unsigned marks)
{
	if (u->marks == 0)
		ring_add(&model->marked, &u->marked);
	u->marks |= marks;
}

enum node_setup
user_setup(const struct user *u, int node)
{
	return u->pep.unsure[node] ? SETUP_ASSUMED : u->pep.setup[node];
}

struct user_record
user_record(const struct user *u)
{
	struct user_record r = {0};

	r.primary = u->primary;
	r.created_ms = u->created_ms;
	memcpy(r.digest, u->pep.digest, sizeof(r.digest));
	r.setup[NODE_PUBLIC] = user_setup(u, NODE_PUBLIC);
	r.setup[NODE_PRIVATE] = user_setup(u, NODE_PRIVATE);
	r.published_ms = u->pep.published_ms[NODE_PUBLIC];
	if (r.published_ms == 0 ||
	    (u->pep.published_ms[NODE_PRIVATE] != 0 && u->pep.published_ms[NODE_PRIVATE] < r.published_ms))
		r.published_ms = u->pep.published_ms[NODE_PRIVATE];
	r.approved = u->approved;
	r.leaving = u->leaving;
	r.suspended_ms = u->approved ? u->claim.suspended_ms : u->moved_ms;
	r.generation = u->generation;
	r.owes = u->owes;
	return r;
}

struct user *
user_take_marked(struct model *model, unsigned *marks)
{
	struct ring *r = ring_first(&model->marked);
	struct user *u;

	if (r == NULL)
		return NULL;
	u = TABLE_OF(r, struct user, marked);
	*marks = u->marks;
	u->marks = 0;
	ring_out(r);
	return u;
}
