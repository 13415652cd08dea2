/* The registry: rows that survive, writes on their way that may not, notes that are lazy. */
#include "sim.h"

#include <string.h>

#include "actions.h"

#define WEEK_MS (INT64_C(7) * 24 * 60 * 60 * 1000)

static struct row **
row_at(struct sim *s, const char *primary, const char *id)
{
	struct row **at = &s->reg.rows;

	while (*at != NULL && (strcmp((*at)->r.primary, primary) != 0 || strcmp((*at)->r.id, id) != 0))
		at = &(*at)->next;
	return at;
}

const struct device_record *
registry_device(const struct sim *s, int user, const char *id)
{
	const struct row *r = s->reg.rows;

	while (r != NULL && (strcmp(r->r.primary, s->people[user].jid) != 0 || strcmp(r->r.id, id) != 0))
		r = r->next;
	return r != NULL ? &r->r : NULL;
}

static bool
concerns(const struct write *w, const char *primary, const char *id)
{
	for (; w != NULL; w = w->next) {
		if (w->device.primary != NULL && strcmp(w->device.primary, primary) == 0 &&
		    strcmp(w->device.id, id) == 0)
			return true;
		if (w->kind == ACTION_DELETE_USER && strcmp(w->user.primary, primary) == 0)
			return true;
	}
	return false;
}

bool
registry_busy(const struct sim *s, int user, const char *id)
{
	const struct pending *p;

	for (p = s->queue; p != NULL; p = p->next) {
		if (p->local && concerns(p->writes, s->people[user].jid, id))
			return true;
	}
	return concerns(s->reg.batch, s->people[user].jid, id) || concerns(s->reg.on_way, s->people[user].jid, id);
}

void
registry_takes(struct sim *s, const struct action *act)
{
	struct write *w = sim_mem(s, sizeof(*w));
	int u;

	w->kind = act->kind;
	w->ticket = act->ticket;
	w->order = ++s->reg.order;
	if (act->kind == ACTION_STORE_DEVICE || act->kind == ACTION_DELETE_DEVICE) {
		w->device = act->device;
		w->device.primary = sim_dup(s, act->device.primary);
		w->device.id = sim_dup(s, act->device.id);
		w->device.jid = sim_dup(s, act->device.jid);
		w->device.resource = sim_dup(s, act->device.resource);
		w->device.label = sim_dup(s, act->device.label);
		known_write(s, w);
	} else {
		w->user = act->user;
		u = user_of(s, act->user.primary);
		if (u < 0) {
			sim_fail(s, "3: a row for somebody unknown, %s", act->user.primary);
			return;
		}
		w->user.primary = s->people[u].jid;
		if (act->kind == ACTION_NOTE_PUBLISHED) {
			s->reg.notes[u] = w->user;
			s->reg.noted[u] = true;
			s->reg.noted_order[u] = w->order;
			return;
		}
		known_write(s, w);
	}
	*s->reg.batch_tail = w;
	s->reg.batch_tail = &w->next;
}

static void
apply_note(struct sim *s, int u)
{
	struct user_record *r = &s->reg.users[u];

	if (s->reg.noted[u] && s->reg.has[u]) {
		memcpy(r->digest, s->reg.notes[u].digest, sizeof(r->digest));
		memcpy(r->setup, s->reg.notes[u].setup, sizeof(r->setup));
		r->published_ms = s->reg.notes[u].published_ms;
		r->owes = s->reg.notes[u].owes;
	}
	s->reg.noted[u] = false;
}

static void
drop_rows(struct sim *s, const char *primary)
{
	struct row **at = &s->reg.rows;

	while (*at != NULL) {
		if (strcmp((*at)->r.primary, primary) == 0) {
			if ((*at)->r.resource == NULL)
				count_row(&(*at)->r, NULL);
			*at = (*at)->next;
			continue;
		}
		at = &(*at)->next;
	}
}

static void
apply(struct sim *s, const struct write *w)
{
	const char *primary = w->device.primary != NULL ? w->device.primary : w->user.primary;
	int u = user_of(s, primary);
	struct row **at, *r;

	switch (w->kind) {
	case ACTION_STORE_USER:
		if (w->user.leaving && !s->reg.has[u])
			sim_fail(s, "F12: the row of %s comes back behind its deletion", primary);
		s->reg.users[u] = w->user;
		s->reg.has[u] = true;
		if (s->reg.noted_order[u] < w->order)
			s->reg.noted[u] = false;
		break;
	case ACTION_DELETE_USER:
		s->reg.has[u] = s->reg.noted[u] = false;
		drop_rows(s, primary);
		break;
	case ACTION_STORE_DEVICE:
		if (u < 0 || !s->reg.has[u]) {
			sim_fail(s, "F12: a device is stored whose user has no row");
			return;
		}
		at = row_at(s, primary, w->device.id);
		if (w->device.resource == NULL)
			count_row(*at != NULL ? &(*at)->r : NULL, &w->device);
		if (*at == NULL) {
			/* Restarts read them in this order, whatever the order they were written in. */
			at = &s->reg.rows;
			while (*at != NULL && actions_row_order(&(*at)->r, &w->device) <= 0)
				at = &(*at)->next;
			r = sim_mem(s, sizeof(*r));
			r->next = *at;
			*at = r;
		}
		(*at)->r = w->device;
		known_durable(s, w);
		break;
	case ACTION_DELETE_DEVICE:
		at = row_at(s, primary, w->device.id);
		if (*at != NULL && (*at)->r.resource == NULL)
			count_row(&(*at)->r, NULL);
		if (*at != NULL)
			*at = (*at)->next;
		break;
	default:
		break;
	}
}

static void
tell(struct sim *s, struct write *w, bool ok)
{
	struct event ev = {.kind = ok ? EVENT_STORED : EVENT_STORE_FAILED};
	struct write *next;

	for (; w != NULL && !s->failed; w = next) {
		next = w->next;
		known_stored(s, w, ok);
		ev.ticket = w->ticket;
		if (w->ticket == 0)
			continue;
		trace_event(s, &ev);
		if (drive_core(s, &ev) != 0)
			sim_fail(s, "an answer of the registry was refused");
	}
}

/* The asynchronous registry: WRITES have come to their end. */
void
registry_feed(struct sim *s, struct write *writes, bool ok)
{
	const struct write *w;

	for (w = writes; ok && w != NULL; w = w->next)
		apply(s, w);
	if (!ok)
		s->reg.failed_at = s->now.mono_ms;
	tell(s, writes, ok);
	drive_pump(s);
}

bool
registry_commit(struct sim *s, bool may_tell)
{
	struct write *w = s->reg.batch;
	struct pending *p, **at = &s->queue;
	bool ok = !s->reg.failing;

	s->reg.batch = NULL;
	s->reg.batch_tail = &s->reg.batch;
	if (s->reg.async) {
		if (w == NULL)
			return false;
		p = sim_mem(s, sizeof(*p));
		p->local = true;
		p->writes = w;
		p->at = s->now.mono_ms + (sim_chance(s, 30) ? sim_below(s, 2000) : sim_below(s, 20));
		if (p->at < s->reg.last_at)
			p->at = s->reg.last_at;
		s->reg.last_at = p->at;
		while (*at != NULL && (*at)->at <= p->at)
			at = &(*at)->next;
		p->next = *at;
		*at = p;
		return false;
	}
	for (; w != NULL; w = w->next) {
		struct write *copy = sim_mem(s, sizeof(*copy)), **end = &s->reg.on_way;

		if (ok)
			apply(s, w);
		*copy = *w;
		copy->next = NULL;
		/* A write that failed is remembered by its kind: notes never come here. */
		if (!ok) {
			copy->kind = ACTION_NOTE_PUBLISHED;
			s->reg.failed_at = s->now.mono_ms;
		}
		while (*end != NULL)
			end = &(*end)->next;
		*end = copy;
	}
	if (!may_tell || s->reg.on_way == NULL)
		return false;
	w = s->reg.on_way;
	s->reg.on_way = NULL;
	while (w != NULL) {
		struct write *next = w->next;

		w->next = NULL;
		tell(s, w, w->kind != ACTION_NOTE_PUBLISHED);
		w = next;
	}
	return true;
}

void
registry_flush(struct sim *s, bool lose)
{
	int u;

	for (u = 0; u < s->nusers; u++) {
		if (lose && sim_chance(s, 70))
			s->reg.noted[u] = false;
		apply_note(s, u);
	}
	s->reg.batch = s->reg.on_way = NULL;
	s->reg.batch_tail = &s->reg.batch;
	s->reg.last_at = 0;
}

void
registry_earlier(struct sim *s)
{
	struct row *r;
	int u, a;

	sim_line(s, "-- an earlier version has run");
	for (r = s->reg.rows; r != NULL; r = r->next) {
		u = user_of(s, r->r.primary);
		a = account_of(s, r->r.jid);
		r->r.withdrawn = false;
		if (r->r.resource == NULL && s->reg.has[u] && !s->reg.users[u].leaving &&
		    (r->r.state == LINK_ACTIVE || r->r.state == LINK_REQUESTED))
			s->accounts[a].sees[u] = sim_chance(s, 50);
	}
}

void
registry_load(struct sim *s, bool doubtful)
{
	struct event ev = {.kind = EVENT_LOAD_USER};
	const struct row *r;
	int u;

	for (u = 0; u < s->nusers; u++) {
		if (!s->reg.has[u])
			continue;
		ev.user = s->reg.users[u];
		ev.user.doubtful = doubtful;
		drive_core(s, &ev);
	}
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOAD_DEVICE;
	for (r = s->reg.rows; r != NULL; r = r->next) {
		ev.device = r->r;
		/* What was asked a week ago is about to be told of: remind.h. */
		if (r->r.state == LINK_REQUESTED && r->r.resource == NULL && sim_chance(s, 20))
			ev.device.created_ms = s->now.wall_ms - WEEK_MS + (int64_t)sim_below(s, 60000);
		drive_core(s, &ev);
	}
	drive_kind(s, EVENT_LOADED);
}
