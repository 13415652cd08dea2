#include "core/sources/roster_items.h"

#include <stdio.h>
#include <string.h>

#include "base/jid.h"
#include "core/consent/consent.h"
#include "core/model/contacts.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/say.h"

static bool
in_group(const struct sources *sources, const struct roster_item *i)
{
	size_t g;

	if (*sources->env->set.group == '\0' || i->remove)
		return false;
	for (g = 0; g < i->ngroups; g++) {
		if (strcmp(i->groups[g], sources->env->set.group) == 0)
			return true;
	}
	return false;
}

/* Not whoever has ever been asked; nor at the price of a tombstone, which would be asked again the next time. */
static bool
may_become_device(const struct user *u, const char *jid)
{
	return u->ndevices < USER_DEVICES_MAX && !device_is_there(u, jid);
}

int
roster_take_items(struct sources *sources, struct reading *r, const struct roster_event *roster)
{
	const struct roster_item *i;
	int status = 0;
	size_t n;

	for (n = 0; n < roster->nitems && status == 0; n++) {
		i = &roster->items[n];
		status = reading_take(sources->model, r, i);
		if (status == 0 && in_group(sources, i) && may_become_device(r->user, i->jid))
			status = reading_take_member(sources->model, r, i);
	}
	return status;
}

static void
say_left_out(struct sources *sources, struct user *u, size_t left_out)
{
	char kept[24], out[24];

	if (left_out > 0 && u->left_out == 0) {
		snprintf(kept, sizeof(kept), "%u", (unsigned)u->ncontacts);
		snprintf(out, sizeof(out), "%zu", left_out);
		say_log(sources->env, LOG_LEVEL_WARN, "contacts.left_out", "user", u->primary, "contacts", kept,
		    "left_out", out, "text",
		    "the roster has more contacts than a user may have here; events reach only so many", NULL);
		if (!u->leaving)
			say_message(sources->env, u->bridge, u->primary, TEXT(TEXT_ROSTER_LARGE));
	}
	u->left_out = (uint32_t)left_out;
}

int
roster_put_in_force(struct sources *sources, struct user *u, struct reading *r)
{
	const struct member *m;
	struct jid jid;
	enum text_id why;
	int status = reading_in_force(sources->model, r);

	if (status != 0)
		return status;
	for (m = r->overtaken ? NULL : r->members; m != NULL; m = m->next) {
		const struct consent_wish wish = {m->label, -1, -1, -1};

		if (jid_parse(&jid, m->jid, strlen(m->jid)) == 0 &&
		    consent_known_form(sources->consent, u, false, &jid) == 0 && may_become_device(u, jid.text))
			consent_ask(sources->consent, u, jid.text, &wish, NULL, &why);
	}
	if (r->whole)
		u->roster_items = (uint32_t)r->items;
	if (r->whole || r->left_out > 0)
		say_left_out(sources, u, r->left_out);
	user_mark(sources->model, u, MARK_PARTED);
	return 0;
}
