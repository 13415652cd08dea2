/*
 * People's commands and chats as they come over the stream: stanzas are read,
 * decoded, fed to the core; what it says is written and read back.  Each
 * request has one answer; a session is its owner's and ends; nobody changes
 * anything but her own; what we said, coming back, makes us say nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jid.h"
#include "base/limits.h"
#include "command_words.h"
#include "core_world.h"
#include "script.h"
#include "speak.h"
#include "wire/decode.h"

#define VERB 8 /* each is so many bytes */
#define VERBS_MAX 120
#define OPEN_MAX 64

#define COMMANDS "http://jabber.org/protocol/commands"
#define DATA "jabber:x:data"

struct request {
	char *id, *from;
	const char *session;	/* of a command that names one which is known: see struct session */
	bool command, lost;	/* lost: the stream was cut, there may be no answer */
	int known;		/* index in sessions, -1: not one of this sender and node */
	bool possible, certain; /* that one was open when it was sent */
};

struct session {
	char *id, *owner, *node;
	uint64_t ends;
	bool over, used;
	bool may_have_gone; /* to make room for another of the same account, or by an answer that is on its way */
};

static struct {
	struct parser *in;
	struct decoder *decoder;
	struct request open[OPEN_MAX];
	size_t nopen;
	struct session sessions[VERBS_MAX];
	size_t nsessions;
	unsigned next_id;
	char *cause;	  /* who made the core say what it says now */
	bool first_words; /* before anybody has answered to it */
	bool failed;	  /* the registry has: it is tried again at any time */
	unsigned said;	  /* stanzas since the last one that came */
	struct buf last;  /* what we said last */
	struct buf text;
} t;

static struct speaker speaker;

/* The answers */

static void
close_request(size_t i)
{
	free(t.open[i].id);
	free(t.open[i].from);
	t.open[i] = t.open[--t.nopen];
}

static void
session_began(const char *id, const char *owner, const char *node)
{
	struct session *s;
	size_t i;

	for (i = 0; i < t.nsessions; i++)
		CHECK(strcmp(t.sessions[i].id, id) != 0); /* never the same twice */
	CHECK(strlen(id) >= 26 && t.nsessions < VERBS_MAX);
	s = &t.sessions[t.nsessions++];
	memset(s, 0, sizeof(*s));
	s->id = copy(id);
	s->owner = copy(owner);
	s->node = copy(node);
	s->ends = w.now.mono_ms + SESSION_LIFE_MS;
}

static void
check_reply(const struct request *r, const struct action *act, const struct xml *x)
{
	const struct xml *command = xml_child(x, COMMANDS, "command"), *form;
	const char *status;
	struct session *s = r->known >= 0 ? &t.sessions[r->known] : NULL;

	CHECK(r->command && command != NULL && strcmp(xml_attr(x, "type"), "result") == 0);
	CHECK(same(xml_attr(command, "node"), act->reply.node));
	CHECK(same(xml_attr(command, "sessionid"), act->reply.sessionid));
	status = xml_attr(command, "status");
	CHECK(status != NULL);
	trace("    reply %s, session %s\n", status, act->reply.sessionid);
	form = xml_child(command, DATA, "x");
	CHECK((form != NULL) == (act->reply.form != NULL));
	if (strcmp(status, "executing") == 0) {
		CHECK(r->session == NULL && form != NULL);
		session_began(act->reply.sessionid, r->from, act->reply.node);
	} else if (r->session != NULL) {
		/* It was taken for a session: so it is one, of this sender, for this command, and not over, and once. */
		CHECK(s != NULL && r->possible && !s->used && strcmp(s->owner, r->from) == 0);
		s->over = s->used = true;
	}
}

static void
check_refusal(const struct request *r, const struct action *act)
{
	CHECK(act->error.app != APP_BAD_SESSIONID || !r->certain);
}

static void
check_row(const struct action *act)
{
	bool user = act->kind == ACTION_STORE_USER || act->kind == ACTION_DELETE_USER;
	const char *primary = user ? act->user.primary : act->device.primary;
	size_t row;

	if (!t.first_words || t.failed || t.cause == NULL)
		return;
	if (strcmp(primary, t.cause) == 0)
		return;
	/* That something is to go is noted of whom it went from. */
	if (act->kind == ACTION_STORE_USER && act->user.approved && !act->user.leaving)
		return;
	/* An account decides about itself, wherever it is a device; about nothing else. */
	CHECK(act->kind == ACTION_STORE_DEVICE);
	CHECK(strcmp(act->device.jid, t.cause) == 0 && act->device.resource == NULL);
	row = device_row(primary, act->device.id);
	CHECK(row < w.ndevices);
	CHECK(strcmp(w.devices[row].label, act->device.label) == 0);
	CHECK(w.devices[row].visibility == act->device.visibility);
}

static void
watch(const struct action *act, const struct xml *x)
{
	const char *type;
	struct buf to = {0};
	size_t i;

	if (act->kind >= ACTION_STORE_USER && act->kind <= ACTION_DELETE_DEVICE)
		check_row(act);
	if (!is_stanza(act))
		return;
	t.said++;
	if (x == NULL)
		return;
	buf_reset(&t.last);
	buf_put(&t.last, w.out.data, w.out.len);
	type = xml_attr(x, "type");
	if (strcmp(x->name, "iq") != 0 || (strcmp(type, "result") != 0 && strcmp(type, "error") != 0))
		return;
	if (strcmp(xml_attr(x, "id"), "scene") == 0)
		return;
	/* 5, the other way round: to somebody who asked, and once. */
	jid_put_full(&to, act->to.bare, act->to.resource);
	for (i = 0; i < t.nopen; i++) {
		if (strcmp(t.open[i].id, xml_attr(x, "id")) == 0)
			break;
	}
	CHECK(i < t.nopen && strcmp(t.open[i].from, to.data) == 0);
	buf_clear(&to);
	if (act->kind == ACTION_COMMAND_REPLY)
		check_reply(&t.open[i], act, x);
	else if (act->kind == ACTION_ERROR)
		check_refusal(&t.open[i], act);
	close_request(i);
}

/* The stanzas */

/* Mostly those who have something to do with each other. */
static const char *
who(unsigned n)
{
	static const uint8_t order[16] = {0, 0, 0, 0, 0, 3, 3, 3, 1, 1, 2, 4, 5, 6, 9, 10};

	return people[order[n % 16]];
}

/* The text goes in as the server would send it; CAUSE is who sent it. */
static void
receive(const char *cause)
{
	char *text = fuzz_copy(t.text.data, t.text.len);
	enum parser_item item;
	struct event ev;
	size_t used;
	int decoded;

	t.said = 0;
	if (parser_push(t.in, text, t.text.len, &used, &item) == 1) {
		CHECK(item == PARSER_ELEMENT && used == t.text.len);
		decoded = decode(t.decoder, parser_element(t.in), &ev);
		if (decoded != DECODED_NOTHING) {
			replace(&t.cause, cause);
			t.first_words = true;
			feed(&ev);
			if (!w.stalled)
				take_all();
			t.first_words = false;
			replace(&t.cause, NULL);
		}
	}
	free(text);
}

static void
stanza_begin(const char *name, const char *from, const char *resource, const char *to)
{
	struct buf full = {0};

	buf_reset(&t.text);
	jid_put_full(&full, from, resource);
	speak_open(&speaker, name, NULL);
	speak_attr(&speaker, "from", full.data);
	speak_attr(&speaker, "to", to);
	buf_clear(&full);
}

static struct request *
expect_answer(const char *from, const char *resource)
{
	struct request *r = &t.open[t.nopen++];
	struct buf b = {0};

	memset(r, 0, sizeof(*r));
	buf_printf(&b, "q%u", t.next_id++);
	r->id = copy(b.data);
	buf_reset(&b);
	jid_put_full(&b, from, resource);
	r->from = copy(b.data);
	r->known = -1;
	buf_clear(&b);
	return r;
}

/* This account starts another command, whose session may be one too many for it. */
static void
make_room(const char *account)
{
	size_t len = strlen(account), i, open = 0;

	for (i = 0; i < t.nsessions; i++)
		open += !t.sessions[i].over && strncmp(t.sessions[i].owner, account, len) == 0;
	/* One that has accepted nothing has one. */
	for (i = 0; open >= 1 && i < t.nsessions; i++)
		t.sessions[i].may_have_gone = t.sessions[i].may_have_gone ||
		    strncmp(t.sessions[i].owner, account, len) == 0;
}

/* One of those that there have been, the one at hand, or none at all. */
static const char *
choose_session(struct request *r, unsigned what, const char *node)
{
	struct session *s;
	size_t i;

	if (what % 4 == 0)
		return NULL;
	if (t.nsessions == 0 || what % 4 == 3)
		return r->session = "0123456789abcdefghijklmnop";
	i = what % 4 == 1 ? t.nsessions - 1 : what / 4 % t.nsessions;
	s = &t.sessions[i];
	if (s->ends <= w.now.mono_ms)
		s->over = true;
	if (strcmp(s->owner, r->from) == 0 && strcmp(s->node, node) == 0) {
		r->known = (int)i;
		r->possible = !s->over;
		r->certain = r->possible && !s->may_have_gone;
		s->may_have_gone = true;
	}
	return r->session = s->id;
}

static void
command(const uint8_t *v)
{
	const char *node = nodes[v[1] % COUNT(nodes)], *from = who(v[2]);
	const char *resource = resources[v[2] / 16 % COUNT(resources)], *session;
	struct request *r;
	static const char *const forms[] = {"submit", "submit", "submit", "cancel", "form", NULL};

	if (t.nopen == OPEN_MAX)
		return;
	r = expect_answer(from, resource);
	r->command = true;
	stanza_begin("iq", from, resource, v[3] >= 240 ? ours[0] : DOMAIN);
	speak_attr(&speaker, "type", v[3] / 8 % 8 == 7 ? "get" : "set");
	speak_attr(&speaker, "id", r->id);
	speak_open(&speaker, "command", COMMANDS);
	speak_attr(&speaker, "node", node);
	speak_attr(&speaker, "action", actions[v[3] % COUNT(actions)]);
	session = choose_session(r, v[4], node);
	trace("command %s, action %s, session %s, known %d\n", node, or_none(actions[v[3] % COUNT(actions)]),
	    or_none(session), r->known);
	speak_attr(&speaker, "sessionid", session);
	if (session == NULL)
		make_room(from);
	if (v[5] % 4 != 0) {
		speak_open(&speaker, "x", DATA);
		speak_attr(&speaker, "type", forms[v[4] / 16 % COUNT(forms)]);
		command_say_fields(&speaker, w.device_id, v + 5);
		speak_close(&speaker);
	}
	speak_close(&speaker);
	speak_close(&speaker);
	receive(from);
}

static void
chat(const uint8_t *v)
{
	const char *from = who(v[1]);

	stanza_begin("message", from, resources[v[2] % COUNT(resources)], ours[v[3] % COUNT(ours)]);
	speak_attr(&speaker, "type", types[v[4] % COUNT(types)]);
	speak_attr(&speaker, "id", "m");
	if (v[5] >= 128)
		speak_leaf(&speaker, "body", "jabber:client", "yes");
	if (v[5] % 4 != 3)
		speak_leaf(&speaker, "body", NULL, bodies[v[6] % COUNT(bodies)]);
	if (v[5] % 4 == 2)
		speak_leaf(&speaker, "body", NULL, "yes");
	speak_close(&speaker);
	receive(from);
}

static void
presence(const uint8_t *v)
{
	static const char *const kinds[] = { NULL, "unavailable", "subscribe", "subscribed", "unsubscribe",
		"unsubscribed", "probe", "error", "invisible" };
	static const char *const shows[] = {NULL, "away", "dnd", "chat", "xa", "", "AWAY"};
	static const char *const priorities[] = {NULL, "0", " -128 ", "999999", "1a"};
	const char *from = who(v[1]);

	stanza_begin("presence", from, resources[v[2] % COUNT(resources)], ours[v[3] % COUNT(ours)]);
	speak_attr(&speaker, "type", kinds[v[4] % COUNT(kinds)]);
	if (shows[v[5] % COUNT(shows)] != NULL)
		speak_leaf(&speaker, "show", NULL, shows[v[5] % COUNT(shows)]);
	if (v[6] % 4 == 1)
		speak_leaf(&speaker, "status", NULL, values[v[7] % 13]);
	if (priorities[v[6] / 4 % COUNT(priorities)] != NULL)
		speak_leaf(&speaker, "priority", NULL, priorities[v[6] / 4 % COUNT(priorities)]);
	speak_close(&speaker);
	receive(from);
}

static void
request(const uint8_t *v)
{
	static const char *const children[][2] = { {"query", "http://jabber.org/protocol/disco#info"},
		{"query", "http://jabber.org/protocol/disco#items"}, {"query", "jabber:iq:version"},
		{"ping", "urn:xmpp:ping"}, {"time", "urn:xmpp:time"}, {"query", "jabber:iq:last"},
		{"query", "jabber:iq:register"}, {"vCard", "vcard-temp"}, {"query", "jabber:iq:roster"},
		{"command", COMMANDS} };
	const char *from = who(v[1]), *resource = resources[v[2] % COUNT(resources)];
	const char *to = ours[v[3] % COUNT(ours)];
	size_t which = v[4] % COUNT(children);
	struct request *r;

	/* To somebody else's domain it is nobody's request. */
	if (t.nopen == OPEN_MAX || strcmp(jid_domain(to), DOMAIN) != 0)
		return;
	r = expect_answer(from, resource);
	r->command = which == 9;
	stanza_begin("iq", from, resource, to);
	speak_attr(&speaker, "type", v[5] % 4 == 3 ? "set" : "get");
	speak_attr(&speaker, "id", r->id);
	speak_open(&speaker, children[which][0], children[which][1]);
	if (v[5] >= 64)
		speak_attr(&speaker, "node", v[5] >= 128 ? values[v[6] % 13] : nodes[v[6] % COUNT(nodes)]);
	speak_close(&speaker);
	if (v[7] % 8 == 7)
		speak_leaf(&speaker, "x", "urn:x", NULL);
	speak_close(&speaker);
	/* A push is answered only to whom it may come from. */
	r->lost = which == 8 && v[5] % 4 == 3;
	receive(from);
}

/* The value of an attribute of what we said last, as it is written there; free(3) it. */
static char *
last_attr(const char *name)
{
	char look_for[16], *value;
	const char *at;
	size_t len;

	snprintf(look_for, sizeof(look_for), " %s='", name);
	at = strstr(t.last.data, look_for);
	if (at == NULL)
		return NULL;
	at += strlen(look_for);
	len = strcspn(at, "'");
	value = malloc(len + 1);
	CHECK(value != NULL);
	memcpy(value, at, len);
	value[len] = '\0';
	return value;
}

/* 12: what we said comes back, as it was or as an error from where it went, and we have nothing to say to that. */
static void
echo(const uint8_t *v)
{
	char *from, *to, *id, *type;
	bool request;

	if (t.last.len == 0)
		return;
	from = last_attr("from");
	to = last_attr("to");
	id = last_attr("id");
	type = last_attr("type");
	request = t.last.data[1] == 'i' && type != NULL && (strcmp(type, "get") == 0 || strcmp(type, "set") == 0);
	buf_reset(&t.text);
	if (v[1] % 2 == 0)
		buf_put(&t.text, t.last.data, t.last.len);
	else
		buf_printf(&t.text,
		    "<%.*s from='%s' to='%s' id='%s' type='error'><error type='cancel'><service-unavailable "
		    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></%.*s>",
		    (int)strcspn(t.last.data + 1, " "), t.last.data + 1, to, from, id != NULL ? id : "",
		    (int)strcspn(t.last.data + 1, " "), t.last.data + 1);
	/* A request of ours that comes back is one to be answered, or its own answer. */
	if (!request) {
		receive(NULL);
		CHECK(t.said == 0);
	}
	free(from);
	free(to);
	free(id);
	free(type);
}

static void
time_goes_by(const uint8_t *v)
{
	static const uint32_t spans[] = {1, 250, 1000, 5000, 30000, 60000, 600000};

	pass(spans[v[1] % COUNT(spans)]);
}

static void
cut_link(void)
{
	size_t i;

	for (i = 0; i < t.nopen; i++)
		t.open[i].lost = true;
	link_change(false);
	parser_free(t.in);
	t.in = sent_parser();
}

static void
verb(const uint8_t *v)
{
	struct input manner = input_of(v, VERB);

	/* With attributes that only look like those that count, and references. */
	speaker = (struct speaker){.out = &t.text, .in = &manner, .noise = v[0] >= 128};
	switch (v[0] % 16) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
		command(v);
		break;
	case 5:
	case 6:
		chat(v);
		break;
	case 7:
		presence(v);
		break;
	case 8:
		request(v);
		break;
	case 9:
		echo(v);
		break;
	case 10:
		time_goes_by(v);
		break;
	case 11:
		w.registry = (enum registry_mode)(v[1] % REGISTRY_MODES);
		t.failed = t.failed || w.registry == REGISTRY_FAILS;
		break;
	case 12:
		t.failed = t.failed || v[2] >= 128;
		registry_answers(v[1] % 8, v[2] >= 128);
		break;
	case 13:
		w.server = (enum server_mode)(v[1] % SERVER_MODES);
		w.narrowed = false;
		break;
	case 14:
		if (v[1] % 4 == 0)
			cut_link();
		else
			link_change(true);
		break;
	default:
		scene();
	}
}

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	world_begin();
	w.watch = watch;
	t.in = sent_parser();
	t.decoder = decoder_new();
	CHECK(t.decoder != NULL);
	link_change(true);
}

static void
end(void)
{
	size_t i;

	/* All that was asked is answered, when the registry has answered. */
	w.registry = REGISTRY_WORKS;
	while (w.npending > 0)
		registry_answers(w.npending, false);
	settle();
	for (i = 0; i < t.nopen; i++)
		CHECK(t.open[i].lost);
	while (t.nopen > 0)
		close_request(0);
	for (i = 0; i < t.nsessions; i++) {
		free(t.sessions[i].id);
		free(t.sessions[i].owner);
		free(t.sessions[i].node);
	}
	free(t.cause);
	buf_clear(&t.last);
	buf_clear(&t.text);
	decoder_free(t.decoder);
	parser_free(t.in);
	world_end();
}

static size_t
length(const uint8_t *data, size_t size)
{
	(void)data;
	return size < VERB ? size : VERB;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return script_mutate(length, data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed)
{
	return script_cross(length, a, alen, b, blen, out, max, seed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	unsigned verbs = 0, i;
	uint8_t v[VERB];

	begin();
	while (!input_ended(&in) && verbs++ < VERBS_MAX) {
		for (i = 0; i < VERB; i++)
			v[i] = (uint8_t)input_byte(&in);
		verb(v);
		settle();
	}
	end();
	return 0;
}
