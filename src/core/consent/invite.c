#include "core/consent/invite.h"

#include "core/consent/agree.h"
#include "core/consent/ask_rate.h"
#include "core/flight/change.h"
#include "core/model/audience.h"
#include "core/tools/say.h"

void
invite_user(struct consent *consent, struct user *u)
{
	bool contacts = audience_sees(&consent->env->set, u, NULL, NODE_PUBLIC, AUDIENCE_CONTACT) != 0;

	u->asked = true;
	u->invited_at = consent->env->now.mono_ms;
	say_subscribe(consent->env, u->bridge, u->primary,
	    TEXT(contacts ? TEXT_YOU_HAVE_ENROLLED_CONTACTS : TEXT_YOU_HAVE_ENROLLED_SELF),
	    TEXT(TEXT_DEVICES_OF, u->primary));
}

static void
refuse_to_show(struct consent *consent, const struct device *d)
{
	say_presence(consent->env, d->user->bridge, d->jid, PRESENCE_UNSUBSCRIBED);
}

void
invite_deny(struct consent *consent, struct device *d)
{
	if (d->denied)
		return;
	d->denied = true;
	refuse_to_show(consent, d);
}

void
invite_part(struct consent *consent, const struct device *d)
{
	say_presence(consent->env, d->user->bridge, d->jid, PRESENCE_UNSUBSCRIBE);
	say_presence(consent->env, d->user->bridge, d->jid, PRESENCE_UNSUBSCRIBED);
}

bool
invite_withdraw(struct consent *consent, struct device *d)
{
	if (d->withdrawn || d->told_s != 0)
		return false;
	d->told_s = 1 + (uint32_t)(consent->env->now.mono_ms / 1000);
	d->told_order = consent->model->asked_order;
	refuse_to_show(consent, d);
	return true;
}

void
invite_account(struct consent *consent, struct user *u, struct device *d)
{
	const struct device_record row = change_row(d);
	bool contacts = audience_of_contacts(&consent->env->set, &row);

	if (!contacts)
		agree_asked_few(d);
	say_subscribe(consent->env, u->bridge, d->jid,
	    TEXT(contacts ? TEXT_ASKS_CONTACTS : TEXT_ASKS_SELF, u->primary, d->label),
	    TEXT(TEXT_DEVICES_OF, u->primary));
}

void
invite_question(struct consent *consent, struct user *u, struct device *d)
{
	const struct device_record row = change_row(d);
	bool contacts = audience_of_contacts(&consent->env->set, &row);

	say_message(consent->env, u->bridge, d->jid,
	    TEXT(contacts ? TEXT_CONFIRM_CONTACTS : TEXT_CONFIRM_SELF, u->primary, d->jid, d->label));
	agree_asked(consent, d, contacts);
	if (!contacts)
		ask_rate_named_few(consent, u, d->jid);
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
