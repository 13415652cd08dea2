/* Scratch of what is to be shown (item.c). */
#ifndef PP_CORE_VIEW_STATE_H
#define PP_CORE_VIEW_STATE_H

#include "core/model/state.h"

struct view {
	struct env *env;
	struct model *model;
	struct item_device *item_devices;
	struct item_resource *item_resources;
};

#endif
