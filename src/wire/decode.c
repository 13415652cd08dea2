#include "wire/decode.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "wire/datetime.h"
#include "wire/decode_answer.h"
#include "wire/decode_part.h"
#include "wire/decode_privilege.h"
#include "wire/decode_request.h"
#include "wire/ns.h"
#include "wire/words.h"

struct decoder *
decoder_new(void)
{
	struct decoder *d = mem_alloc(sizeof(*d));

	if (d != NULL)
		d->arena.max = SCRATCH_BYTES_MAX;
	return d;
}

void
decoder_free(struct decoder *d)
{
	if (d == NULL)
		return;
	arena_clear(&d->arena);
	mem_free(d);
}

static int
address(struct jid *jid, const char *s, struct address *out)
{
	int status;

	if (s == NULL)
		return ERR_INVALID;
	status = jid_parse(jid, s, strlen(s));
	if (status != 0)
		return status;
	out->bare = jid->text;
	out->resource = jid->resource;
	return 0;
}

#define BLANKS " \t\r\n"

/* A word with blanks around it, as some clients write it; what is none means nothing. */
static enum show
show(const char *s)
{
	char word[8];
	enum show found;
	size_t len;

	if (s == NULL)
		return SHOW_NONE;
	s += strspn(s, BLANKS);
	len = strcspn(s, BLANKS);
	if (len >= sizeof(word) || s[len + strspn(s + len, BLANKS)] != '\0')
		return SHOW_NONE;
	memcpy(word, s, len);
	word[len] = '\0';
	return show_parse(word, &found) ? found : SHOW_NONE;
}

/* A number with blanks around it, clamped (RFC 6121, section 4.7.2.3); 0 for what is none. */
static int
priority(const char *s)
{
	bool negative = false;
	int n = 0;

	if (s == NULL)
		return 0;
	s += strspn(s, BLANKS);
	if (*s == '-' || *s == '+')
		negative = *s++ == '-';
	if (*s < '0' || *s > '9')
		return 0;
	for (; *s >= '0' && *s <= '9'; s++)
		if (n < 1000)
			n = n * 10 + (*s - '0');
	s += strspn(s, BLANKS);
	if (*s != '\0')
		return 0;
	if (negative)
		return n > 128 ? -128 : -n;
	return n > 127 ? 127 : n;
}

static bool
is_tag_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/* S as a language tag, or NULL for what can't be one. */
static const char *
language(const char *s)
{
	size_t i;

	if (s == NULL || *s == '\0')
		return NULL;
	for (i = 0; s[i] != '\0'; i++)
		if (i == LANG_BYTES_MAX || !is_tag_char(s[i]))
			return NULL;
	return s;
}

/* The text itself if it is short enough, otherwise a copy cut between two characters. */
static const char *
status_text(struct decoder *d, const struct xml *status)
{
	size_t len = STATUS_BYTES_MAX;

	if (status == NULL || status->textlen == 0)
		return NULL;
	if (status->textlen <= STATUS_BYTES_MAX)
		return status->text;
	while (len > 0 && ((unsigned char)status->text[len] & 0xc0) == 0x80)
		len--;
	memcpy(d->status, status->text, len);
	d->status[len] = '\0';
	return d->status;
}

static bool
presence_type(const char *s, enum presence_type *out)
{
	static const struct {
		const char *name;
		enum presence_type type;
	} types[] = {
		{"unavailable", PRESENCE_UNAVAILABLE},
		{"probe", PRESENCE_PROBE},
		{"subscribe", PRESENCE_SUBSCRIBE},
		{"subscribed", PRESENCE_SUBSCRIBED},
		{"unsubscribe", PRESENCE_UNSUBSCRIBE},
		{"unsubscribed", PRESENCE_UNSUBSCRIBED},
		{"error", PRESENCE_ERROR},
	};
	size_t i;

	if (s == NULL) {
		*out = PRESENCE_AVAILABLE;
		return true;
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(s, types[i].name) == 0) {
			*out = types[i].type;
			return true;
		}
	}
	return false;
}

static int
decode_presence(struct decoder *d, const struct xml *x, struct event *ev)
{
	struct presence_event *p = &ev->presence;
	const struct xml *status;
	const char *since;

	memset(p, 0, sizeof(*p));
	ev->kind = EVENT_PRESENCE;
	if (!presence_type(xml_attr(x, "type"), &p->type))
		return DECODED_NOTHING;
	if (p->type == PRESENCE_ERROR) {
		p->error = decode_error(x, NULL, NULL);
		return DECODED_EVENT;
	}
	if (p->type == PRESENCE_AVAILABLE)
		p->id = xml_attr(x, "id");
	if (x->child == NULL)
		return DECODED_EVENT;
	status = xml_child(x, x->ns, "status");
	p->status = status_text(d, status);
	if (p->status != NULL) {
		p->lang = language(xml_lang(status));
		if (p->lang == NULL && xml_lang(status) == NULL)
			p->lang = language(xml_lang(x));
	}
	if (p->type == PRESENCE_AVAILABLE) {
		p->show = show(xml_child_text(x, x->ns, "show"));
		p->priority = priority(xml_child_text(x, x->ns, "priority"));
		since = xml_attr(xml_child(x, NS_IDLE, "idle"), "since");
		if (!datetime_parse(since, &p->idle_since_ms) || p->idle_since_ms < 0)
			p->idle_since_ms = 0;
	}
	return DECODED_EVENT;
}

static int
decode_message(struct decoder *d, const struct xml *x, struct event *ev)
{
	struct message_event *m = &ev->message;
	const char *type = xml_attr(x, "type");
	bool error = type != NULL && strcmp(type, "error") == 0;
	const struct xml *privilege;
	int version;

	if (!error && jid_is_domain(&d->from)) {
		privilege = decode_privilege(x, &version);
		if (privilege != NULL) {
			if (xml_child(privilege, NS_FORWARD, "forwarded") != NULL)
				return DECODED_NOTHING;
			ev->kind = EVENT_GRANT;
			decode_grant(privilege, version, &ev->grant);
			return DECODED_EVENT;
		}
	}
	/* Of a domain to itself: whether it is ours the core knows. */
	if (type != NULL && strcmp(type, "headline") == 0 && jid_is_domain(&d->from) && d->to.resource != NULL &&
	    strcmp(ev->from.bare, ev->to.bare) == 0) {
		ev->kind = EVENT_HEADLINE;
		return DECODED_EVENT;
	}
	memset(m, 0, sizeof(*m));
	ev->kind = EVENT_MESSAGE;
	m->word = words_read(xml_child_text(x, x->ns, "body"));
	m->error = error && !jid_is_domain(&d->from);
	if (m->word == WORD_NONE && !m->error)
		return DECODED_NOTHING;
	m->id = xml_attr(x, "id");
	/* An unknown type is to be taken as normal (RFC 6121, section 5.2.2). */
	m->chat = !error && (type == NULL || (strcmp(type, "groupchat") != 0 && strcmp(type, "headline") != 0));
	return DECODED_EVENT;
}

static int
decode_iq(struct decoder *d, const struct xml *x, struct event *ev)
{
	const char *type = xml_attr(x, "type");
	const char *id = xml_attr(x, "id");
	const struct xml *privilege, *inner;
	const char *inner_type;
	int version;

	/* Without an id there is neither an answer to give nor one to match. */
	if (type == NULL || id == NULL || strlen(id) > ECHO_BYTES_MAX)
		return DECODED_NOTHING;
	privilege = decode_privilege(x, &version);
	if (strcmp(type, "result") == 0 || strcmp(type, "error") == 0)
		return decode_answer(d, x, privilege, ev);
	if (strcmp(type, "get") != 0 && strcmp(type, "set") != 0)
		return DECODED_NOTHING;
	/* ejabberd 24.10 to 24.12 hands a privileged request back instead of executing it. */
	inner = decode_forwarded(privilege, "iq");
	inner_type = xml_attr(inner, "type");
	if (inner_type != NULL && (strcmp(inner_type, "get") == 0 || strcmp(inner_type, "set") == 0))
		return decode_answer(d, x, privilege, ev);
	return decode_request(d, x, ev);
}

static int
read_stanza(struct decoder *d, const struct xml *stanza, struct event *ev)
{
	int status;

	arena_reset(&d->arena);
	if (strcmp(stanza->ns, NS_COMPONENT) != 0)
		return DECODED_NOTHING;
	status = address(&d->from, xml_attr(stanza, "from"), &ev->from);
	if (status == 0)
		status = address(&d->to, xml_attr(stanza, "to"), &ev->to);
	if (status != 0)
		return status == ERR_NOMEM ? status : DECODED_NOTHING;
	if (strcmp(stanza->name, "presence") == 0)
		return decode_presence(d, stanza, ev);
	if (strcmp(stanza->name, "iq") == 0)
		return decode_iq(d, stanza, ev);
	if (strcmp(stanza->name, "message") == 0)
		return decode_message(d, stanza, ev);
	return DECODED_NOTHING;
}

int
decode(struct decoder *d, const struct xml *stanza, struct event *ev)
{
	d->sparing = false;
	return read_stanza(d, stanza, ev);
}

int
decode_head(struct decoder *d, const struct xml *stanza, struct event *ev, bool *more)
{
	int status;

	d->sparing = true;
	d->left = false;
	status = read_stanza(d, stanza, ev);
	*more = status == DECODED_EVENT && d->left;
	return status;
}

/* Half of anything else would be something that nobody said. */
static bool
is_answer(const struct xml *stanza)
{
	const char *type = xml_is(stanza, NS_COMPONENT, "iq") ? xml_attr(stanza, "type") : NULL;

	return type != NULL && (strcmp(type, "result") == 0 || strcmp(type, "error") == 0);
}

int
decode_beginning(struct decoder *d, const struct xml *beginning, struct event *ev)
{
	bool more;
	int status = is_answer(beginning) ? decode_head(d, beginning, ev, &more) : DECODED_NOTHING;

	if (status == DECODED_EVENT)
		decode_too_large(&ev->answer);
	return status;
}

int
decode_portion(struct decoder *d, const struct xml *portion, bool last, struct event *ev)
{
	int status = is_answer(portion) ? decode(d, portion, ev) : DECODED_NOTHING;

	if (status == DECODED_EVENT && ev->answer.extent == EXTENT_WHOLE)
		ev->answer.extent = last ? EXTENT_LAST : EXTENT_PORTION;
	return status;
}
