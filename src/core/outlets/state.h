/* What is on its way out that belongs to no user and no host: events to contacts, and who signs in. */
#ifndef PP_CORE_OUTLETS_STATE_H
#define PP_CORE_OUTLETS_STATE_H

#include "core/sources/state.h"
#include "core/view/state.h"

struct outlets {
	struct env *env;
	struct model *model;
	struct flight *flight;
	struct sources *sources;
	struct view *view;
	struct table watchers;
	struct errand *errands, **errands_tail;
	size_t nerrands;
	struct errand *carried;	     /* the last one taken */
	struct turns turns, resting; /* see telling.h */
};

#endif
