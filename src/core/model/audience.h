/*
 * Who may see what: decided here, once for all outlets (what a node holds, who
 * is sent its events, the list that a command shows), and computed from what is
 * known now, so that what has waited is decided anew when it goes out.  A
 * device's visibility is read nowhere else for this (tests/check/check_privacy.py).
 */
#ifndef PP_CORE_MODEL_AUDIENCE_H
#define PP_CORE_MODEL_AUDIENCE_H

#include "core/model/state.h"

/* What is seen. */
enum {
	SEES_NODE = 1,	/* the node's item, be it empty */
	SEES_NAME = 2,	/* that there is such a device, and what it is called */
	SEES_STATE = 4, /* its presence */
	SEES_TEXT = 8,	/* with the status texts */
	SEES_JID = 16	/* a linked account's address */
};

#define NO_NODE NODES /* in the place of a node: the user's own list of devices, or the account's of who shows it */

/*
 * What WHO sees in NODE of the device D of U; of the node as such where D is
 * NULL.  An account sees of D, which is its own, that it is linked.
 */
unsigned audience_sees(const struct core_settings *set, const struct user *u, const struct device *d, int node,
    enum audience who);

/*
 * May the account of D, a linked one, be told of it, asked about it, or answer for
 * it?  Not while the link has ended, or it isn't known who has that name now.
 */
bool audience_tells(const struct model *model, struct device *d);

/* The same of all nodes and audiences, as bits that mean something to audience_narrowed() only. */
uint32_t audience_extent(const struct core_settings *set, const struct user *u, const struct device *d);

/* The nodes in which somebody saw what he is not to see any more, each as 1 << NODE. */
unsigned audience_narrowed(uint32_t before, uint32_t after);

/* Is VISIBILITY, what somebody wishes (negative: nothing), that of what nobody is to see? */
bool audience_is_nobody(int visibility);

/* Is less of a device to be seen by ROW than by BEFORE, or somewhere else? */
bool audience_shows_less(const struct device_record *before, const struct device_record *row);

/* The access model that NODE is to have (XEP-0060, section 4.5). */
enum access audience_access(const struct core_settings *set, int node);

/* Is a device, by ROW, kept from none of those who may see her devices? */
bool audience_is_all(const struct device_record *row);

/* Does the user want D to be kept from some of those who may see her devices? */
bool audience_limits(const struct device *d);

#define ALL_NODES ((1U << NODES) - 1)

/*
 * May K, who is a contact (NULL: he is none), be told anything?  Not while the
 * user blocks him (blocking.h), nor before a roster has shown him.
 */
bool audience_reaches(const struct contact *k);

/* Is a device, by ROW and once it is agreed, meant for the contacts?  Otherwise for the own clients. */
bool audience_of_contacts(const struct core_settings *set, const struct device_record *row);

/* Is D, by ROW, to be shown to contacts, and its account has not agreed to that? */
bool audience_lacks_yes(const struct core_settings *set, const struct device *d, const struct device_record *row);

#endif
