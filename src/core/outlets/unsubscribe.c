#include "core/outlets/unsubscribe.h"

#include <string.h>

#include "base/mem.h"
#include "core/flight/query.h"
#include "core/model/contacts.h"
#include "core/model/host.h"
#include "core/model/user.h"
#include "core/tools/say.h"

/* Of one user, on their way at once. */
#define UNDER_WAY_MAX 8

/* Between two at one host: one roster can lose thirty thousand contacts at once, and a damaged storage all of them. */
#define EVERY_MS 20

static bool
may_end(const struct user *u)
{
	return host_may_own(u->host) && u->withheld == 0 && u->pep.setup[NODE_PUBLIC] != SETUP_NONE;
}

void
unsubscribe_later(struct contact *k)
{
	struct user *u = k->user;

	size_t len = strlen(k->jid);

	/* With that many behind him the roster has been exchanged more than once. */
	if (!may_end(u) || u->nparted >= USER_CONTACTS_MAX || u->parted_bytes + len > USER_CONTACT_BYTES_MAX) {
		mem_free(k);
		return;
	}
	u->parted_bytes += (uint32_t)len;
	k->next_watched = u->parted;
	u->parted = k;
	u->nparted++;
}

static bool
end_one(struct outlets *outlets, struct user *u, const char *jid)
{
	struct query *q = query_add(outlets->flight, ASK_FORGET, u, u->host, u->primary, NULL, true);
	struct said *s;

	if (q == NULL)
		return false;
	query_goes(q, u->host->form);
	s = say(outlets->env, ACTION_UNSUBSCRIBE);
	if (s == NULL) {
		query_end(outlets->flight, q);
		return false;
	}
	s->act.id = say_str(outlets->env, s, q->id);
	s->act.way = q->way;
	s->act.from.bare = outlets->env->set.domain;
	s->act.to.bare = s->act.owner = say_str(outlets->env, s, u->primary);
	s->act.node = NODE_DEVICES;
	s->act.who = say_str(outlets->env, s, jid);
	return true;
}

/* On this stream the privilege may not have been tried yet. */
static bool
may_go_on(const struct outlets *outlets, const struct user *u)
{
	enum trial trial = u->host->privileged;

	return outlets->env->link_up && u->parting < UNDER_WAY_MAX && may_end(u) && trial != TRIAL_FAILED &&
	    trial != TRIAL_RUNNING;
}

void
unsubscribe_next(struct outlets *outlets, struct user *u)
{
	struct host *h = u->host;

	if (u->parted == NULL || u->part_at != 0 || !may_go_on(outlets, u))
		return;
	if (h->part_at < outlets->env->now.mono_ms)
		h->part_at = outlets->env->now.mono_ms;
	u->part_at = h->part_at;
	h->part_at += EVERY_MS;
	user_mark(outlets->model, u, MARK_TIMES);
}

uint64_t
unsubscribe_deadline(const struct user *u)
{
	return u->part_at != 0 ? u->part_at : TIMER_NEVER;
}

void
unsubscribe_due(struct outlets *outlets, struct user *u)
{
	struct contact *k;
	bool back = true;

	if (unsubscribe_deadline(u) > outlets->env->now.mono_ms)
		return;
	u->part_at = 0;
	while (back && (k = u->parted) != NULL) {
		back = contacts_find(u, k->jid) != NULL;
		if (!back && (!may_go_on(outlets, u) || !end_one(outlets, u, k->jid)))
			return;
		u->parted = k->next_watched;
		u->nparted--;
		u->parted_bytes -= (uint32_t)strlen(k->jid);
		mem_free(k);
	}
	unsubscribe_next(outlets, u);
}

void
unsubscribe_clear(struct user *u)
{
	struct contact *k;

	while ((k = u->parted) != NULL) {
		u->parted = k->next_watched;
		mem_free(k);
	}
	u->nparted = u->parted_bytes = 0;
}
