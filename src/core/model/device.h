/* Devices: finding, making and ending them.  What they are called, and their resources, are below. */
#ifndef PP_CORE_MODEL_DEVICE_H
#define PP_CORE_MODEL_DEVICE_H

#include "core/model/device_label.h"
#include "core/model/device_resource.h"
#include "core/model/state.h"

/* By id; by the account of a link that has not ended; by resource of the primary. */
struct device *device_by_id(const struct user *u, const char *id);
struct device *device_by_account(const struct user *u, const char *jid);
struct device *device_by_same_account(const struct user *u, const char *jid); /* in whatever form its domain is */
/* Whether there is a link with it, or what is left of one that has ended; likewise. */
bool device_is_there(const struct user *u, const char *jid);
struct device *device_by_resource(const struct user *u, const char *resource);

/*
 * A linked account (RESOURCE NULL) or a resource of the primary, with a label
 * of its own; without one a resource is called by its name, an account by its
 * KIND, with a number when other devices are: contacts see labels, and not the
 * addresses.  So is one whose label tells its address.  *OUT is set on success.
 * Returns 0, ERR_NOMEM or ERR_LIMIT (USER_DEVICES_MAX).
 */
int device_add(struct model *model, struct user *u, const char *jid, const char *resource, const char *label,
    enum device_kind kind, struct device **out);

/* D, which was just added, is the one of ROW. */
void device_loaded(struct device *d, const struct device_record *row);

/* From its user's list, and freed; its claim is none any more (verify_forget()). */
void device_remove(struct model *model, struct device *d);

/* Has the link not ended (asked for or agreed)?  True for a resource of the primary. */
bool device_live(const struct device *d);

/* What the identity of a client says about its kind (XEP-0030 registrar). */
enum device_kind device_kind_of(const char *category, const char *type);

/* Everyone's links to this account; NULL: there are none. */
struct account *device_account(const struct model *model, const char *jid);

struct device_record device_record(const struct device *d);

/* D, a resource of the primary without a row, goes at that time; TIMER_NEVER: it stays. */
void device_goes(struct device *d, uint64_t at);

/* Its kind, as its client or its user says; its label, which is D's from here on. */
void device_is(struct device *d, enum device_kind kind);
void device_rename(struct device *d, char *label);

#endif
