#include "core/outlets/telling.h"

#include "core/model/audience.h"
#include "core/model/user.h"
#include "core/outlets/notification.h"
#include "core/sources/blocking.h"

/*
 * Events of one user in a row, and how long she rests then: 2,000 a second, less
 * than half of what ejabberd takes on the reference machine.
 */
#define PORTION 50
#define REST_MS 25

static void
append(struct turns *t, struct user *u)
{
	u->tell_next = NULL;
	if (t->head == NULL)
		t->head = u;
	else
		t->tail->tell_next = u;
	t->tail = u;
}

static struct user *
take(struct turns *t)
{
	struct user *u = t->head;

	t->head = u->tell_next;
	if (t->head == NULL)
		t->tail = NULL;
	return u;
}

static void
drop(struct turns *t, const struct user *u)
{
	struct user **at, *before = NULL;

	for (at = &t->head; *at != NULL && *at != u; before = *at, at = &(*at)->tell_next)
		;
	if (*at == NULL)
		return;
	*at = u->tell_next;
	if (t->tail == u)
		t->tail = before;
}

/* U takes part in the turns; who rests goes on resting. */
static void
take_part(struct outlets *outlets, struct user *u)
{
	if (u->telling != TELLING_NOT)
		return;
	u->telling = TELLING_TURN;
	if (u->tell_at <= outlets->env->now.mono_ms)
		u->told = 0;
	append(&outlets->turns, u);
}

static void
mark(struct contact *k)
{
	if (k->due || !audience_reaches(k))
		return;
	k->due = true;
	k->user->ndue++;
}

void
telling_all(struct outlets *outlets, struct user *u)
{
	size_t i;

	for (i = 0; i < u->ncontacts; i++)
		mark(u->contacts[i]);
	if (u->ndue > 0)
		take_part(outlets, u);
}

void
telling_one(struct outlets *outlets, struct contact *k)
{
	mark(k);
	take_part(outlets, k->user);
}

void
telling_own(struct outlets *outlets, struct user *u, int node)
{
	u->own_due |= (uint8_t)(1U << node);
	take_part(outlets, u);
}

void
telling_outdated(struct user *u)
{
	size_t i;

	if (u->ndue == 0)
		return;
	for (i = 0; i < u->ncontacts; i++)
		u->contacts[i]->due = false;
	u->ndue = 0;
}

void
telling_gone(struct contact *k)
{
	if (!k->due)
		return;
	k->due = false;
	k->user->ndue--;
}

void
telling_go_on(struct outlets *outlets, struct user *u)
{
	if (u->ndue > 0)
		take_part(outlets, u);
}

/* From where the last one left off, so that one who is told something new all the time tells everybody all the same. */
static struct contact *
next_contact(struct user *u)
{
	struct contact *k;

	do {
		if (u->tell_from >= u->ncontacts)
			u->tell_from = 0;
		k = u->contacts[u->tell_from++];
	} while (!k->due);
	telling_gone(k);
	return k;
}

/* The next event of U; false when there is none for now. */
static bool
tell(struct outlets *outlets, struct user *u, struct action *act)
{
	int node;

	for (node = 0; node < NODES; node++) {
		if ((u->own_due & 1U << node) == 0)
			continue;
		u->own_due &= (uint8_t) ~(1U << node);
		if (notification_make(outlets, u, node, AUDIENCE_SELF, act)) {
			act->to.bare = u->primary;
			return true;
		}
	}
	if (u->ndue == 0)
		return false;
	if (!blocking_is_fresh(outlets->sources, u)) {
		user_mark(outlets->model, u, MARK_WANTS);
		return false;
	}
	if (!notification_make(outlets, u, NODE_PUBLIC, AUDIENCE_CONTACT, act)) {
		telling_outdated(u);
		return false;
	}
	act->to.bare = next_contact(u)->jid;
	return true;
}

/* U has had her portion. */
static void
rest(struct outlets *outlets, struct user *u)
{
	take(&outlets->turns);
	u->told = 0;
	if (outlets->env->draining) {
		append(&outlets->turns, u);
		return;
	}
	u->telling = TELLING_RESTS;
	append(&outlets->resting, u);
}

bool
telling_next(struct outlets *outlets, struct action *act)
{
	struct user *u;

	while ((u = outlets->turns.head) != NULL) {
		if (tell(outlets, u, act)) {
			u->tell_at = outlets->env->now.mono_ms + REST_MS;
			if (++u->told >= PORTION)
				rest(outlets, u);
			return true;
		}
		take(&outlets->turns);
		u->telling = TELLING_NOT;
		user_mark(outlets->model, u, MARK_DONE);
	}
	return false;
}

uint64_t
telling_deadline(const struct outlets *outlets)
{
	return outlets->resting.head != NULL ? outlets->resting.head->tell_at : TIMER_NEVER;
}

static void
wake(struct outlets *outlets)
{
	struct user *u = take(&outlets->resting);

	u->telling = TELLING_TURN;
	append(&outlets->turns, u);
}

void
telling_due(struct outlets *outlets)
{
	while (telling_deadline(outlets) <= outlets->env->now.mono_ms)
		wake(outlets);
}

void
telling_hurry(struct outlets *outlets)
{
	while (outlets->resting.head != NULL)
		wake(outlets);
}

void
telling_forget(struct outlets *outlets, struct user *u)
{
	telling_outdated(u);
	u->own_due = 0;
	if (u->telling != TELLING_NOT)
		drop(u->telling == TELLING_TURN ? &outlets->turns : &outlets->resting, u);
	u->telling = TELLING_NOT;
}
