/*
 * What is known of a device from before this stream: resources that may be there still, or
 * come back under other names.  Until that is known they stand for it; they keep nobody
 * else from a place.
 */
#ifndef PP_CORE_MODEL_DEVICE_GHOST_H
#define PP_CORE_MODEL_DEVICE_GHOST_H

#include "core/model/state.h"

/* The link is lost: what we know is from before. */
void device_make_ghosts(struct device *d);
void device_drop_ghosts(struct model *model, struct device *d);
void device_keep_ghosts(struct device *d); /* as ones that have fallen silent */
void device_hear_ghosts(struct device *d); /* its server speaks again: what was silent before is a ghost like others */

/* Is what we show of it, or a part, from before this stream, or nothing at all? */
bool device_in_doubt(const struct device *d);

/* Is nothing of it there, as far as can be told: none, or only what is from before this stream or has fallen silent? */
bool device_is_vacant(const struct device *d);

#endif
