/* What an account says of its resources, and which of them stands for it. */
#ifndef PP_CORE_MODEL_DEVICE_RESOURCE_H
#define PP_CORE_MODEL_DEVICE_RESOURCE_H

#include "core/model/state.h"

/*
 * Gateway users and telephone systems have no resources: what such an account
 * says of itself, from its bare JID, is kept as one resource.  No other can
 * have this name (RFC 7622, section 3.4), nor its id.
 */
#define UNNAMED ""
#define UNNAMED_ID "r0"

/*
 * Has a resource with a name been heard of since the link came up, and not fallen silent?  Beside it the bare JID's
 * own means nothing.
 */
bool device_has_named(const struct device *d);

/*
 * RESOURCE is about to be available: of DEVICE_RESOURCES_MAX others one that may not be
 * there any more makes room.  Not for who isn't proved: he takes nothing away.
 */
void device_make_room(struct device *d, const char *resource);

/*
 * Apply an available presence of RESOURCE, or UNNAMED, which a named one ends.
 * Returns 0, ERR_NOMEM or ERR_LIMIT (DEVICE_RESOURCES_MAX); sets *CHANGED when
 * something that may be shown did.
 */
int device_available(struct model *model, struct device *d, const char *resource, const struct presence_event *p,
    bool fed, bool *changed, struct resource **out);

/* RESOURCE is gone, or all of them when it is NULL (ghosts stay in either case if KEEP_GHOSTS). */
bool device_unavailable(struct model *model, struct device *d, const char *resource, bool keep_ghosts);

/* A resource of the primary that has just gone, and has no row, is shown as unavailable for a while. */
void device_lingers(struct model *model, struct device *d);

/* R, a resource of D, is gone. */
void device_lose(struct model *model, struct device *d, struct resource *r);

/* Have all of its resources fallen silent (audit.h)?  False when it has none. */
bool device_is_silent(const struct device *d);

/* May R be shown?  One that is silent beside others that aren't is not: only a device can be stale. */
bool device_shows(const struct device *d, const struct resource *r);

/* Its account has said something on this stream, or nobody can; and whether what is known is from before, or may be. */
void device_knows(struct device *d);
void device_stale(struct device *d, bool stale);

/*
 * What was just heard may be somebody else's: not even when he came is shown, it is
 * as it was, since SINCE_MS.  Or it is known whose it was, and counts from here on.
 */
void device_seems(struct device *d, int64_t since_ms, bool stale);
void device_proved(const struct model *model, struct device *d);

/* R, of D's account, is missing in what it answered last, or isn't any more. */
void device_misses(struct resource *r, bool silent);

/*
 * The resource that stands for the device: chat, available, away, xa, dnd; then
 * priority; then the latest (GHOSTS: of these only).  NULL: none.
 */
const struct resource *device_best(const struct device *d, bool ghosts);
int show_rank(enum show s);

/* Take *AT, one of D's, out of the list and free it; *AT is then the one behind it. */
void device_resource_out(struct device *d, struct resource **at);

/* Accepts NULL. */
void device_resource_free(struct resource *r);

#endif
