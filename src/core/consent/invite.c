#include "core/consent/invite.h"

#include "core/consent/agree.h"
#include "core/consent/ask_rate.h"
#include "core/flight/change.h"
#include "core/model/audience.h"
#include "core/tools/say.h"

void
invite_user(struct core *c, struct user *u)
{
	bool contacts = audience_sees(&c->set, u, NULL, NODE_PUBLIC, AUDIENCE_CONTACT) != 0;

	u->asked = true;
	u->invited_at = c->now.mono_ms;
	say_subscribe(c, u->bridge, u->primary,
	    TEXT(contacts ? TEXT_YOU_HAVE_ENROLLED_CONTACTS : TEXT_YOU_HAVE_ENROLLED_SELF),
	    TEXT(TEXT_DEVICES_OF, u->primary));
}

static void
refuse_to_show(struct core *c, const struct device *d)
{
	say_presence(c, d->user->bridge, d->jid, PRESENCE_UNSUBSCRIBED);
}

void
invite_deny(struct core *c, struct device *d)
{
	if (d->denied)
		return;
	d->denied = true;
	refuse_to_show(c, d);
}

void
invite_part(struct core *c, const struct device *d)
{
	say_presence(c, d->user->bridge, d->jid, PRESENCE_UNSUBSCRIBE);
	say_presence(c, d->user->bridge, d->jid, PRESENCE_UNSUBSCRIBED);
}

bool
invite_withdraw(struct core *c, struct device *d)
{
	if (d->withdrawn || d->told_s != 0)
		return false;
	d->told_s = 1 + (uint32_t)(c->now.mono_ms / 1000);
	d->told_order = c->asked_order;
	refuse_to_show(c, d);
	return true;
}

void
invite_account(struct core *c, struct user *u, struct device *d)
{
	const struct device_record row = change_row(c, d);
	bool contacts = audience_of_contacts(&c->set, &row);

	if (!contacts)
		agree_asked_few(d);
	say_subscribe(c, u->bridge, d->jid, TEXT(contacts ? TEXT_ASKS_CONTACTS : TEXT_ASKS_SELF, u->primary, d->label),
	    TEXT(TEXT_DEVICES_OF, u->primary));
}

void
invite_question(struct core *c, struct user *u, struct device *d)
{
	const struct device_record row = change_row(c, d);
	bool contacts = audience_of_contacts(&c->set, &row);

	say_message(c, u->bridge, d->jid,
	    TEXT(contacts ? TEXT_CONFIRM_CONTACTS : TEXT_CONFIRM_SELF, u->primary, d->jid, d->label));
	agree_asked(c, d, contacts);
	if (!contacts)
		ask_rate_named_few(c, u, d->jid);
	d->ask_at = 0;
	d->bounced = false;
}

void
invite_link_down(struct user *u)
{
	u->asked = false;
}

void
invite_asks(struct device *d)
{
	d->asks = true;
}
