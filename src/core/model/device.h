/* Devices and their resources: finding, making and ending them. */
#ifndef PP_CORE_MODEL_DEVICE_H
#define PP_CORE_MODEL_DEVICE_H

#include "core/model/state.h"

/*
 * Gateway users and telephone systems have no resources: what such an account
 * says of itself, from its bare JID, is kept as one resource.  No other can
 * have this name (RFC 7622, section 3.4), nor its id.
 */
#define UNNAMED ""
#define UNNAMED_ID "r0"

/* By id; by the account of a link that has not ended; by resource of the primary. */
struct device *device_by_id(const struct user *u, const char *id);
struct device *device_by_account(const struct user *u, const char *jid);
struct device *device_by_same_account(const struct user *u, const char *jid); /* in whatever form its domain is */
struct device *device_by_resource(const struct user *u, const char *resource);

/*
 * A linked account (RESOURCE NULL) or a resource of the primary, with a label
 * of its own; without one a resource is called by its name, an account by its
 * KIND, with a number when other devices are: contacts see labels, and not the
 * addresses.  So is one whose label tells its address.  *OUT is set on success.
 * Returns 0, ERR_NOMEM or ERR_LIMIT (USER_DEVICES_MAX).
 */
int device_add(struct core *c, struct user *u, const char *jid, const char *resource, const char *label,
    enum device_kind kind, struct device **out);

/* From its user's list, and freed; its claim is none any more (verify_forget()). */
void device_remove(struct core *c, struct device *d);

/* Has the link not ended (asked for or agreed)?  True for a resource of the primary. */
bool device_live(const struct device *d);

/* The length of S, or of as much of it as MAX bytes hold without cutting a character in two. */
size_t device_cut(const char *s, size_t max);

enum label_fit {
	LABEL_FITS,
	LABEL_MISSING, /* there is none, or an empty one */
	LABEL_TELLS    /* contacts would see the address in it (mention.h) */
};

/* May a device be called LABEL: the account JID, which was linked, or one's own RESOURCE?  Nobody else decides that. */
enum label_fit device_label_fits(const char *label, const char *jid, const char *resource);

/* What the identity of a client says about its kind (XEP-0030 registrar). */
enum device_kind device_kind_of(const char *category, const char *type);

/* Everyone's links to this account; NULL: there are none. */
struct account *device_account(const struct core *c, const char *jid);

struct device_record device_record(const struct device *d);

/*
 * Has a resource with a name been heard of since the link came up, and not fallen silent?  Beside it the bare JID's
 * own means nothing.
 */
bool device_has_named(const struct device *d);

/*
 * Apply an available presence of RESOURCE, or UNNAMED, which a named one ends.
 * Returns 0, ERR_NOMEM or ERR_LIMIT (DEVICE_RESOURCES_MAX); sets *CHANGED when
 * something that may be shown did.
 */
int device_available(struct core *c, struct device *d, const char *resource, const struct presence_event *p, bool fed,
    bool *changed, struct resource **out);

/* RESOURCE is gone, or all of them when it is NULL (ghosts stay in either case if KEEP_GHOSTS). */
bool device_unavailable(struct core *c, struct device *d, const char *resource, bool keep_ghosts);

/* R, a resource of D, is gone. */
void device_lose(struct core *c, struct device *d, struct resource *r);

/* Have all of its resources fallen silent (audit.h)?  False when it has none. */
bool device_is_silent(const struct device *d);

/* May R be shown?  One that is silent beside others that aren't is not: only a device can be stale. */
bool device_shows(const struct device *d, const struct resource *r);

/* The link is lost: what we know is from before. */
void device_make_ghosts(struct device *d);
void device_drop_ghosts(struct core *c, struct device *d);
void device_keep_ghosts(struct device *d); /* as ones that have fallen silent */
void device_hear_ghosts(struct device *d); /* its server speaks again: what was silent before is a ghost like others */

/* Is what we show of it, or a part, from before this stream, or nothing at all? */
bool device_in_doubt(const struct device *d);

/*
 * The resource that stands for the device: chat, available, away, xa, dnd; then
 * priority; then the latest (GHOSTS: of these only).  NULL: none.
 */
const struct resource *device_best(const struct device *d, bool ghosts);
int show_rank(enum show s);

#endif
