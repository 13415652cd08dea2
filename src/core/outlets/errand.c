#include "core/outlets/errand.h"

#include <string.h>

#include "base/mem.h"
#include "core/flight/change.h"
#include "core/model/user.h"
#include "core/outlets/notification.h"
#include "core/tools/say.h"

void
errand_check_done(struct core *c, struct user *u)
{
	if (u->leaving && u->pep.done && !user_waits(u))
		change_gone(c, u);
}

void
errand_free(struct core *c, struct errand *e)
{
	struct user *u;

	if (e == NULL)
		return;
	u = e->user;
	u->errands--;
	c->nerrands--;
	mem_free(e->to);
	mem_free(e->resource);
	mem_free(e);
	errand_check_done(c, u);
}

struct errand *
errand_new(struct core *c, struct user *u, int node, enum audience who, const char *to, const char *resource)
{
	struct errand *e;

	if (c->nerrands >= ERRANDS_MAX || !notification_allowed(c, u, node, who))
		return NULL;
	e = mem_alloc(sizeof(*e));
	if (e == NULL) {
		say_oom(c);
		return NULL;
	}
	e->user = u;
	e->node = node;
	e->who = who;
	u->errands++;
	c->nerrands++;
	e->to = mem_strdup(to);
	e->resource = mem_strdup(resource);
	if (e->to == NULL || (resource != NULL && e->resource == NULL)) {
		say_oom(c);
		errand_free(c, e);
		return NULL;
	}
	return e;
}

void
errand_put(struct core *c, struct errand *e)
{
	e->next = NULL;
	*c->errands_tail = e;
	c->errands_tail = &e->next;
}

void
errand_init(struct core *c)
{
	c->errands_tail = &c->errands;
}
