#include "core/model/settle.h"

#include "core/model/user.h"

void
settle_forget(struct user *u)
{
	u->settled = u->known = false;
	u->settle_at = TIMER_NEVER;
}

void
settle_begin(struct model *model, struct user *u)
{
	u->settled = false;
	u->settle_at = model->env->now.mono_ms + model->env->set.settle_ms;
	user_mark(model, u, MARK_TIMES);
}

void
settle_soon(const struct model *model, struct user *u, uint64_t ms)
{
	if (u->settle_at > model->env->now.mono_ms + ms)
		u->settle_at = model->env->now.mono_ms + ms;
}

void
settle_has_turn(struct user *u, bool has)
{
	u->turn = has;
}

void
settle_knows(struct user *u)
{
	u->known = true;
}

void
settle_end(struct user *u)
{
	u->settled = u->known = true;
	u->settle_at = TIMER_NEVER;
}

void
settle_skip(const struct model *model, struct user *u)
{
	u->settled = model->env->link_up;
	u->settle_at = TIMER_NEVER;
}
