/* What an audit is of: its account, its resources, and which of them are missing. */
#include "core/model/claim.h"
#include "core/sources/audit_private.h"

struct device *
audit_device(struct audit *a)
{
	return a->linked ? TABLE_OF(a, struct device, audit) : NULL;
}

struct user *
audit_user(struct audit *a)
{
	return a->linked ? TABLE_OF(a, struct device, audit)->user : TABLE_OF(a, struct user, audit);
}

struct audit *
audit_of(struct user *u, struct device *d)
{
	return d != NULL ? &d->audit : &u->audit;
}

struct domain *
audit_domain(struct audit *a)
{
	return a->linked ? audit_device(a)->account->domain : audit_user(a)->domain;
}

uint64_t
audit_who(struct audit *a)
{
	return a->linked ? audit_device(a)->account->node.hash : audit_user(a)->by_primary.hash;
}

static struct device *
own(struct device *d)
{
	while (d != NULL && d->resource == NULL)
		d = d->next;
	return d;
}

struct device *
audit_first(struct audit *a)
{
	return a->linked ? audit_device(a) : own(audit_user(a)->devices);
}

struct device *
audit_next(const struct audit *a, const struct device *d)
{
	return a->linked ? NULL : own(d->next);
}

bool
audit_counts(const struct device *d, const struct resource *r)
{
	return d->resource == NULL || r->fed || d->stale;
}

uint64_t
audit_oldest(struct audit *a)
{
	uint64_t at = TIMER_NEVER;
	const struct resource *r;
	struct device *d;

	for (d = audit_first(a); d != NULL; d = audit_next(a, d)) {
		for (r = d->resources; r != NULL; r = r->next) {
			if (audit_counts(d, r) && (uint64_t)r->heard_s * 1000 < at)
				at = (uint64_t)r->heard_s * 1000;
		}
	}
	return at;
}

bool
audit_misses(const struct audit *a, const struct device *d, const struct resource *r)
{
	return audit_counts(d, r) && r->heard_s < a->round / 1000;
}

bool
audit_misses_any(struct audit *a, bool silent)
{
	const struct resource *r;
	struct device *d;

	for (d = audit_first(a); d != NULL; d = audit_next(a, d)) {
		for (r = d->resources; r != NULL; r = r->next) {
			if (audit_misses(a, d, r) && r->silent == silent)
				return true;
		}
	}
	return false;
}

bool
audit_may_ask(const struct sources *sources, struct audit *a)
{
	return audit_user(a)->settled && claim_may_probe(sources->model, audit_user(a), audit_device(a));
}
