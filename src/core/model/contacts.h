/*
 * The contacts of a user: who has `from` or `both` in her roster, in the order
 * of their JIDs.  A roster becomes them by a reading, which takes it item by item
 * and changes nothing before it is put into force: a roster may come in
 * portions, and break off after any of them.
 *
 * What a user may have is bounded (USER_CONTACTS_MAX, USER_CONTACT_BYTES_MAX):
 * whoever is a contact already comes first, and those left out are counted.
 */
#ifndef PP_CORE_MODEL_CONTACTS_H
#define PP_CORE_MODEL_CONTACTS_H

#include "core/model/state.h"

/* NULL: JID is no contact of U. */
struct contact *contacts_find(const struct user *u, const char *jid);

/* Forget all of them, of whom nobody else knows any more (greeting_forget()). */
void contacts_clear(struct user *u);

/* An account in the roster group, which is to become a device. */
struct member {
	struct member *next;
	char *label; /* NULL: it has no name */
	char jid[];
};

struct reading {
	size_t items;	 /* taken, whatever they are */
	size_t left_out; /* contacts over a bound; complete when it is in force */
	struct member *members;

	/* private */
	struct user *user;
	bool whole;
	bool overtaken;	   /* by a push: it adds nobody, and takes nobody away whom a push has added */
	bool shows_bridge; /* her own */
	uint32_t mark;	   /* of the contacts that were in it */
	size_t seen, seen_bytes;
	struct contact **fresh; /* who is none yet */
	size_t nfresh, room, bytes;
	struct member **members_tail;
};

/*
 * Begin to read the roster of U: WHOLE, so that who isn't in it is no contact any
 * more, or a push's items.  NULL (and env->oom) when there is no memory.
 */
struct reading *reading_new(struct model *model, struct user *u, bool whole);
void reading_free(struct reading *r); /* accepts NULL */

/* Returns 0, or ERR_NOMEM (and env->oom): then it can only be freed. */
int reading_take(struct model *model, struct reading *r, const struct roster_item *i);

/* Likewise what is asked for when all of it has been read. */
int reading_take_member(struct model *model, struct reading *r, const struct roster_item *i);

/*
 * The end: what was read is in force, who is new is told and watched, whose
 * subscription has to end is noted (unsubscribe.h).  Returns 0, or ERR_NOMEM (and
 * env->oom): then nothing has changed.
 */
int reading_in_force(struct model *model, struct reading *r);

#endif
