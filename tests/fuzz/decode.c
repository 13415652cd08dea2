/* Stanzas of any kind to events: what the core takes for granted of them holds. */
#include "wire/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/limits.h"
#include "fuzz.h"
#include "markup.h"
#include "wire/parse.h"

#define HEADER "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='1'>"

static size_t touched;

/* Read all of S, which may be NULL. */
static void
touch(const char *s)
{
	if (s != NULL)
		touched += strlen(s);
}

static void
check_address(const struct address *a)
{
	struct jid j;

	CHECK(a->bare != NULL);
	CHECK(jid_parse(&j, a->bare, strlen(a->bare)) == 0);
	CHECK(j.resource == NULL && strcmp(j.text, a->bare) == 0);
	CHECK(a->resource == NULL || *a->resource != '\0');
}

static void
check_presence(const struct presence_event *p)
{
	CHECK(p->type <= PRESENCE_ERROR && p->show <= SHOW_DND);
	CHECK(p->priority >= -128 && p->priority <= 127);
	if (p->status != NULL) {
		const unsigned char *s = (const unsigned char *)p->status;
		size_t len = strlen(p->status), i, n;
		uint32_t cp;

		CHECK(len <= STATUS_BYTES_MAX);
		for (i = 0; i < len; i += n) {
			n = fuzz_utf8(s + i, len - i, &cp);
			CHECK(n > 0);
		}
	} else {
		CHECK(p->lang == NULL);
	}
	CHECK(p->lang == NULL || (*p->lang != '\0' && strlen(p->lang) <= LANG_BYTES_MAX));
	CHECK((p->type == PRESENCE_ERROR) == (p->error != COND_NONE));
}

static void
check_roster(const struct roster_event *r)
{
	size_t i, k;

	for (i = 0; i < r->nitems; i++) {
		struct address a = {r->items[i].jid, NULL};

		check_address(&a);
		touch(r->items[i].name);
		CHECK(r->items[i].subscription <= SUBSCRIPTION_BOTH);
		for (k = 0; k < r->items[i].ngroups; k++) {
			CHECK(r->items[i].groups[k] != NULL);
			touch(r->items[i].groups[k]);
		}
	}
}

static void
check_blocklist(const struct blocklist_event *b)
{
	size_t i;

	for (i = 0; i < b->nitems; i++) {
		CHECK(b->items[i].bare != NULL);
		check_address(&b->items[i]);
	}
}

static void
check_answer(const struct answer_event *a)
{
	CHECK(a->id != NULL && strlen(a->id) <= ECHO_BYTES_MAX);
	CHECK(a->ok == (a->error == COND_NONE));
	CHECK(a->extent <= EXTENT_TOO_LARGE);
	CHECK(a->extent != EXTENT_TOO_LARGE || (!a->ok && a->roster.nitems == 0 && a->text == NULL));
	CHECK(a->ok || a->payload == PAYLOAD_NONE || a->extent == EXTENT_TOO_LARGE);
	CHECK(!a->ok || a->app == APP_NONE);
	CHECK(a->wrapped || (a->inner_id == NULL && a->inner_from == NULL));
	touch(a->text);
	touch(a->inner_id);
	touch(a->inner_from);
	touch(a->category);
	touch(a->type);
	touch(a->name);
	CHECK(a->roster.nitems == 0 || a->payload == PAYLOAD_ROSTER);
	check_roster(&a->roster);
	CHECK(a->blocklist.nitems == 0 || a->payload == PAYLOAD_BLOCKLIST);
	check_blocklist(&a->blocklist);
}

static void
check_command(const struct command_event *c)
{
	size_t i;

	CHECK(c->id != NULL && strlen(c->id) <= ECHO_BYTES_MAX);
	CHECK(c->node != NULL && strlen(c->node) <= ECHO_BYTES_MAX);
	CHECK(c->sessionid == NULL || strlen(c->sessionid) <= ECHO_BYTES_MAX);
	CHECK(c->action <= COMMAND_OTHER && c->nfields <= FORM_FIELDS_MAX);
	for (i = 0; i < c->nfields; i++) {
		CHECK(c->fields[i].var != NULL && strlen(c->fields[i].var) <= ECHO_BYTES_MAX);
		CHECK(c->fields[i].value != NULL && strlen(c->fields[i].value) <= FORM_VALUE_BYTES_MAX);
	}
}

static void
check_event(const struct event *ev, int decoded)
{
	check_address(&ev->from);
	check_address(&ev->to);
	switch (ev->kind) {
	case EVENT_PRESENCE:
		check_presence(&ev->presence);
		break;
	case EVENT_GRANT:
		CHECK(ev->from.resource == NULL && strchr(ev->from.bare, '@') == NULL);
		CHECK(ev->grant.version == 1 || ev->grant.version == 2);
		CHECK((ev->grant.roster | ev->grant.iq_pubsub | ev->grant.iq_owner | ev->grant.iq_blocking) <=
		    (MAY_GET | MAY_SET));
		CHECK(ev->grant.presence || !ev->grant.presence_roster);
		break;
	case EVENT_ANSWER:
		check_answer(&ev->answer);
		break;
	case EVENT_ROSTER_PUSH:
		CHECK(ev->roster.id != NULL && strlen(ev->roster.id) <= ECHO_BYTES_MAX);
		check_roster(&ev->roster);
		break;
	case EVENT_MESSAGE:
		CHECK(ev->message.word != WORD_NONE);
		touch(ev->message.id);
		break;
	case EVENT_HEADLINE:
		CHECK(ev->from.resource == NULL && strchr(ev->from.bare, '@') == NULL);
		CHECK(strcmp(ev->from.bare, ev->to.bare) == 0 && ev->to.resource != NULL);
		break;
	case EVENT_COMMAND:
		check_command(&ev->command);
		break;
	case EVENT_REQUEST:
		CHECK(ev->request.id != NULL && strlen(ev->request.id) <= ECHO_BYTES_MAX);
		CHECK(ev->request.node == NULL || strlen(ev->request.node) <= ECHO_BYTES_MAX);
		CHECK(ev->request.kind <= REQUEST_MALFORMED);
		CHECK((decoded == DECODED_REFUSE) == (ev->request.kind == REQUEST_MALFORMED));
		CHECK(decoded != DECODED_REFUSE || ev->request.why != TEXT_NONE);
		break;
	default:
		CHECK(false); /* not a thing that comes over the stream */
	}
	CHECK(decoded != DECODED_REFUSE || ev->kind == EVENT_REQUEST);
}

/* As the program does it. */
static int
decode_item(struct decoder *d, enum parser_item item, const struct xml *x, struct event *ev)
{
	int head, decoded;
	bool more;

	switch (item) {
	case PARSER_ELEMENT:
		head = decode_head(d, x, ev, &more);
		CHECK(!more || (head == DECODED_EVENT && (ev->kind == EVENT_ANSWER || ev->kind == EVENT_ROSTER_PUSH)));
		CHECK(!more || ev->kind != EVENT_ANSWER ||
		    (ev->answer.roster.nitems == 0 && ev->answer.blocklist.nitems == 0));
		CHECK(!more || ev->kind != EVENT_ROSTER_PUSH || ev->roster.nitems == 0);
		decoded = decode(d, x, ev);
		CHECK(decoded == head || more);
		CHECK(decoded != DECODED_EVENT || ev->kind != EVENT_ANSWER || ev->answer.extent == EXTENT_WHOLE ||
		    ev->answer.extent == EXTENT_TOO_LARGE);
		return decoded;
	case PARSER_PORTION:
	case PARSER_LAST:
		decoded = decode_portion(d, x, item == PARSER_LAST, ev);
		CHECK(decoded == DECODED_EVENT && ev->kind == EVENT_ANSWER);
		CHECK(ev->answer.extent == (item == PARSER_LAST ? EXTENT_LAST : EXTENT_PORTION) ||
		    ev->answer.extent == EXTENT_TOO_LARGE);
		return decoded;
	default:
		decoded = decode_beginning(d, x, ev);
		CHECK(decoded == DECODED_NOTHING ||
		    (decoded == DECODED_EVENT && ev->kind == EVENT_ANSWER && ev->answer.extent == EXTENT_TOO_LARGE));
		return decoded;
	}
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return markup_mutate(data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed)
{
	return markup_cross(a, alen, b, blen, out, max, seed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parser *p = parser_new();
	struct decoder *d = decoder_new();
	char *text = fuzz_copy(data, size);
	enum parser_item item;
	struct event ev;
	size_t at, used;
	int decoded;

	CHECK(p != NULL && d != NULL);
	CHECK(parser_push(p, HEADER, sizeof(HEADER) - 1, &used, &item) == 1);
	for (at = 0; at < size; at += used) {
		if (parser_push(p, text + at, size - at, &used, &item) != 1 || item == PARSER_END)
			break;
		/* What is not set must not be looked at. */
		memset(&ev, 0xa5, sizeof(ev));
		decoded = decode_item(d, item, parser_element(p), &ev);
		CHECK(decoded == DECODED_EVENT || decoded == DECODED_NOTHING || decoded == DECODED_REFUSE);
		if (decoded != DECODED_NOTHING)
			check_event(&ev, decoded);
		if (item == PARSER_LARGE && decoded == DECODED_EVENT && ev.answer.payload == PAYLOAD_ROSTER)
			parser_admit(p);
	}
	free(text);
	decoder_free(d);
	parser_free(p);
	return 0;
}
