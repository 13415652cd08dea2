#include "wire/encode.h"

#include "base/err.h"
#include "base/limits.h"
#include "wire/encode_answer.h"
#include "wire/encode_command.h"
#include "wire/encode_frame.h"
#include "wire/encode_pubsub.h"
#include "wire/ns.h"

static const char *const presence_names[] = {
	[PRESENCE_AVAILABLE] = NULL,
	[PRESENCE_UNAVAILABLE] = "unavailable",
	[PRESENCE_SUBSCRIBE] = "subscribe",
	[PRESENCE_SUBSCRIBED] = "subscribed",
	[PRESENCE_UNSUBSCRIBE] = "unsubscribe",
	[PRESENCE_UNSUBSCRIBED] = "unsubscribed",
	[PRESENCE_PROBE] = "probe",
	[PRESENCE_ERROR] = "error",
};

static int
presence(struct encoding *e)
{
	const struct action *act = e->act;

	if (act->presence.type == PRESENCE_ERROR)
		return ERR_INVALID;
	write_open(&e->w, "presence");
	write_attr(&e->w, "type", presence_names[act->presence.type]);
	write_attr(&e->w, "id", act->id);
	if (encode_addresses(e, &act->to) != 0)
		return ERR_INVALID;
	if (act->presence.show != SHOW_NONE && act->presence.type == PRESENCE_AVAILABLE)
		write_element(&e->w, "show", show_name(act->presence.show));
	write_element(&e->w, "status", encode_text(e, &act->presence.status));
	if (act->presence.nick.id != TEXT_NONE) {
		write_open_ns(&e->w, "nick", NS_NICK);
		write_text(&e->w, encode_text(e, &act->presence.nick));
	}
	encode_end(e);
	return 0;
}

static int
message(struct encoding *e)
{
	if (e->act->text.id == TEXT_NONE)
		return ERR_INVALID;
	write_open(&e->w, "message");
	write_attr(&e->w, "type", "chat");
	write_attr(&e->w, "id", e->act->id);
	if (encode_addresses(e, &e->act->to) != 0)
		return ERR_INVALID;
	write_element(&e->w, "body", encode_text(e, &e->act->text));
	encode_end(e);
	return 0;
}

/* Nothing but its address matters. */
static int
headline(struct encoding *e)
{
	if (e->act->to.resource == NULL)
		return ERR_INVALID;
	write_open(&e->w, "message");
	write_attr(&e->w, "type", "headline");
	if (encode_addresses(e, &e->act->to) != 0)
		return ERR_INVALID;
	encode_end(e);
	return 0;
}

/* An IQ get whose only child is the empty NAME of NS. */
static int
get(struct encoding *e, int opened, const char *name, const char *ns)
{
	if (opened != 0)
		return opened;
	write_open_ns(&e->w, name, ns);
	encode_end(e);
	return 0;
}

static int
stanza(struct encoding *e)
{
	switch (e->act->kind) {
	case ACTION_PRESENCE:
		return presence(e);
	case ACTION_MESSAGE:
		return message(e);
	case ACTION_HEADLINE:
		return headline(e);
	case ACTION_ROSTER_GET:
		return get(e, encode_iq(e, "get"), "query", NS_ROSTER);
	case ACTION_BLOCKLIST_GET:
		return get(e, encode_pep(e, "get"), "blocklist", NS_BLOCKING);
	case ACTION_PUBLISH:
		return encode_publish(e);
	case ACTION_CREATE:
		return encode_create(e);
	case ACTION_CONFIG_GET:
		return encode_config_get(e);
	case ACTION_CONFIG_SET:
		return encode_config_set(e);
	case ACTION_RETRACT:
		return encode_retract(e);
	case ACTION_AFFILIATE:
		return encode_affiliate(e);
	case ACTION_UNSUBSCRIBE:
		return encode_unsubscribe(e);
	case ACTION_PING:
		return get(e, encode_iq(e, "get"), "ping", NS_PING);
	case ACTION_INFO_GET:
		return get(e, encode_iq(e, "get"), "query", NS_DISCO_INFO);
	case ACTION_EVENT:
		return encode_event(e);
	case ACTION_COMMAND_REPLY:
		return encode_command_reply(e);
	case ACTION_ANSWER:
		return encode_request_answer(e);
	case ACTION_ERROR:
		return encode_error(e);
	case ACTION_STORE_USER:
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_USER:
	case ACTION_DELETE_DEVICE:
	case ACTION_NOTE_PUBLISHED:
	case ACTION_RECONNECT:
	case ACTION_LOG:
	case ACTION_DRAINED:
		break;
	}
	return ERR_INVALID;
}

int
encode(const struct encode_identity *id, const struct action *act, struct buf *out)
{
	struct encoding e = {.id = id, .act = act};
	size_t start = out->len;
	int invalid, status;

	writer_init(&e.w, out);
	invalid = stanza(&e);
	/* An invalid action has left something open, or nothing written: the writer undoes it. */
	status = writer_end(&e.w);
	if (status == 0)
		status = invalid;
	if (status == 0 && (e.text.failed || out->len - start > STANZA_OUT_MAX)) {
		out->len = start;
		out->data[start] = '\0';
		status = e.text.failed ? ERR_NOMEM : ERR_LIMIT;
	}
	buf_clear(&e.text);
	return status;
}
