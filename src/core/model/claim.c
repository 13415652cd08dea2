#include "core/model/claim.h"

#include "core/model/device.h"
#include "core/model/host.h"
#include "core/model/user.h"

struct user *
claim_user(struct claim *k)
{
	return k->linked ? TABLE_OF(k, struct device, claim)->user : TABLE_OF(k, struct user, claim);
}

struct device *
claim_device(struct claim *k)
{
	return k->linked ? TABLE_OF(k, struct device, claim) : NULL;
}

struct host *
claim_host(const struct model *model, struct claim *k)
{
	return k->linked ? host_find(model, claim_device(k)->account->domain->name) : claim_user(k)->host;
}

bool
claim_is_made(struct claim *k)
{
	const struct user *u = claim_user(k);
	const struct device *d = claim_device(k);

	if (!u->stored || u->leaving || (u->withheld & WITHHELD_HOST))
		return false;
	if (d == NULL)
		return u->approved;
	return u->approved && d->approved && d->stored && device_live(d) && user_shown(u);
}

bool
claim_can_read(const struct model *model, struct claim *k)
{
	const struct host *h = claim_host(model, k);

	return h != NULL && h->configured && (h->grant.roster & MAY_GET);
}

bool
claim_may_be_read(const struct model *model, struct claim *k)
{
	const struct host *h = claim_host(model, k);

	return h != NULL && h->configured && host_may_grant(model, h);
}

bool
claim_believes(const struct model *model, struct device *d)
{
	struct claim *k = &d->claim;

	return d->resource != NULL || k->stands || !claim_is_made(k) ||
	    (!claim_can_read(model, k) && !claim_may_be_read(model, k));
}

bool
claim_may_probe(const struct model *model, struct user *u, struct device *d)
{
	if (!u->stored || !user_shown(u))
		return false;
	if (d == NULL)
		return u->approved && u->claim.stands;
	return u->approved && d->approved && d->stored && device_live(d) && d->claim.suspended_ms == 0 &&
	    claim_believes(model, d);
}

bool
claim_is_void(const struct device *d)
{
	return !d->user->approved && (d->resource == NULL || d->stored);
}

bool
claim_is_known(const struct device *d)
{
	const struct claim *k = &d->claim;

	if (k->suspended_ms != 0 || claim_is_void(d))
		return false;
	return (!d->approved && !d->approval_due) || k->stands;
}

bool
claim_stands(const struct user *u)
{
	return !u->approved || u->claim.stands;
}
