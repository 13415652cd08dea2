#include "core/outlets/errand.h"

#include <string.h>

#include "base/mem.h"
#include "core/flight/change.h"
#include "core/model/user.h"
#include "core/outlets/notification.h"
#include "core/tools/say.h"

void
errand_check_done(struct outlets *outlets, struct user *u)
{
	if (u->leaving && u->pep.done && !user_waits(u))
		change_gone(outlets->flight, u);
}

void
errand_free(struct outlets *outlets, struct errand *e)
{
	struct user *u;

	if (e == NULL)
		return;
	u = e->user;
	u->errands--;
	outlets->nerrands--;
	mem_free(e->to);
	mem_free(e->resource);
	mem_free(e);
	errand_check_done(outlets, u);
}

struct errand *
errand_new(struct outlets *outlets, struct user *u, int node, enum audience who, const char *to, const char *resource)
{
	struct errand *e;

	if (outlets->nerrands >= ERRANDS_MAX || !notification_allowed(outlets, u, node, who))
		return NULL;
	e = mem_alloc(sizeof(*e));
	if (e == NULL) {
		say_oom(outlets->env);
		return NULL;
	}
	e->user = u;
	e->node = node;
	e->who = who;
	u->errands++;
	outlets->nerrands++;
	e->to = mem_strdup(to);
	e->resource = mem_strdup(resource);
	if (e->to == NULL || (resource != NULL && e->resource == NULL)) {
		say_oom(outlets->env);
		errand_free(outlets, e);
		return NULL;
	}
	return e;
}

void
errand_put(struct outlets *outlets, struct errand *e)
{
	e->next = NULL;
	*outlets->errands_tail = e;
	outlets->errands_tail = &e->next;
}

void
errand_init(struct outlets *outlets)
{
	outlets->errands_tail = &outlets->errands;
}
