/* The house: its rooms, and what none of them has.  The top's alone. */
#ifndef PP_CORE_TOP_H
#define PP_CORE_TOP_H

#include "core/talk/state.h"

struct core {
	struct env env;
	struct model model;
	struct flight flight;
	struct consent consent;
	struct sources sources;
	struct view view;
	struct outlets outlets;
	struct talk talk;
	char *settings_memory; /* what env.set points to, */
	char *domain;	       /* but for the domain, the same for ever */
	bool missed;	       /* for lack of memory, on this stream */
	bool drained;
	bool doubts_noted;
	uint64_t drain_until;
	struct host *published_last; /* whose turn it was; a host is never freed */
};

/* Whatever is due by now, in each room. */
void core_run_timers(struct core *c);

/* EVENT_LOAD_USER, EVENT_LOAD_DEVICE; return 0, ERR_NOMEM, or what user_add() and device_add() say. */
int core_load_user(struct core *c, const struct user_record *r);
int core_load_device(struct core *c, const struct device_record *r);

#endif
