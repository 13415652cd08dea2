#include "core/model/device_resource.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/model/device_label.h"
#include "core/model/user.h"

void
device_resource_free(struct resource *r)
{
	if (r == NULL)
		return;
	mem_free(r->name);
	mem_free(r->status);
	mem_free(r->lang);
	mem_free(r);
}

static struct resource *
resource_find(const struct device *d, const char *name)
{
	struct resource *r;

	for (r = d->resources; r != NULL && strcmp(r->name, name) != 0; r = r->next)
		;
	return r;
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int
copy_text(const char *text, size_t max, char **out)
{
	*out = NULL;
	if (text == NULL || *text == '\0')
		return 0;
	*out = mem_strndup(text, device_cut(text, max));
	return *out != NULL ? 0 : ERR_NOMEM;
}

/* Replace *AT by COPY; true if it was another. */
static bool
set_text(char **at, char *copy)
{
	bool other = !same(*at, copy);

	mem_free(*at);
	*at = copy;
	return other;
}

bool
device_has_named(const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && (r->ghost || r->silent || strcmp(r->name, UNNAMED) == 0); r = r->next)
		;
	return r != NULL;
}

void
device_resource_out(struct device *d, struct resource **at)
{
	struct resource *r = *at;

	*at = r->next;
	d->nresources--;
	device_resource_free(r);
}

static bool
drop_resource(struct device *d, const char *name)
{
	struct resource **at = &d->resources, *r;

	while ((r = *at) != NULL && strcmp(r->name, name) != 0)
		at = &r->next;
	if (r == NULL)
		return false;
	device_resource_out(d, at);
	return true;
}

/* One that may not be there any more, and makes room for one that is; NULL: all are. */
static const struct resource *
doubtful(const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && !r->ghost && !r->silent; r = r->next)
		;
	return r;
}

void
device_make_room(struct device *d, const char *resource)
{
	const struct resource *r = doubtful(d);

	if (r != NULL && d->nresources >= DEVICE_RESOURCES_MAX && resource_find(d, resource) == NULL)
		drop_resource(d, r->name);
}

int
device_available(struct model *model, struct device *d, const char *resource, const struct presence_event *p, bool fed,
    bool *changed, struct resource **out)
{
	struct resource *r = resource_find(d, resource), *fresh = NULL;
	char *status = NULL, *lang = NULL;
	bool other = false, moved;

	if (r == NULL && d->nresources >= DEVICE_RESOURCES_MAX)
		return ERR_LIMIT;
	if (r == NULL) {
		fresh = mem_alloc(sizeof(*fresh));
		if (fresh != NULL)
			fresh->name = mem_strdup(resource);
		if (fresh == NULL || fresh->name == NULL)
			goto nomem;
	}
	if (copy_text(p->status, STATUS_BYTES_MAX, &status) != 0 ||
	    copy_text(status != NULL ? p->lang : NULL, LANG_BYTES_MAX, &lang) != 0)
		goto nomem;
	if (fresh != NULL) {
		r = fresh;
		r->id[0] = 'r';
		if (strcmp(resource, UNNAMED) != 0)
			device_derive_id(model, d->id, resource, r->id + 1);
		else
			memcpy(r->id, UNNAMED_ID, sizeof(UNNAMED_ID));
		r->next = d->resources;
		d->resources = r;
		d->nresources++;
		other = true;
	}
	if (strcmp(resource, UNNAMED) != 0 && drop_resource(d, UNNAMED))
		other = true;
	if (other || r->show != p->show) {
		d->since_ms = model->env->now.wall_ms;
		other = true;
	}
	moved = other || r->priority != p->priority;
	if (moved || r->idle_since_ms != p->idle_since_ms)
		other = true;
	r->show = p->show;
	r->priority = p->priority;
	r->idle_since_ms = p->idle_since_ms;
	if (set_text(&r->status, status))
		other = true;
	if (set_text(&r->lang, lang))
		other = true;
	/* What not all may see doesn't say where she is reached best. */
	if (moved)
		r->changed = ++model->changes_seen;
	r->ghost = r->silent = false;
	r->heard_s = (uint32_t)(model->env->now.mono_ms / 1000);
	if (fed)
		r->fed = true;
	if (d->stale)
		other = true;
	d->stale = false;
	d->known = true;
	d->gone_at = TIMER_NEVER;
	*changed = other;
	*out = r;
	return 0;
nomem:
	device_resource_free(fresh);
	mem_free(status);
	mem_free(lang);
	return ERR_NOMEM;
}

/* A resource of the primary without a row is shown for a while after it has gone, but not too many. */
void
device_lingers(struct model *model, struct device *d)
{
	struct device *o, *oldest = NULL;
	unsigned n = 0;

	user_mark(model, d->user, MARK_PLACE);
	if (d->resource == NULL || d->stored)
		return;
	d->gone_at = model->env->now.mono_ms + model->env->set.linger_ms;
	for (o = d->user->devices; o != NULL; o = o->next) {
		if (o->gone_at == TIMER_NEVER)
			continue;
		n++;
		if (oldest == NULL || o->gone_at < oldest->gone_at)
			oldest = o;
	}
	if (n > USER_GONE_MAX)
		oldest->gone_at = model->env->now.mono_ms;
}

bool
device_is_silent(const struct device *d)
{
	const struct resource *r;

	for (r = d->resources; r != NULL && r->silent; r = r->next)
		;
	return r == NULL && d->resources != NULL;
}

bool
device_unavailable(struct model *model, struct device *d, const char *resource, bool keep_ghosts)
{
	struct resource **at = &d->resources, *r;
	bool changed = false;

	while ((r = *at) != NULL) {
		if ((resource != NULL && strcmp(r->name, resource) != 0) || (keep_ghosts && r->ghost)) {
			at = &r->next;
			continue;
		}
		device_resource_out(d, at);
		changed = true;
	}
	if (changed) {
		d->since_ms = model->env->now.wall_ms;
		d->stale = device_is_silent(d);
		device_lingers(model, d);
	}
	return changed;
}

void
device_lose(struct model *model, struct device *d, struct resource *r)
{
	drop_resource(d, r->name);
	d->since_ms = model->env->now.wall_ms;
	device_lingers(model, d);
}

bool
device_shows(const struct device *d, const struct resource *r)
{
	return !r->silent || d->stale;
}

int
show_rank(enum show s)
{
	switch (s) {
	case SHOW_CHAT:
		return 4;
	case SHOW_NONE:
		return 3;
	case SHOW_AWAY:
		return 2;
	case SHOW_XA:
		return 1;
	case SHOW_DND:
		break;
	}
	return 0;
}

const struct resource *
device_best(const struct device *d, bool ghosts)
{
	const struct resource *r, *best = NULL;
	int by;

	for (r = d->resources; r != NULL; r = r->next) {
		if (!device_shows(d, r) || (ghosts && !r->ghost))
			continue;
		by = best == NULL ? 1 : show_rank(r->show) - show_rank(best->show);
		if (by == 0)
			by = r->priority - best->priority;
		if (by > 0 || (by == 0 && r->changed > best->changed))
			best = r;
	}
	return best;
}

void
device_knows(struct device *d)
{
	d->known = true;
}

void
device_stale(struct device *d, bool stale)
{
	d->stale = stale;
}

void
device_seems(struct device *d, int64_t since_ms, bool stale)
{
	d->shifted = d->shifted || d->since_ms != since_ms;
	d->since_ms = since_ms;
	d->stale = stale;
}

void
device_proved(const struct model *model, struct device *d)
{
	if (!d->unreached)
		d->stale = device_is_silent(d);
	if (d->shifted)
		d->since_ms = model->env->now.wall_ms;
	d->shifted = false;
}

void
device_misses(struct resource *r, bool silent)
{
	r->silent = silent;
}
