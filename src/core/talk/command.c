#include "core/talk/command.h"

#include <string.h>

#include "core/consent/consent.h"
#include "core/talk/command_form.h"
#include "core/talk/command_run.h"
#include "core/talk/command_session.h"
#include "core/talk/party.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

/* Who is shown a form. */
enum party {
	ANYBODY,
	PARTIES,  /* users, and accounts that users show */
	ACCEPTED, /* users who have accepted the request of their bridge */
};

struct command {
	const char *node;
	enum text_id name;
	enum party party;
	/* Shows a form, or NULL: it runs at once. */
	bool (*ask)(struct talk *talk, struct said *s, const struct event *ev);
	void (*run)(struct talk *talk, const struct event *ev);
};

static const struct command commands[] = {
	{"enrol", TEXT_COMMAND_ENROL, ANYBODY, NULL, run_enrol},
	{"devices", TEXT_COMMAND_DEVICES, ANYBODY, NULL, run_devices},
	{"link", TEXT_COMMAND_LINK, ACCEPTED, form_link, run_link},
	{"edit", TEXT_COMMAND_EDIT, ACCEPTED, form_edit, run_edit},
	{"unlink", TEXT_COMMAND_UNLINK, PARTIES, form_unlink, run_unlink},
	{"leave", TEXT_COMMAND_LEAVE, PARTIES, form_leave, run_leave},
	{"confirm", TEXT_COMMAND_CONFIRM, ANYBODY, form_confirm, run_confirm},
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

size_t
command_list(const struct named **out)
{
	static struct named list[NCOMMANDS];
	size_t i;

	for (i = 0; i < NCOMMANDS; i++) {
		list[i].node = commands[i].node;
		list[i].name = commands[i].name;
	}
	*out = list;
	return NCOMMANDS;
}

static const struct command *
find(const char *node)
{
	size_t i;

	for (i = 0; node != NULL && i < NCOMMANDS; i++) {
		if (strcmp(commands[i].node, node) == 0)
			return &commands[i];
	}
	return NULL;
}

enum text_id
command_name(const char *node)
{
	const struct command *cmd = find(node);

	return cmd != NULL ? cmd->name : TEXT_NONE;
}

/* May the sender be shown the form of CMD?  If not, he is answered. */
static bool
may_begin(struct talk *talk, const struct event *ev, const struct command *cmd)
{
	switch (cmd->party) {
	case ACCEPTED:
		return party_accepted(talk, ev) != NULL;
	case PARTIES:
		return (!party_is_enrolled(talk, ev) && consent_shown_by(talk->consent, ev->from.bare, NULL, 0) > 0) ||
		    party_enrolled(talk, ev) != NULL;
	case ANYBODY:
		break;
	}
	return true;
}

/* Show the form, or run at once what needs none. */
static void
start(struct talk *talk, const struct event *ev, const struct command *cmd)
{
	struct event with = *ev;
	struct session *session;
	struct said *s;

	if (cmd->ask == NULL) {
		cmd->run(talk, ev);
		return;
	}
	if (!may_begin(talk, ev, cmd))
		return;
	/* Of who shows him already the next one is not taken for it: he sees whose it is. */
	if (cmd->ask == form_confirm &&
	    (consent_pending(talk->consent, ev->from.bare, NULL, 0) == 0 ||
		consent_shown_by(talk->consent, ev->from.bare, NULL, 0) <= 1)) {
		cmd->run(talk, ev);
		return;
	}
	session = session_begin(talk, ev, cmd->node);
	if (session == NULL) {
		say_error(talk->env, ev, ev->command.id, ERROR_WAIT, COND_RESOURCE_CONSTRAINT, APP_NONE,
		    TEXT_COMMAND_CROWDED);
		return;
	}
	with.command.sessionid = session_id(session);
	s = reply_answer(talk->env, &with, STATUS_EXECUTING);
	if (s != NULL && cmd->ask(talk, s, ev)) {
		session_shown(talk, session);
		return;
	}
	session_end(talk, session);
	if (s == NULL)
		return;
	s->act.reply.status = STATUS_COMPLETED;
	s->act.reply.note.id = TEXT_NO_DEVICE;
	s->act.reply.note_type = "info";
}

void
command_in(struct talk *talk, const struct event *ev)
{
	const struct command_event *e = &ev->command;
	const struct command *cmd = find(e->node);
	struct session *s;

	talk->env->stats.commands++;
	if (ev->from.bare == NULL || e->id == NULL)
		return;
	if (cmd == NULL || strcmp(ev->to.bare, talk->env->set.domain) != 0 || ev->to.resource != NULL) {
		say_error(talk->env, ev, e->id, ERROR_CANCEL, COND_ITEM_NOT_FOUND, APP_NONE, TEXT_NO_SUCH_COMMAND);
		return;
	}
	if (!e->set || e->action == COMMAND_OTHER) {
		say_error(talk->env, ev, e->id, ERROR_MODIFY, COND_BAD_REQUEST, APP_MALFORMED_ACTION,
		    TEXT_COMMAND_MALFORMED);
		return;
	}
	if (e->action == COMMAND_PREV) {
		say_error(talk->env, ev, e->id, ERROR_MODIFY, COND_BAD_REQUEST, APP_BAD_ACTION, TEXT_COMMAND_ONE_STEP);
		return;
	}
	if (consent_is_busy(talk->consent)) {
		say_error(talk->env, ev, e->id, ERROR_WAIT, COND_RESOURCE_CONSTRAINT, APP_NONE, TEXT_COMMAND_BUSY);
		return;
	}
	if (e->sessionid != NULL) {
		s = session_find(talk, ev, cmd->node);
		if (s == NULL) {
			say_error(talk->env, ev, e->id, ERROR_MODIFY, COND_BAD_REQUEST, APP_BAD_SESSIONID,
			    TEXT_COMMAND_ENDED);
			return;
		}
		if (e->action == COMMAND_CANCEL)
			reply_answer(talk->env, ev, STATUS_CANCELED);
		else
			cmd->run(talk, ev);
		session_end(talk, s);
		return;
	}
	if (e->action == COMMAND_CANCEL) {
		say_error(talk->env, ev, e->id, ERROR_MODIFY, COND_BAD_REQUEST, APP_BAD_SESSIONID,
		    TEXT_COMMAND_NO_CANCEL);
		return;
	}
	if (e->nfields > 0)
		cmd->run(talk, ev);
	else
		start(talk, ev, cmd);
}
