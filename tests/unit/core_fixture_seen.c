/* What was seen of the core: stanzas, answers, log lines; and looking at it. */
#include "core_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "core_fixture_list.h"
#include "wire/catalogue.h"

struct reply reply;

static bool is_drained;
static unsigned asked_to_reconnect;

static struct list sent, told, log_lines, events;

/* T as its reader gets it, with as many arguments as its places ask for; NULL: nothing is said. */
static const char *
english(const struct text *t)
{
	static struct buf scratch;
	const char *s = catalogue_text(t->id);
	size_t given = 0, wanted = t->id == TEXT_VERBATIM;

	for (; s != NULL && (s = strchr(s, '%')) != NULL; s++) {
		if ((size_t)(s[1] - '0') > wanted)
			wanted = (size_t)(s[1] - '0');
	}
	while (t->args[given] != NULL)
		given++;
	assert_int_equal(given, wanted);
	return kept(catalogue_render(t, &scratch));
}

struct stanza {
	enum action_kind kind;
	enum presence_type type;
	bool answered;
	const char *from, *from_resource, *to, *resource, *text, *node;
	struct published *item;
};

static size_t stream_from; /* of `sent': since the link came up */
static size_t sent_from;   /* of `sent': what came before is forgotten */
static size_t events_from;

/* Seeing what the core does */

static void
see_stanza(const struct action *act)
{
	struct stanza *s = calloc(1, sizeof(*s));
	const char *at;

	keep_memory(s);
	/* Both servers cut the link for a foreign `from' or a missing `to'. */
	assert_non_null(act->from.bare);
	assert_non_null(act->to.bare);
	at = strchr(act->from.bare, '@');
	assert_string_equal(at != NULL ? at + 1 : act->from.bare, DOMAIN);
	s->kind = act->kind;
	s->from = kept(act->from.bare);
	s->from_resource = kept(act->from.resource);
	s->to = kept(act->to.bare);
	s->resource = kept(act->to.resource);
	switch (act->kind) {
	case ACTION_PRESENCE:
		s->type = act->presence.type;
		if (s->type == PRESENCE_UNSUBSCRIBE)
			server_subscribes(s->to, s->from, false);
		s->text = english(&act->presence.status);
		english(&act->presence.nick);
		assert_string_not_equal(s->from, DOMAIN);
		break;
	case ACTION_MESSAGE:
		s->text = english(&act->text);
		assert_non_null(s->text);
		list_append(&told, s);
		break;
	case ACTION_PUBLISH:
		item_seen(publish_copy(act));
		break;
	case ACTION_EVENT:
		s->item = publish_copy(act);
		list_append(&events, s);
		break;
	default:
		assert_non_null(act->id);
		break;
	}
	list_append(&sent, s);
}

static void
see_reply(const struct action *act)
{
	const struct form *f = act->reply.form;
	char text[8192] = "", rows[8192] = "", options[4096] = "", labels[4096] = "";
	size_t i, k;

	reply = (struct reply){.count = reply.count + 1};
	if (act->kind == ACTION_ERROR) {
		reply.error = true;
		reply.condition = act->error.condition;
		reply.app = act->error.app;
		return;
	}
	reply.status = act->reply.status;
	reply.to_resource = kept(act->to.resource);
	reply.note = english(&act->reply.note);
	reply.note_type = kept(act->reply.note_type);
	reply.sessionid = kept(act->reply.sessionid);
	assert_non_null(reply.sessionid);
	for (i = 0; f != NULL && i < f->nfields; i++) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", f->fields[i].var);
		for (k = 0; k < f->fields[i].noptions; k++)
			snprintf(labels + strlen(labels), sizeof(labels) - strlen(labels), "%s|",
			    english(&f->fields[i].options[k].label));
		for (k = 0; k < f->fields[i].noptions && (i == 0 || *options == '\0'); k++)
			snprintf(options + strlen(options), sizeof(options) - strlen(options), "%s ",
			    f->fields[i].options[k].value);
	}
	for (i = 0; f != NULL && i < f->nrows * f->nfields; i++)
		snprintf(rows + strlen(rows), sizeof(rows) - strlen(rows), "%s%s",
		    f->cells[i].id != TEXT_NONE ? english(&f->cells[i]) : "", (i + 1) % f->nfields == 0 ? "\n" : "|");
	reply.nrows = f != NULL ? f->nrows : 0;
	reply.fields = kept(text);
	reply.rows = kept(rows);
	reply.options = kept(options);
	reply.labels = kept(labels);
}

/* The name of the event, then keys and values in turn, and NULL. */
static void
see_log(const struct action *act)
{
	const char **line = calloc(2 * LOG_FIELDS_MAX + 2, sizeof(*line));
	size_t i;

	keep_memory(line);
	assert_non_null(act->log.event);
	line[0] = kept(act->log.event);
	for (i = 0; i < act->log.nfields; i++) {
		line[1 + 2 * i] = kept(act->log.fields[i].key);
		line[2 + 2 * i] = act->log.fields[i].text == TEXT_NONE ? kept(act->log.fields[i].value) :
									 english(TEXT(act->log.fields[i].text));
	}
	list_append(&log_lines, line);
}

void
see(const struct action *act)
{
	switch (act->kind) {
	case ACTION_STORE_USER:
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_USER:
		assert_int_not_equal(act->ticket, 0); /* it is waited for */
		registry_takes(act);
		break;
	case ACTION_DELETE_DEVICE:
	case ACTION_NOTE_PUBLISHED:
		registry_takes(act);
		break;
	case ACTION_LOG:
		see_log(act);
		break;
	case ACTION_RECONNECT:
		assert_non_null(act->reconnect.reason);
		asked_to_reconnect++;
		break;
	case ACTION_DRAINED:
		is_drained = true;
		break;
	case ACTION_COMMAND_REPLY:
	case ACTION_ERROR:
		see_stanza(act);
		see_reply(act);
		break;
	case ACTION_ANSWER:
		see_stanza(act);
		reply = (struct reply){.count = reply.count + 1};
		reply.name = english(&act->answer.name);
		break;
	case ACTION_HEADLINE:
		line_takes(act);
		break;
	case ACTION_PRESENCE:
		see_stanza(act);
		if (act->presence.type == PRESENCE_PROBE)
			probe_taken(act);
		break;
	case ACTION_MESSAGE:
	case ACTION_EVENT:
		see_stanza(act);
		break;
	default:
		see_stanza(act);
		server_takes(act);
		break;
	}
}

unsigned
presences_sent(enum presence_type type, const char *to)
{
	const struct stanza *s;
	unsigned n = 0;
	size_t i;

	for (i = sent_from; i < sent.n; i++) {
		s = sent.at[i];
		n += s->kind == ACTION_PRESENCE && s->type == type && (to == NULL || strcmp(s->to, to) == 0);
	}
	return n;
}

unsigned
messages_sent(const char *to)
{
	const struct stanza *s;
	unsigned n = 0;
	size_t i;

	for (i = sent_from; i < sent.n; i++) {
		s = sent.at[i];
		n += s->kind == ACTION_MESSAGE && strcmp(s->to, to) == 0;
	}
	return n;
}

/* Is there something of this account since the link came up, or its last probe? */
const char *
probe_waits(const char *bare)
{
	struct stanza *s;
	char full[512];
	size_t i;

	if (!answers_probes(bare))
		return NULL;
	for (i = stream_from; i < sent.n; i++) {
		s = sent.at[i];
		if (s->kind != ACTION_PRESENCE || s->type != PRESENCE_PROBE || strcmp(s->to, bare) != 0 ||
		    strcmp(s->from, bridge()) != 0)
			continue;
		if (s->answered)
			return NULL;
		s->answered = true;
		snprintf(full, sizeof(full), "%s/%s", s->from, s->from_resource);
		return kept(full);
	}
	return NULL;
}

const char *
probed_from(const char *bare)
{
	const struct stanza *s;
	char full[512];
	size_t i;

	for (i = sent.n; i > 0; i--) {
		s = sent.at[i - 1];
		if (s->kind != ACTION_PRESENCE || s->type != PRESENCE_PROBE || strcmp(s->to, bare) != 0 ||
		    strcmp(s->from, bridge()) != 0)
			continue;
		assert_non_null(s->from_resource);
		snprintf(full, sizeof(full), "%s/%s", s->from, s->from_resource);
		return kept(full);
	}
	return NULL;
}

unsigned
emissions(void)
{
	return (unsigned)(sent.n - sent_from);
}

void
stream_ends(void)
{
	stream_from = sent.n;
}

void
forget_sent(void)
{
	sent_from = sent.n;
	events_from = events.n;
}

unsigned
events_to(const char *bare, const char *resource)
{
	const struct stanza *s;
	unsigned n = 0;
	size_t i;

	for (i = events_from; i < events.n; i++) {
		s = events.at[i];
		if (strcmp(s->to, bare) == 0 &&
		    (resource == NULL ? s->resource == NULL :
					s->resource != NULL && strcmp(s->resource, resource) == 0))
			n++;
	}
	return n;
}

unsigned
events_of(const char *owner)
{
	const struct stanza *s;
	unsigned n = 0;
	size_t i;

	for (i = events_from; i < events.n; i++) {
		s = events.at[i];
		n += strcmp(s->item->owner, owner) == 0 && strcmp(s->to, owner) != 0;
	}
	return n;
}

const struct published *
last_event(const char *bare)
{
	const struct stanza *s;
	size_t i;

	for (i = events.n; i > events_from; i--) {
		s = events.at[i - 1];
		if (strcmp(s->to, bare) == 0)
			return s->item;
	}
	fail_msg("no event was sent to %s", bare);
	return NULL;
}

const char *
request_to(const char *bare)
{
	const struct stanza *s;
	size_t i;

	for (i = sent.n; i > sent_from; i--) {
		s = sent.at[i - 1];
		if (s->kind == ACTION_PRESENCE && s->type == PRESENCE_SUBSCRIBE && strcmp(s->to, bare) == 0)
			return s->text;
	}
	fail_msg("nothing was asked of %s", bare);
	return NULL;
}

unsigned
times_told(const char *to, const char *word)
{
	const struct stanza *s;
	unsigned n = 0;
	size_t i;

	for (i = 0; i < told.n; i++) {
		s = told.at[i];
		n += strcmp(s->to, to) == 0 && strstr(s->text, word) != NULL;
	}
	return n;
}

void
assert_told(const char *to, const char *word)
{
	if (times_told(to, word) == 0)
		fail_msg("%s was told nothing of \"%s\"", to, word);
}

void
assert_not_told(const char *to, const char *word)
{
	if (times_told(to, word) > 0)
		fail_msg("%s was told of \"%s\"", to, word);
}

unsigned
times_logged(const char *event)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < log_lines.n; i++)
		n += strcmp(*(const char **)log_lines.at[i], event) == 0;
	return n;
}

const char *
logged_last(const char *event, const char *key)
{
	const char **line;
	size_t i, k;

	for (i = log_lines.n; i > 0; i--) {
		line = log_lines.at[i - 1];
		if (strcmp(line[0], event) != 0)
			continue;
		for (k = 1; line[k] != NULL; k += 2) {
			if (strcmp(line[k], key) == 0)
				return line[k + 1];
		}
		return NULL;
	}
	return NULL;
}

void
assert_logged(const char *event)
{
	if (times_logged(event) == 0)
		fail_msg("nothing was logged of %s", event);
}

void
assert_not_logged(const char *event)
{
	if (times_logged(event) > 0)
		fail_msg("%s was logged", event);
}

bool
drained(void)
{
	return is_drained;
}

unsigned
reconnects(void)
{
	return asked_to_reconnect;
}

void
not_drained(void)
{
	is_drained = false;
	asked_to_reconnect = 0;
}

void
forget_all(void)
{
	items_forgotten();
	list_clear(&sent);
	list_clear(&told);
	list_clear(&log_lines);
	list_clear(&events);
	sent_from = stream_from = events_from = 0;
	reply = (struct reply){0};
	is_drained = false;
	asked_to_reconnect = 0;
}
