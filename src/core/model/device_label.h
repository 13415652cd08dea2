/* What a device is called: its id, and its label. */
#ifndef PP_CORE_MODEL_DEVICE_LABEL_H
#define PP_CORE_MODEL_DEVICE_LABEL_H

#include "core/model/state.h"

/* The length of S, or of as much of it as MAX bytes hold without cutting a character in two. */
size_t device_cut(const char *s, size_t max);

enum label_fit {
	LABEL_FITS,
	LABEL_MISSING, /* there is none, or an empty one */
	LABEL_TELLS    /* contacts would see the address in it (mention.h) */
};

/* May a device be called LABEL: the account JID, which was linked, or one's own RESOURCE?  Nobody else decides that. */
enum label_fit device_label_fits(const char *label, const char *jid, const char *resource);

/* DEVICE_ID_LEN characters and a NUL into OUT that depend on the text alone, so that a restart finds the same. */
void device_derive_id(const struct model *model, const char *a, const char *b, char *out);

/*
 * What a linked account of U's that nobody has named is called: a word of the protocol, as
 * its kind is in an item, with a number when others have it.  It is data like any
 * label, stored and published, and not a text in somebody's language (text.h).
 */
void device_invent_label(const struct user *u, enum device_kind kind, char *out, size_t size);

/* As much of LABEL as may be one; NULL: no memory. */
char *device_copy_label(const char *label);

#endif
