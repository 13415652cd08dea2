#include "core/outlets/notification.h"

#include <string.h>

#include "core/model/audience.h"
#include "core/model/claim.h"
#include "core/model/user.h"
#include "core/view/item.h"

bool
notification_allowed(const struct outlets *outlets, const struct user *u, int node, enum audience who)
{
	return audience_sees(&outlets->env->set, u, NULL, node, who) != 0;
}

/* While it isn't known whose account it is, nobody is told anything, but that there is nothing; then he is. */
static bool
waits_for_proof(struct user *u, enum audience who)
{
	if (!user_shown(u) || claim_stands(u))
		return false;
	if (who == AUDIENCE_SELF)
		u->own_missed = true;
	else
		u->retell = true;
	return true;
}

bool
notification_make(struct outlets *outlets, struct user *u, int node, enum audience who, struct action *act)
{
	if (!u->host->grant.message || !notification_allowed(outlets, u, node, who) || waits_for_proof(u, who))
		return false;
	memset(act, 0, sizeof(*act));
	item_compute(outlets->view, u, node, &act->publish);
	/* What the server may have got meanwhile is not to be contradicted: the next publish tells everybody. */
	if (u->pep.doubtful[node] || item_digest(outlets->view, u, node, &act->publish) != u->pep.digest[node])
		return false;
	act->kind = ACTION_EVENT;
	act->owner = u->primary;
	act->from.bare = outlets->env->set.domain;
	act->node = node == NODE_PUBLIC ? NODE_DEVICES : NODE_DEVICES_PRIVATE;
	act->privilege_version = u->host->grant.version;
	u->told_at = outlets->env->now.mono_ms;
	outlets->env->stats.events_sent++;
	return true;
}
