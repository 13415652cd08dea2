#include "core/talk/chat.h"

#include <string.h>

#include "core/consent/link.h"
#include "core/consent/remind.h"
#include "core/consent/verify.h"
#include "core/model/audience.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

/* Answers to chats: one a user in this time, so that two robots can't talk to each other. */
#define HELP_EVERY_MS 5000

static void
help(struct core *c, struct user *u, const char *to, enum text_id text)
{
	if (u->helped_at != 0 && c->now.mono_ms < u->helped_at + HELP_EVERY_MS)
		return;
	/* To a server that doesn't read nobody is helped. */
	if (c->nsaid >= ANSWERS_MAX)
		return;
	u->helped_at = c->now.mono_ms;
	say_message(c, u->bridge, to, TEXT(text));
}

/*
 * A message of ours that came back, from where it was sent to: to a bare JID, so that no client of the account can say
 * so in its name.  Which one it was doesn't matter: as long as the yes is missing the question is asked.
 */
static bool
came_back(struct core *c, struct user *u, const struct event *ev)
{
	struct device *d;

	if (ev->from.resource != NULL || ev->to.resource != NULL)
		return false;
	d = device_by_account(u, ev->from.bare);
	if (d == NULL)
		return false;
	remind_bounced(c, u, d);
	return true;
}

void
chat_message(struct core *c, const struct event *ev)
{
	struct user *u = user_find_bridge(c, ev->to.bare);
	const struct message_event *m = &ev->message;
	struct reply *reply;
	struct device *d;

	if (u == NULL || u->leaving || ev->from.bare == NULL) {
		c->stats.strangers++;
		return;
	}
	if (m->error && came_back(c, u, ev))
		return;
	if (!m->chat || m->word == WORD_NONE) {
		c->stats.strangers++;
		return;
	}
	d = device_by_account(u, ev->from.bare);
	if (d == NULL) {
		if (strcmp(ev->from.bare, u->primary) == 0)
			help(c, u, u->primary, TEXT_HELP);
		else
			c->stats.strangers++;
		return;
	}
	if (!d->stored)
		return;
	if (m->word != WORD_NO && !audience_tells(c, d)) {
		/* Silence, as to everybody: the question comes again when it is known who has the name. */
		verify_hurry(c, d->jid);
		remind_unproved(c, u, d);
		c->stats.strangers++;
		return;
	}
	if (m->word == WORD_YES) {
		if (link_has_agreed(c, d)) {
			if (d->confirmed) /* otherwise it is being written, and the answer comes with that */
				help(c, u, d->jid, TEXT_AGREED_ALREADY);
			return;
		}
		if (link_is_wider(c, d)) {
			/* What that question was isn't known after a start: then it is asked once more. */
			if (d->asked_wide)
				help(c, u, d->jid, TEXT_READ_AGAIN);
			else
				remind_approved(c, u, d);
			return;
		}
		reply = reply_chat(c, u->bridge, d->jid);
		if (reply == NULL || link_confirmed(c, d, reply) != 0)
			c->oom = true;
	} else if (m->word == WORD_NO) {
		if (audience_tells(c, d))
			help(c, u, d->jid, TEXT_REFUSED);
		link_ended(c, d, true, NULL);
	} else if (!link_has_agreed(c, d)) {
		help(c, u, d->jid, TEXT_YES_OR_NO);
	}
}
