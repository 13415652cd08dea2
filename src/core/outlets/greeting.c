#include "core/outlets/greeting.h"

#include <string.h>

#include "base/jid.h"
#include "base/mem.h"
#include "base/rate.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/outlets/delivery.h"
#include "core/outlets/notification.h"

/* Of all by one contact, and of one resource of his. */
static const struct rate of_contact = {GREET_EVERY_MS, GREET_BURST}, of_resource = {60000, 3};

/*
 * ejabberd tells of one presence once for each of his contacts who is online, within a
 * moment, with the id that his client gave it.  To sign in anew takes several turns on
 * the wire, and mostly longer; clients that give ids give another one then.
 */
#define COPIES_MS 50

static struct watcher *
watcher_find(const struct outlets *outlets, const char *jid)
{
	struct table_node *n = table_get(&outlets->watchers, jid, strlen(jid));

	return n != NULL ? TABLE_OF(n, struct watcher, node) : NULL;
}

void
greeting_watch(struct outlets *outlets, struct contact *k)
{
	size_t len = strlen(k->jid);
	struct watcher *w;

	if (!k->user->host->grant.message || host_delivers(outlets->model, k->user->host))
		return;
	w = watcher_find(outlets, k->jid);
	if (w == NULL) {
		w = mem_alloc(sizeof(*w) + len + 1);
		if (w == NULL)
			return;
		memcpy(w->jid, k->jid, len + 1);
		if (timer_begin(&outlets->env->timers, &w->timer, TIMER_WATCHER) != 0 ||
		    table_put(&outlets->watchers, &w->node, w->jid, len) != 0) {
			timer_end(&outlets->env->timers, &w->timer);
			mem_free(w);
			return;
		}
	}
	k->watcher = w;
	k->next_watched = w->contacts;
	k->watched_at = &w->contacts;
	if (k->next_watched != NULL)
		k->next_watched->watched_at = &k->next_watched;
	w->contacts = k;
}

void
greeting_unwatch(struct outlets *outlets, struct contact *k)
{
	struct watcher *w = k->watcher;

	if (w == NULL)
		return;
	*k->watched_at = k->next_watched;
	if (k->next_watched != NULL)
		k->next_watched->watched_at = k->watched_at;
	k->watcher = NULL;
	if (w->contacts == NULL) {
		timer_end(&outlets->env->timers, &w->timer);
		table_del(&outlets->watchers, &w->node);
		mem_free(w->seen);
		mem_free(w);
	}
}

void
greeting_forget(struct outlets *outlets, struct user *u)
{
	struct contact *k;
	size_t i;

	for (i = 0; i < u->ncontacts; i++)
		greeting_unwatch(outlets, u->contacts[i]);
	for (k = u->gone; k != NULL; k = k->next_gone)
		greeting_unwatch(outlets, k);
}

/*
 * What is known of the resource; where nothing is, and MAKE, in the place of the
 * one that could be greeted soonest.  NULL: nothing is known, or no memory: then
 * he is greeted, within his own bucket.
 */
static struct sign_in *
sign_in_of(struct outlets *outlets, struct watcher *w, const char *resource, bool make)
{
	uint64_t hash = hash_bytes(outlets->env->key, resource, strlen(resource)) | 1;
	struct sign_in *s, *least;
	size_t i;

	if (w->seen == NULL && make)
		w->seen = mem_array(WATCHER_SEEN, sizeof(*w->seen));
	if (w->seen == NULL)
		return NULL;
	least = w->seen;
	for (i = 0; i < WATCHER_SEEN; i++) {
		s = &w->seen[i];
		if (s->hash == hash)
			return s;
		if (s->bucket < least->bucket)
			least = s;
	}
	if (!make)
		return NULL;
	memset(least, 0, sizeof(*least));
	least->hash = hash;
	return least;
}

/* Does his own server tell us of its accounts? */
static bool
is_told_of(const struct outlets *outlets, const struct watcher *w)
{
	const struct host *h = host_find(outlets->model, jid_domain(w->jid));

	return h != NULL && h->configured && h->grant.presence;
}

/* False: nobody had anything to tell him. */
static bool
greet_by_all(struct outlets *outlets, struct watcher *w, const char *resource)
{
	bool told_of = is_told_of(outlets, w), told = false;
	struct contact *k;

	/* Anybody may send his presence to our domain: it counts for those whose server, or his, was to tell us of it. */
	for (k = w->contacts; k != NULL; k = k->next_watched) {
		if (told_of || k->user->host->grant.presence_roster)
			told = delivery_greet(outlets, k, resource) || told;
	}
	if (told)
		rate_pour(&w->bucket, &of_contact, outlets->env->now.mono_ms);
	return told;
}

/* Is this one more word of the presence that S has last sent?  Otherwise it is the last one from here on. */
static bool
is_copy(const struct outlets *outlets, struct sign_in *s, const char *id)
{
	uint64_t hash = id != NULL ? hash_bytes(outlets->env->key, id, strlen(id)) | 1 : 0;

	if (s->id == hash && s->at != 0 && outlets->env->now.mono_ms < s->at + COPIES_MS)
		return true;
	s->id = hash;
	return false;
}

/*
 * Nothing says whether it is a sign-in or a change: ejabberd doesn't tell of
 * sessions that end without a word, so a resource that is there may be a new
 * client.
 */
void
greeting_presence(struct outlets *outlets, const struct event *ev)
{
	const struct address *from = &ev->from;
	bool available = ev->presence.type == PRESENCE_AVAILABLE;
	struct watcher *w = outlets->watchers.count > 0 ? watcher_find(outlets, from->bare) : NULL;
	struct sign_in *s;
	uint64_t at, by_resource;

	if (w == NULL)
		return;
	s = sign_in_of(outlets, w, from->resource, available);
	if (!available) {
		if (s != NULL)
			s->at = 0;
		return;
	}
	if (s != NULL && is_copy(outlets, s, ev->presence.id))
		return;
	at = rate_opens(w->bucket, &of_contact);
	if (s != NULL) {
		s->at = outlets->env->now.mono_ms;
		by_resource = rate_opens(s->bucket, &of_resource);
		at = at > by_resource ? at : by_resource;
	}
	if (at > outlets->env->now.mono_ms) {
		if (at < w->timer.at)
			timer_set(&outlets->env->timers, &w->timer, at);
		return;
	}
	if (greet_by_all(outlets, w, from->resource) && s != NULL)
		rate_pour(&s->bucket, &of_resource, outlets->env->now.mono_ms);
}

/* All of his clients, for one of them: that is a greeting of each. */
void
greeting_due(struct outlets *outlets, struct watcher *w)
{
	size_t i;

	timer_set(&outlets->env->timers, &w->timer, TIMER_NEVER);
	if (!outlets->env->link_up || !greet_by_all(outlets, w, NULL) || w->seen == NULL)
		return;
	for (i = 0; i < WATCHER_SEEN; i++) {
		if (w->seen[i].hash != 0)
			rate_pour(&w->seen[i].bucket, &of_resource, outlets->env->now.mono_ms);
	}
}

void
greeting_init(struct outlets *outlets, const uint8_t *key)
{
	table_init(&outlets->watchers, key);
}

void
greeting_clear(struct outlets *outlets)
{
	table_clear(&outlets->watchers);
}
