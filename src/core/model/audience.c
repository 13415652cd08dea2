#include "core/model/audience.h"

#include "core/model/claim.h"
#include "core/model/device.h"
#include "core/model/user.h"

#define EXTENT_BITS 8 /* of one audience of one node */

enum access
audience_access(const struct core_settings *set, int node)
{
	return node == NODE_PUBLIC ? set->access : ACCESS_WHITELIST;
}

/* Whom the access model of NODE lets in. */
static bool
enters(const struct core_settings *set, int node, enum audience who)
{
	if (who == AUDIENCE_CONTACT)
		return audience_access(set, node) == ACCESS_PRESENCE;
	return who == AUDIENCE_SELF;
}

/* What the user wants to be in NODE of D. */
static unsigned
wanted(const struct device *d, int node)
{
	/* The primary's own presence, status text included, is its contacts' to see anyway. */
	bool text = d->resource != NULL || d->show_status;

	if (d->visibility == VISIBLE_HIDDEN)
		return 0;
	if (node == NODE_PRIVATE)
		return SEES_NAME | SEES_STATE | SEES_TEXT | (d->resource == NULL ? SEES_JID : 0);
	if (d->visibility != VISIBLE_CONTACTS)
		return 0;
	return SEES_NAME | SEES_STATE | (text ? SEES_TEXT : 0);
}

bool
audience_is_nobody(int visibility)
{
	return visibility == VISIBLE_HIDDEN;
}

bool
audience_shows_less(const struct device_record *before, const struct device_record *row)
{
	return row->visibility != before->visibility || row->show_status < before->show_status;
}

bool
audience_is_all(const struct device_record *row)
{
	return row->visibility == VISIBLE_CONTACTS;
}

bool
audience_limits(const struct device *d)
{
	return d->visibility != VISIBLE_CONTACTS;
}

/* Her own list, where a hidden device is found again; the account's: that it is shown, by whom and as what. */
static unsigned
listed(enum audience who)
{
	if (who == AUDIENCE_SELF)
		return SEES_NAME | SEES_STATE | SEES_TEXT | SEES_JID;
	return who == AUDIENCE_ACCOUNT ? SEES_NAME : 0;
}

/* As long as it isn't known who has the name of an account, its list is nobody's; nor is that of whose link is suspended. */
static bool
is_stranger(const struct user *u, const struct device *d, enum audience who)
{
	if (who == AUDIENCE_SELF)
		return u->claim.suspended_ms != 0 || !claim_stands(u);
	return d->claim.suspended_ms != 0;
}

unsigned
audience_sees(const struct core_settings *set, const struct user *u, const struct device *d, int node,
    enum audience who)
{
	if (d == NULL)
		return enters(set, node, who) ? SEES_NODE : 0;
	/* Nothing is seen before it is durable, nor what may be somebody else's. */
	if ((d->resource == NULL && !d->stored) || claim_is_void(d))
		return 0;
	if (node == NO_NODE)
		return is_stranger(u, d, who) ? 0 : listed(who);
	if (!user_shown(u) || d->state != LINK_ACTIVE || d->claim.suspended_ms != 0 || !enters(set, node, who))
		return 0;
	/* Nor more than its account has agreed to. */
	if (node == NODE_PUBLIC && d->resource == NULL && !d->wide && enters(set, NODE_PUBLIC, AUDIENCE_CONTACT))
		return 0;
	return wanted(d, node);
}

bool
audience_tells(const struct model *model, struct device *d)
{
	return device_live(d) && audience_sees(&model->env->set, d->user, d, NO_NODE, AUDIENCE_ACCOUNT) != 0 &&
	    claim_is_known(d);
}

uint32_t
audience_extent(const struct core_settings *set, const struct user *u, const struct device *d)
{
	uint32_t all = 0;
	int node;

	for (node = 0; node < NODES; node++) {
		all = all << EXTENT_BITS | audience_sees(set, u, d, node, AUDIENCE_SELF);
		all = all << EXTENT_BITS | audience_sees(set, u, d, node, AUDIENCE_CONTACT);
	}
	return all;
}

unsigned
audience_narrowed(uint32_t before, uint32_t after)
{
	uint32_t lost = before & ~after;
	unsigned nodes = 0;
	int node;

	for (node = NODES; node-- > 0; lost >>= 2 * EXTENT_BITS) {
		if ((lost & ((1U << 2 * EXTENT_BITS) - 1)) != 0)
			nodes |= 1U << node;
	}
	return nodes;
}

bool
audience_reaches(const struct contact *k)
{
	return k != NULL && !k->blocked && !k->pushed;
}

bool
audience_of_contacts(const struct core_settings *set, const struct device_record *row)
{
	return row->visibility == VISIBLE_CONTACTS && enters(set, NODE_PUBLIC, AUDIENCE_CONTACT);
}

bool
audience_lacks_yes(const struct core_settings *set, const struct device *d, const struct device_record *row)
{
	return d->resource == NULL && !row->wide && audience_of_contacts(set, row);
}
