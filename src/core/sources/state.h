/* What is known of where things are heard from that belongs to no user and no host: when grants are waited for, and new streams. */
#ifndef PP_CORE_SOURCES_STATE_H
#define PP_CORE_SOURCES_STATE_H

#include "core/consent/state.h"
#include "core/flight/state.h"
#include "core/model/state.h"

struct sources {
	struct env *env;
	struct model *model;
	struct flight *flight;
	struct consent *consent;
	uint64_t missing_from;	/* mono: grants come before this, see missing.h */
	uint64_t missing_at;	/* mono: those that have not come are said; TIMER_NEVER */
	bool anew_asked;	/* a new stream was asked for on this one */
	uint64_t anew_at;	/* mono: whether a new stream may be asked for is looked at; TIMER_NEVER */
	uint64_t grants_at;	/* mono: of some host what it grants is said, see grant_say_at; TIMER_NEVER */
	uint64_t ended_after;	/* mono: no new stream is asked for before because another connection has ended */
	uint64_t ignored_until; /* mono: no other grant.ignored is logged before */
};

#endif
