#include "core/model/contacts.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/say.h"

#define ROOM_MIN 16

/* Is this someone who may watch? */
static bool
watches_us(const struct roster_item *i)
{
	return !i->remove && (i->subscription == SUBSCRIPTION_FROM || i->subscription == SUBSCRIPTION_BOTH);
}

struct contact *
contacts_find(const struct user *u, const char *jid)
{
	size_t low = 0, high = u->ncontacts, mid;
	int by;

	while (low < high) {
		mid = low + (high - low) / 2;
		by = strcmp(jid, u->contacts[mid]->jid);
		if (by == 0)
			return u->contacts[mid];
		if (by < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

void
contacts_clear(struct user *u)
{
	struct contact *k;
	size_t i;

	for (i = 0; i < u->ncontacts; i++)
		mem_free(u->contacts[i]);
	while ((k = u->gone) != NULL) {
		u->gone = k->next_gone;
		mem_free(k);
	}
	mem_free(u->contacts);
	u->contacts = NULL;
	u->ncontacts = u->contact_bytes = 0;
}

struct reading *
reading_new(struct model *model, struct user *u, bool whole)
{
	struct reading *r = mem_alloc(sizeof(*r));

	if (r == NULL) {
		say_oom(model->env);
		return NULL;
	}
	r->user = u;
	r->whole = whole;
	r->mark = ++model->readings;
	r->members_tail = &r->members;
	return r;
}

void
reading_free(struct reading *r)
{
	struct member *m;
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->nfresh; i++)
		mem_free(r->fresh[i]);
	mem_free(r->fresh);
	while ((m = r->members) != NULL) {
		r->members = m->next;
		mem_free(m->label);
		mem_free(m);
	}
	mem_free(r);
}

static int
no_memory(struct model *model)
{
	say_oom(model->env);
	return ERR_NOMEM;
}

static bool
make_room(struct reading *r)
{
	size_t room = r->room != 0 ? 2 * r->room : ROOM_MIN;
	struct contact **fresh;

	if (r->nfresh < r->room)
		return true;
	fresh = mem_realloc(r->fresh, room * sizeof(struct contact *));
	if (fresh == NULL)
		return false;
	r->fresh = fresh;
	r->room = room;
	return true;
}

static int
take_fresh(struct model *model, struct reading *r, const char *jid)
{
	size_t len = strlen(jid);
	struct contact *k;

	if (r->nfresh >= USER_CONTACTS_MAX || r->bytes + len > USER_CONTACT_BYTES_MAX) {
		r->left_out++;
		return 0;
	}
	k = make_room(r) ? mem_alloc(sizeof(*k) + len + 1) : NULL;
	if (k == NULL)
		return no_memory(model);
	k->user = r->user;
	memcpy(k->jid, jid, len + 1);
	r->fresh[r->nfresh++] = k;
	r->bytes += len;
	return 0;
}

static void
mark(struct reading *r, struct contact *k)
{
	if (k->mark == r->mark)
		return;
	k->mark = r->mark;
	r->seen++;
	r->seen_bytes += strlen(k->jid);
}

int
reading_take(struct model *model, struct reading *r, const struct roster_item *i)
{
	struct contact *k = contacts_find(r->user, i->jid);
	bool watches = watches_us(i);

	r->items++;
	if (watches && strcmp(i->jid, r->user->bridge) == 0)
		r->shows_bridge = true;
	/* Our own bridges are nobody's contacts in this sense. */
	if (jid_same_domain(jid_domain(i->jid), model->env->set.domain))
		return 0;
	if (k == NULL)
		return watches ? take_fresh(model, r, i->jid) : 0;
	/* Of a push the mark is that of who goes. */
	if (watches == r->whole)
		mark(r, k);
	return 0;
}

int
reading_take_member(struct model *model, struct reading *r, const struct roster_item *i)
{
	size_t len = strlen(i->jid);
	struct member *m;

	/* Far more than can become devices. */
	if (r->bytes + len + LABEL_BYTES_MAX > USER_CONTACT_BYTES_MAX)
		return 0;
	m = mem_alloc(sizeof(*m) + len + 1);
	if (m == NULL)
		return no_memory(model);
	memcpy(m->jid, i->jid, len + 1);
	if (i->name != NULL) {
		m->label = mem_strndup(i->name, device_cut(i->name, LABEL_BYTES_MAX));
		if (m->label == NULL) {
			mem_free(m);
			return no_memory(model);
		}
	}
	r->bytes += len + LABEL_BYTES_MAX;
	*r->members_tail = m;
	r->members_tail = &m->next;
	return 0;
}

static bool
stays(const struct reading *r, const struct contact *k)
{
	return (k->mark == r->mark) == r->whole || (r->overtaken && k->pushed);
}

static int
by_jid(const void *a, const void *b)
{
	return strcmp((*(struct contact *const *)a)->jid, (*(struct contact *const *)b)->jid);
}

/* Who is new, in order and once. */
static void
sort_fresh(struct reading *r)
{
	struct contact *k, *old;
	size_t i, n = 0;

	if (r->nfresh > 1)
		qsort(r->fresh, r->nfresh, sizeof(struct contact *), by_jid);
	for (i = 0; i < r->nfresh; i++) {
		k = r->fresh[i];
		old = contacts_find(r->user, k->jid);
		if (old != NULL && r->whole)
			mark(r, old); /* a push was faster */
		/* Perhaps it was he whom a push has taken away: the next roster says so. */
		if (old != NULL || r->overtaken || (n > 0 && strcmp(r->fresh[n - 1]->jid, k->jid) == 0))
			mem_free(k);
		else
			r->fresh[n++] = k;
	}
	r->nfresh = n;
}

/* As many of them as there is room for beside those who stay; returns how many contacts there are then. */
static size_t
cut_fresh(struct reading *r)
{
	const struct user *u = r->user;
	size_t n = r->whole ? r->seen : u->ncontacts - r->seen;
	size_t bytes = r->whole ? r->seen_bytes : u->contact_bytes - r->seen_bytes, i;

	for (i = 0; i < r->nfresh && n < USER_CONTACTS_MAX; i++, n++) {
		bytes += strlen(r->fresh[i]->jid);
		if (bytes > USER_CONTACT_BYTES_MAX)
			break;
	}
	r->left_out += r->nfresh - i;
	while (r->nfresh > i)
		mem_free(r->fresh[--r->nfresh]);
	return n;
}

/* The contacts of before and those of R, in order, into TO. */
static void
merge(struct reading *r, struct contact **to)
{
	struct user *u = r->user;
	struct contact *k, **gone = &u->gone;
	size_t i, f = 0, n = 0;

	while (*gone != NULL)
		gone = &(*gone)->next_gone;

	u->contact_bytes = 0;
	for (i = 0; i <= u->ncontacts; i++) {
		k = i < u->ncontacts ? u->contacts[i] : NULL;
		while (f < r->nfresh && (k == NULL || by_jid(&r->fresh[f], &k) < 0)) {
			u->contact_bytes += (uint32_t)strlen(r->fresh[f]->jid);
			to[n++] = r->fresh[f++];
		}
		if (k == NULL)
			break;
		if (stays(r, k)) {
			u->contact_bytes += (uint32_t)strlen(k->jid);
			to[n++] = k;
			continue;
		}
		*gone = k;
		gone = &k->next_gone;
	}
	mem_free(u->contacts);
	u->contacts = to;
	u->ncontacts = (uint32_t)n;
}

/* A roster has K: if he is new he has missed what was delivered. */
static void
is_shown(struct contact *k)
{
	if (!k->pushed)
		return;
	k->pushed = false;
	if (k->user->roster_known && !k->user->deliver)
		k->fresh = true;
}

/* Who has come by a push stays, and who has gone by one is not counted any more. */
static void
heed_pushes(struct reading *r)
{
	const struct user *u = r->user;
	struct contact *k;
	size_t i;

	r->seen = r->seen_bytes = 0;
	for (i = 0; i < u->ncontacts; i++) {
		k = u->contacts[i];
		if (!stays(r, k))
			continue;
		r->seen++;
		r->seen_bytes += strlen(k->jid);
	}
}

int
reading_in_force(struct model *model, struct reading *r)
{
	struct user *u = r->user;
	struct contact **to = NULL;
	size_t n, i;

	sort_fresh(r);
	if (r->overtaken)
		heed_pushes(r);
	n = cut_fresh(r);
	/* Some are new, or some are missing; most often neither. */
	if (r->nfresh > 0 || n < u->ncontacts) {
		to = mem_array(n > 0 ? n : 1, sizeof(struct contact *));
		if (to == NULL)
			return no_memory(model);
		merge(r, to);
	}
	for (i = 0; i < r->nfresh; i++)
		r->fresh[i]->pushed = true;
	r->nfresh = 0;
	for (i = 0; i < u->ncontacts && r->whole; i++) {
		/* Not who is still there by a push alone. */
		if (!r->overtaken || u->contacts[i]->mark == r->mark)
			is_shown(u->contacts[i]);
	}
	user_mark(model, u, MARK_CONTACTS | MARK_WATCHED);
	return 0;
}
