#include "core/model/deliverer.h"

#include "core/model/audience.h"
#include "core/model/host.h"
#include "core/model/user.h"

enum deliverer
deliverer_of(const struct model *model, const struct user *u, int node)
{
	if (!u->host->grant.message)
		return DELIVERER_SERVER;
	if (user_setup(u, node) >= SETUP_OURS)
		return DELIVERER_WE;
	return host_delivers(model, u->host) ? DELIVERER_SERVER : DELIVERER_WE_IN_GAPS;
}

bool
deliverer_heeds_contacts(const struct model *model, const struct user *u)
{
	return deliverer_of(model, u, NODE_PUBLIC) != DELIVERER_SERVER &&
	    audience_sees(&model->env->set, u, NULL, NODE_PUBLIC, AUDIENCE_CONTACT) != 0;
}

enum text_id
deliverer_reason(const struct user *u)
{
	return u->roster_large ? TEXT_ROSTER_UNREADABLE : u->left_out > 0 ? TEXT_ROSTER_LARGE : TEXT_NONE;
}
