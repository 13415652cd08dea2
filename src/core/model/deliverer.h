/* Who tells those who may see it what is published for a user: her server, or we by messages. */
#ifndef PP_CORE_MODEL_DELIVERER_H
#define PP_CORE_MODEL_DELIVERER_H

#include "core/model/state.h"

enum deliverer {
	DELIVERER_SERVER,
	DELIVERER_WE_IN_GAPS, /* we do while the owner is offline */
	DELIVERER_WE
};

enum deliverer deliverer_of(const struct model *model, const struct user *u, int node);

/* Do we ever tell U's contacts anything? */
bool deliverer_heeds_contacts(const struct model *model, const struct user *u);

/* What U is to know of her roster, or TEXT_NONE. */
enum text_id deliverer_reason(const struct user *u);

#endif
