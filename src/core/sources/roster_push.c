#include "core/sources/roster_push.h"

#include <string.h>

#include "core/model/claim.h"
#include "core/model/contacts.h"
#include "core/model/user.h"
#include "core/sources/roster.h"
#include "core/sources/roster_items.h"
#include "core/tools/answers.h"
#include "core/tools/say.h"

/* A push needs an answer like any IQ (RFC 6121, section 2.1.6). */
static void
answer_push(struct sources *sources, const struct event *ev)
{
	struct said *s;

	s = answers_say(sources->env, ACTION_ANSWER, ev->from.bare);
	if (s == NULL)
		return;
	s->act.id = say_str(sources->env, s, ev->roster.id);
	s->act.from.bare = say_str(sources->env, s, ev->to.bare);
	s->act.to.bare = say_str(sources->env, s, ev->from.bare);
	s->act.answer.kind = REQUEST_PING; /* an empty result */
}

struct user *
roster_pusher(const struct sources *sources, const struct event *ev)
{
	struct user *u = ev->from.bare != NULL ? user_find(sources->model, ev->from.bare) : NULL;

	if (u == NULL || ev->from.resource != NULL || !u->host->configured || !(u->host->grant.roster & MAY_GET))
		return NULL;
	if (ev->to.resource != NULL || ev->to.bare == NULL || strcmp(ev->to.bare, sources->env->set.domain) != 0)
		return NULL;
	return u;
}

void
roster_push(struct sources *sources, const struct event *ev)
{
	struct user *u = roster_pusher(sources, ev);
	struct reading *r;

	if (u == NULL) {
		sources->env->stats.strangers++;
		if (ev->from.bare != NULL && ev->roster.id != NULL)
			say_error(sources->env, ev, ev->roster.id, ERROR_CANCEL, COND_SERVICE_UNAVAILABLE, APP_NONE,
			    TEXT_NONE);
		return;
	}
	/* While it isn't known whose roster it is nobody is linked by it; then what was read before is old. */
	if (user_shown(u) && !claim_stands(u)) {
		u->roster_at = 0;
		u->roster_unheard = true;
		answer_push(sources, ev);
		return;
	}
	u->roster_overtaken = true;
	r = reading_new(sources->model, u, false);
	if (r != NULL && roster_take_items(sources, r, &ev->roster) == 0 && roster_put_in_force(sources, u, r) == 0) {
		/* Who is new is told when that shows him, and her block list behind it doesn't. */
		roster_once_more(sources, u);
		answer_push(sources, ev);
	}
	reading_free(r);
}
