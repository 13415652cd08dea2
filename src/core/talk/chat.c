#include "core/talk/chat.h"

#include <string.h>

#include "core/consent/agree.h"
#include "core/consent/consent.h"
#include "core/consent/remind.h"
#include "core/consent/verify.h"
#include "core/model/audience.h"
#include "core/model/device.h"
#include "core/model/user.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

/* Answers to chats: one for each account in this time, so that two robots can't talk to each other. */
#define HELP_EVERY_MS 5000

/* D: the linked account that has written; NULL: the user has.  False: nothing is said, for now. */
static bool
help(struct talk *talk, struct user *u, struct device *d, enum text_id text)
{
	uint64_t at = d != NULL ? d->helped_at : u->helped_at;

	if (at != 0 && talk->env->now.mono_ms < at + HELP_EVERY_MS)
		return false;
	/* To a server that doesn't read nobody is helped. */
	if (talk->env->nsaid >= ANSWERS_MAX)
		return false;
	if (d != NULL)
		d->helped_at = talk->env->now.mono_ms;
	else
		u->helped_at = talk->env->now.mono_ms;
	say_message(talk->env, u->bridge, d != NULL ? d->jid : u->primary, TEXT(text));
	return true;
}

/*
 * A message of ours that came back, from where it was sent to: to a bare JID, so that no client of the account can say
 * so in its name.  Which one it was doesn't matter: as long as the yes is missing the question is asked.
 */
static bool
came_back(struct talk *talk, struct user *u, const struct event *ev)
{
	struct device *d;

	if (ev->from.resource != NULL || ev->to.resource != NULL)
		return false;
	d = device_by_account(u, ev->from.bare);
	if (d == NULL)
		return false;
	remind_bounced(talk->consent, u, d);
	return true;
}

static void
says_yes(struct talk *talk, struct user *u, struct device *d)
{
	struct reply *reply;

	switch (agree_weigh(talk->consent, d, false)) {
	case YES_SAID:
		if (d->confirmed) /* otherwise it is being written, and the answer comes with that */
			help(talk, u, d, TEXT_AGREED_ALREADY);
		break;
	case YES_UNASKED:
		remind_approved(talk->consent, u, d);
		break;
	case YES_TOO_SOON:
		/* Who says it again and again is asked again, so that it doesn't end in silence. */
		if (!help(talk, u, d, TEXT_READ_AGAIN))
			remind_approved(talk->consent, u, d);
		break;
	case YES_COUNTS:
		reply = reply_chat(talk->env, u->bridge, d->jid);
		if (reply == NULL || consent_confirmed(talk->consent, d, reply) != 0)
			say_oom(talk->env);
		break;
	}
}

void
chat_message(struct talk *talk, const struct event *ev)
{
	struct user *u = user_find_bridge(talk->model, ev->to.bare);
	const struct message_event *m = &ev->message;
	struct device *d;

	if (u == NULL || u->leaving || ev->from.bare == NULL) {
		talk->env->stats.strangers++;
		return;
	}
	if (m->error && came_back(talk, u, ev))
		return;
	if (!m->chat || m->word == WORD_NONE) {
		talk->env->stats.strangers++;
		return;
	}
	d = device_by_account(u, ev->from.bare);
	if (d == NULL) {
		if (strcmp(ev->from.bare, u->primary) == 0)
			help(talk, u, NULL, TEXT_HELP);
		else
			talk->env->stats.strangers++;
		return;
	}
	if (!d->stored)
		return;
	if (m->word != WORD_NO && !audience_tells(talk->model, d)) {
		/* Silence, as to everybody: the question comes again when it is known who has the name. */
		verify_hurry(talk->consent, d->jid);
		remind_unproved(talk->consent, u, d);
		talk->env->stats.strangers++;
		return;
	}
	if (m->word == WORD_YES) {
		says_yes(talk, u, d);
	} else if (m->word == WORD_NO) {
		if (audience_tells(talk->model, d))
			help(talk, u, d, TEXT_REFUSED);
		consent_ended(talk->consent, d, true, NULL);
	} else if (!agree_has(talk->consent, d)) {
		help(talk, u, d, TEXT_YES_OR_NO);
	}
}
