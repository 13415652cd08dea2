#include "core/consent/agree.h"

#include "base/jid.h"
#include "core/flight/change.h"
#include "core/model/audience.h"

/* Approvals of the component's former name are worth something for so long. */
#define MOVED_MS (INT64_C(7) * 24 * 60 * 60 * 1000)

/* Whoever is asked once more, for more people than before, does not answer sooner: it was the last question that he has read. */
#define READ_MS 5000

/* A question that was put so soon before the link was lost may have been lost with it. */
#define LOST_MS (2 * 60 * 1000)

bool
agree_has_just_moved(const struct consent *consent, const struct user *u)
{
	return u->moved_ms != 0 && consent->env->now.wall_ms - u->moved_ms < MOVED_MS;
}

bool
agree_is_trusted(const struct consent *consent, const char *jid)
{
	size_t i;

	for (i = 0; i < consent->env->set.ntrusted; i++) {
		if (jid_same_domain(consent->env->set.trusted[i], jid_domain(jid)))
			return true;
	}
	return false;
}

/* Was the yes in ROW said by who accepts, or has? */
static bool
is_his(const struct consent *consent, const struct device *d, const struct device_record *row)
{
	return row->approved || d->agreed ||
	    (agree_has_just_moved(consent, d->user) && d->created_ms < d->user->moved_ms);
}

struct device_record
agree_row(const struct consent *consent, const struct device *d)
{
	struct device_record row = change_row(d);

	if (d->resource == NULL && !is_his(consent, d, &row))
		row.confirmed = row.wide = false;
	return row;
}

bool
agree_lacks_yes(const struct consent *consent, const struct device *d)
{
	const struct device_record row = agree_row(consent, d);

	return audience_lacks_yes(&consent->env->set, d, &row);
}

bool
agree_has(const struct consent *consent, const struct device *d)
{
	const struct device_record row = agree_row(consent, d);

	return row.confirmed && !audience_lacks_yes(&consent->env->set, d, &row);
}

bool
agree_by_trust(struct consent *consent, struct device *d)
{
	struct device_record row = agree_row(consent, d);

	if (!row.confirmed || !agree_is_trusted(consent, d->jid))
		return false;
	row.wide = true;
	return change_device(consent->flight, d, &row, CHANGE_OTHER, NULL);
}

enum agree_yes
agree_weigh(const struct consent *consent, const struct device *d, bool command)
{
	const struct device_record row = agree_row(consent, d);

	if (!audience_lacks_yes(&consent->env->set, d, &row))
		return row.confirmed ? YES_SAID : YES_COUNTS;
	if (!d->asked_wide && !(command && d->put_by_reply))
		return YES_UNASKED;
	return d->few && consent->env->now.mono_ms < d->asked_at + READ_MS ? YES_TOO_SOON : YES_COUNTS;
}

bool
agree_write(struct consent *consent, struct device *d, bool approved, bool confirmed, struct reply *reply)
{
	struct device_record row = agree_row(consent, d);

	if (confirmed) {
		row.confirmed = true;
		row.wide = row.wide || audience_lacks_yes(&consent->env->set, d, &row) ||
		    agree_is_trusted(consent, d->jid);
	}
	row.approved = row.approved || approved;
	if (row.approved && row.confirmed)
		row.state = LINK_ACTIVE;
	return change_device(consent->flight, d, &row, CHANGE_CONSENT, reply);
}

void
agree_asked(const struct consent *consent, struct device *d, bool wide)
{
	d->asked_at = consent->env->now.mono_ms;
	d->asked_wide = wide;
	if (!wide)
		agree_asked_few(d);
}

void
agree_asked_few(struct device *d)
{
	d->few = true;
}

void
agree_asked_by_reply(const struct consent *consent, struct device *d)
{
	if (d->asked_wide || d->put_by_reply)
		return;
	d->put_by_reply = true;
	d->asked_at = consent->env->now.mono_ms;
}

void
agree_for_more(struct device *d)
{
	d->wider = d->few = true;
	d->asked_wide = d->put_by_reply = false;
	d->asked_at = 0;
}

void
agree_returned(struct device *d)
{
	/* What he has read is the question before. */
	if (d->few)
		d->asked_wide = false;
}

void
agree_link_down(const struct consent *consent, struct device *d)
{
	d->put_by_reply = false;
	/* What he has read may be the question before: it is put again when he says yes. */
	if (!d->few || !d->asked_wide)
		return;
	d->asked_wide = false;
	if (d->asked_at + LOST_MS > consent->env->now.mono_ms)
		d->asked_at = 0;
}

void
agree_loaded(struct device *d, const struct device_record *row)
{
	d->confirmed = row->confirmed;
	/* What he was asked last, maybe under other settings, isn't known: his yes is asked for once more (asked_wide). */
	d->wide = row->wide;
	d->few = d->resource == NULL && !row->wide;
}
