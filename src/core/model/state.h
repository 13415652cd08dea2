/*
 * What is known: users, their devices and contacts, hosts and domains.  Each concept's rules
 * are in the file of its name; who may write what is in tests/check/writers.table.
 *
 *	model --- users --- devices --- resources
 *	    \        \----- contacts ---- watchers
 *	     \-- hosts --- ready, pace (users in turn)
 */
#ifndef PP_CORE_MODEL_STATE_H
#define PP_CORE_MODEL_STATE_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/ring.h"
#include "base/table.h"
#include "core/model/state_asked.h"
#include "core/model/state_host.h"
#include "core/model/state_outlets.h"
#include "core/model/state_user.h"
#include "core/tools/env.h"

struct model {
	struct env *env;
	struct table hosts, domains, by_primary, by_bridge, accounts;
	struct user *users;
	size_t nusers;
	struct ring marked;	 /* those with marks */
	uint64_t asked_order;	 /* counts what is asked: see silence.h */
	uint64_t answered_order; /* of that, the latest that was answered, by whomever */
	uint64_t changes_seen;	 /* of presence, so far */
	uint32_t readings;	 /* of rosters, so far */
};

#endif
