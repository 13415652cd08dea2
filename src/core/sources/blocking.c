#include "core/sources/blocking.h"

#include <stdlib.h>
#include <string.h>

#include "base/jid.h"
#include "base/mem.h"
#include "core/flight/pace.h"
#include "core/flight/query.h"
#include "core/model/contacts.h"
#include "core/model/deliverer.h"
#include "core/model/user.h"
#include "core/sources/roster.h"
#include "core/tools/say.h"

/* Whoever waits for a list that doesn't come does so once in this time. */
#define SILENT_AGAIN_MS 60000

/* Who gets something by our decision is decided on a roster no older than this. */
#define ROSTER_FRESH_MS 60000

static bool
ask(struct sources *sources, struct user *u, enum way way)
{
	struct query *q = query_add(sources->flight, ASK_BLOCKLIST, u, u->host, u->primary, NULL, true);
	struct said *s;

	if (q == NULL)
		return false;
	query_goes(q, way);
	s = say(sources->env, ACTION_BLOCKLIST_GET);
	if (s == NULL) {
		query_end(sources->flight, q);
		return false;
	}
	u->blocklist_asking = true;
	u->blocklist_of = u->roster_at;
	pace_asked(sources->flight, u->host, TURN_WANTED, 0);
	s->act.id = say_str(sources->env, s, q->id);
	s->act.way = way;
	s->act.from.bare = sources->env->set.domain;
	s->act.to.bare = s->act.owner = say_str(sources->env, s, u->primary);
	return true;
}

/* Who is blocked waits for nothing; who isn't any more has missed what was delivered. */
static void
mark(struct sources *sources, struct contact *k, bool blocked)
{
	if (k->blocked == blocked)
		return;
	k->blocked = blocked;
	k->fresh = !blocked;
	user_mark(sources->model, k->user, MARK_CONTACTS);
}

/* Whom she blocks isn't known any more: they are told of the next change, as before. */
static void
unmark_all(struct user *u)
{
	size_t i;

	for (i = 0; i < u->ncontacts && u->blocks; i++)
		u->contacts[i]->blocked = false;
	u->blocks = false;
}

static bool
can_be_asked(const struct sources *sources, const struct user *u)
{
	return (u->host->grant.iq_blocking & MAY_GET) && u->ncontacts > 0 &&
	    deliverer_heeds_contacts(sources->model, u) && u->host->privileged != TRIAL_FAILED &&
	    u->blocklist_until <= sources->env->now.mono_ms;
}

/* Has her block list not been asked for since U's roster was read, though it could be? */
static bool
is_wanted(const struct sources *sources, const struct user *u)
{
	return can_be_asked(sources, u) && u->blocklist_of != u->roster_at;
}

bool
blocking_ask(struct sources *sources, struct user *u)
{
	/* What is on its way may be older than this roster. */
	u->blocklist_again = u->blocklist_asking;
	if (u->blocklist_asking)
		return true;
	if (!(u->host->grant.iq_blocking & MAY_GET)) {
		unmark_all(u);
		return false;
	}
	return can_be_asked(sources, u) && ask(sources, u, u->host->form);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
is_in(const char *const *sorted, size_t n, const char *text)
{
	return n > 0 && bsearch(&text, sorted, n, sizeof(*sorted), by_text) != NULL;
}

/*
 * An entry with a resource stands for one client (XEP-0191, "JID Matching"); but
 * an event goes to an account, and can't leave it out.  One that is a domain
 * stands for everybody there.  The list may be written in another form than the
 * roster.
 */
static void
take_list(struct sources *sources, struct user *u, const struct blocklist_event *list)
{
	const char *all[BLOCKED_MAX] = {NULL}, *domains[BLOCKED_MAX] = {NULL}, *jid;
	char *made[BLOCKED_MAX] = {NULL}, work[JID_MAX + 1];
	const struct address *a;
	size_t i, ndomains = 0;
	struct contact *k;

	for (i = 0; i < list->nitems; i++) {
		a = &list->items[i];
		all[i] = jid_ascii(a->bare, work);
		if (all[i] == work) {
			all[i] = made[i] = mem_strdup(work);
			if (made[i] == NULL) {
				say_oom(sources->env); /* the marks stay as they were, until the next list */
				goto out;
			}
		}
		if (a->resource == NULL && strchr(a->bare, '@') == NULL)
			domains[ndomains++] = all[i];
	}
	qsort(all, list->nitems, sizeof(*all), by_text);
	qsort(domains, ndomains, sizeof(*domains), by_text);
	u->blocks = false;
	for (i = 0; i < u->ncontacts; i++) {
		k = u->contacts[i];
		jid = jid_ascii(k->jid, work);
		mark(sources, k, is_in(all, list->nitems, jid) || is_in(domains, ndomains, jid_domain(jid)));
		u->blocks = u->blocks || k->blocked;
	}
out:
	for (i = 0; i < list->nitems; i++)
		mem_free(made[i]);
}

/* Said once for a host on each stream: it may be so for all who live there. */
static void
say_unread(struct sources *sources, const struct user *u, enum outcome outcome, const struct answer_event *a)
{
	struct host *h = u->host;

	say_log(sources->env, h->blocklist_unread ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN, "blocklist.unread", "user",
	    u->primary, "answer", query_outcome_name(outcome), "error",
	    a == NULL ? "no answer" : condition_name(a->error), "text",
	    "a block list can't be read: contacts whom the user has blocked since may go on getting events", NULL);
	h->blocklist_unread = true;
}

void
blocking_answer(struct sources *sources, struct user *u, enum way way, const struct answer_event *a)
{
	enum outcome outcome = query_outcome(a);

	u->blocklist_asking = false;
	if (outcome == OUTCOME_RESULT && a->blocklist.nitems > BLOCKED_MAX)
		outcome = OUTCOME_TOO_LARGE;
	if (a != NULL && a->echo && way == WAY_PRIVILEGED && (u->host->grant.iq_blocking & MAY_GET) &&
	    ask(sources, u, WAY_PRIVILEGED_CAPS))
		return;
	if (outcome == OUTCOME_RESULT && a->payload == PAYLOAD_BLOCKLIST)
		take_list(sources, u, &a->blocklist);
	else
		say_unread(sources, u, outcome, a);
	if (outcome == OUTCOME_SILENT)
		u->blocklist_until = sources->env->now.mono_ms + SILENT_AGAIN_MS;
	if (u->blocklist_again && blocking_ask(sources, u))
		return;
	/* What waits for a newer roster waits for its list as well. */
	if (!u->roster_asking)
		user_mark(sources->model, u, MARK_ROSTER);
}

void
blocking_link_down(struct user *u)
{
	if (u->blocklist_asking)
		u->roster_at = 0;
	u->blocklist_asking = u->blocklist_again = false;
	u->blocklist_until = 0;
}

static bool
is_read(const struct sources *sources, const struct user *u)
{
	return u->roster_known && u->roster_at != 0 && u->roster_at + ROSTER_FRESH_MS > sources->env->now.mono_ms;
}

bool
blocking_is_fresh(const struct sources *sources, const struct user *u)
{
	return is_read(sources, u) && !u->blocklist_asking && !is_wanted(sources, u);
}

bool
blocking_comes(struct sources *sources, struct user *u)
{
	if (is_read(sources, u) && (u->blocklist_asking || (is_wanted(sources, u) && blocking_ask(sources, u))))
		return true;
	return roster_want(sources, u);
}
