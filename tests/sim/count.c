/* What is seen of the core, counted for the coverage of its decisions (cover.c). */
#include <string.h>

#include "cover.h"
#include "sim.h"

/* The rows of COVER_STANZA, in its order. */
enum stanza_row {
	ROW_SUBSCRIBE, /* and the others of enum presence_type up to the probe */
	ROW_MESSAGE = ROW_SUBSCRIBE + 5,
	ROW_EVENT, /* six of them */
	ROW_ANSWER = ROW_EVENT + 6,
	ROW_ERROR = ROW_ANSWER + 6,
	ROW_RECONNECT,
	ROW_DRAINED,
	ROW_HEADLINE
};

static void
count_iq(const struct action *act)
{
	static const char *const kinds[] = { [ACTION_PUBLISH] = "publish",
		[ACTION_CREATE] = "create",
		[ACTION_CONFIG_GET] = "config-get",
		[ACTION_CONFIG_SET] = "config-set",
		[ACTION_RETRACT] = "retract",
		[ACTION_AFFILIATE] = "affiliate",
		[ACTION_UNSUBSCRIBE] = "unsubscribe" };
	char row[40];

	strcpy(row, kinds[act->kind]);
	strcat(row, node_of(act->node) == NODE_PUBLIC ? " public" : " private");
	cover_name(COVER_WAY, row, (int)act->way);
}

static int
reply_column(const struct action *act)
{
	if (act->reply.status == STATUS_EXECUTING)
		return 0;
	if (act->reply.status == STATUS_CANCELED)
		return 4;
	if (act->reply.note_type == NULL || strcmp(act->reply.note_type, "info") == 0)
		return 1;
	return strcmp(act->reply.note_type, "warn") == 0 ? 2 : 3;
}

static void
count_log(const struct log_line *log)
{
	static const enum text_id reasons[] = { TEXT_BLOCKED_PRIVILEGE, TEXT_BLOCKED_GRANT, TEXT_BLOCKED_ACCESS,
		TEXT_BLOCKED_REFUSED, TEXT_BLOCKED_BIG, TEXT_BLOCKED_UNREAD };
	size_t i;
	int k;

	cover_name(COVER_LOG, log->event, 0);
	for (i = 0; strcmp(log->event, "user.blocked") == 0 && i < log->nfields; i++) {
		for (k = 0; k < 6; k++) {
			if (log->fields[i].text == reasons[k])
				cover(COVER_BLOCKED, k, 0);
		}
	}
}

void
count_action(const struct action *act)
{
	bool own;

	switch (act->kind) {
	case ACTION_PRESENCE:
		if (act->presence.type >= PRESENCE_SUBSCRIBE && act->presence.type <= PRESENCE_PROBE)
			cover(COVER_STANZA, ROW_SUBSCRIBE + (int)(act->presence.type - PRESENCE_SUBSCRIBE), 0);
		break;
	case ACTION_MESSAGE:
		cover(COVER_STANZA, ROW_MESSAGE, 0);
		break;
	case ACTION_HEADLINE:
		cover(COVER_STANZA, ROW_HEADLINE, 0);
		break;
	case ACTION_PUBLISH:
	case ACTION_CREATE:
	case ACTION_CONFIG_GET:
	case ACTION_CONFIG_SET:
	case ACTION_RETRACT:
	case ACTION_AFFILIATE:
	case ACTION_UNSUBSCRIBE:
		count_iq(act);
		break;
	case ACTION_EVENT:
		own = same_text(act->to.bare, act->owner);
		cover(COVER_STANZA,
		    ROW_EVENT + (node_of(act->node) == NODE_PRIVATE ? 4 : 2 * own) + (act->to.resource != NULL), 0);
		break;
	case ACTION_COMMAND_REPLY:
		cover_name(COVER_COMMAND, act->reply.node, reply_column(act));
		break;
	case ACTION_ANSWER:
		cover(COVER_STANZA, ROW_ANSWER + (int)act->answer.kind, 0);
		break;
	case ACTION_ERROR:
		cover(COVER_STANZA, ROW_ERROR, 0);
		break;
	case ACTION_RECONNECT:
		cover(COVER_STANZA, ROW_RECONNECT, 0);
		break;
	case ACTION_DRAINED:
		cover(COVER_STANZA, ROW_DRAINED, 0);
		break;
	case ACTION_LOG:
		count_log(&act->log);
		break;
	case ACTION_STORE_USER:
	case ACTION_NOTE_PUBLISHED:
		cover(COVER_SETUP, (int)act->user.setup[NODE_PUBLIC], NODE_PUBLIC);
		cover(COVER_SETUP, (int)act->user.setup[NODE_PRIVATE], NODE_PRIVATE);
		break;
	default:
		break;
	}
}

/* OUTCOME: 0 result, 1 error, 2 echo, 3 none, 4 a result in portions, 5 too large. */
void
count_outcome(enum action_kind kind, int outcome)
{
	static const char *const kinds[] = { [ACTION_ROSTER_GET] = "roster-get",
		[ACTION_BLOCKLIST_GET] = "blocklist-get",
		[ACTION_PUBLISH] = "publish",
		[ACTION_CREATE] = "create",
		[ACTION_CONFIG_GET] = "config-get",
		[ACTION_CONFIG_SET] = "config-set",
		[ACTION_RETRACT] = "retract",
		[ACTION_AFFILIATE] = "affiliate",
		[ACTION_UNSUBSCRIBE] = "unsubscribe",
		[ACTION_PING] = "ping",
		[ACTION_INFO_GET] = "info-get" };

	cover_name(COVER_IQ, kinds[kind], outcome);
}

static int
state_of(const struct device_record *r)
{
	if (r == NULL)
		return 0;
	switch (r->state) {
	case LINK_REQUESTED:
		return r->approved ? 2 : r->confirmed ? 3 : 1;
	case LINK_ACTIVE:
		return 4;
	case LINK_REFUSED:
		return 5;
	case LINK_REVOKED:
		break;
	}
	return 6;
}

void
count_row(const struct device_record *before, const struct device_record *after)
{
	int from = state_of(before), to = after != NULL ? state_of(after) - 1 : 6;

	if (from != to + 1)
		cover(COVER_LINK, from, to);
}
