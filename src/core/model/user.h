/* Users: enrolled primaries, their bridge JIDs, and when each needs attention. */
#ifndef PP_CORE_MODEL_USER_H
#define PP_CORE_MODEL_USER_H

#include "core/model/state.h"

struct user *user_find(const struct model *model, const char *primary);
struct user *user_find_bridge(const struct model *model, const char *bridge);

/*
 * A new user with the primary's bridge JID (XEP-0106 at our domain); not yet
 * stored.  *OUT is set on success.  Returns 0, ERR_NOMEM, ERR_EXISTS, or
 * ERR_LIMIT when the bridge JID would be longer than an address may be.
 */
int user_add(struct model *model, const char *primary, struct user **out);

/* Out of every table and freed, when no other room knows it any more: follow.h sees to that. */
void user_remove(struct model *model, struct user *u);

/* The tables of hosts, domains, users and accounts, with KEY; and their end, when no user is left. */
void user_init(struct model *model, const uint8_t *key);
void user_clear(struct model *model);

/* Something that may show in the item has changed. */
void user_touch(struct model *model, struct user *u);

/*
 * Something that is in NODES (each as 1 << node: audience_narrowed()) is not to
 * be seen any more: published at once, whatever else waits for its time.  What
 * is not known yet on this stream is said to be stale (item.c).
 */
void user_urgent(struct model *model, struct user *u, unsigned nodes);

/*
 * The same after an update that can't have brought anything nearer than a
 * change that waits already: then the timer is right, or will be set when the
 * publish in flight or in turn has been dealt with.
 */
void user_updated(struct model *model, struct user *u);

/*
 * U has changed in this respect (enum mark of state.h), and what follows from it is
 * for rooms above: follow.h sees to it before the event has ended.
 */
void user_mark(struct model *model, struct user *u, unsigned marks);

/* The next one who has been marked, and by what; NULL: nobody is. */
struct user *user_take_marked(struct model *model, unsigned *marks);

/* Something became known of U, for which she may have been waited. */
void user_known(struct model *model, struct user *u);

/* Is somebody to be told something about her, as soon as it is known whom? */
bool user_waits(const struct user *u);

/* Is U, who may be NULL, somebody who is enrolled, as others can see it? */
bool user_enrolled(const struct user *u);

/* H's users in turn, each time the next one, so that nobody chooses whose turn it is; NULL: it has none. */
struct user *user_next(struct host *h);

/* Is a resource of the primary available? */
bool user_online(const struct user *u);

/*
 * May anything of U be shown, to anyone, and anybody be asked on her behalf?
 * False when she leaves, or as long as she is withheld (withhold.h): then her
 * items are emptied.
 */
bool user_shown(const struct user *u);

/* What is known of how NODE of U is set up: no more than assumed as long as that is being changed. */
enum node_setup user_setup(const struct user *u, int node);

/* The row as it is to be stored; strings are the user's. */
struct user_record user_record(const struct user *u);

#endif
