/* What people, their clients and the administrator do. */
#include "core_fixture.h"
#include "wire/words.h"

#include <stdio.h>
#include <string.h>

#define FIELDS 16

static const char *user;

void
user_is(const char *primary)
{
	user = primary;
}

/* XEP-0106, as far as these tests need it. */
const char *
bridge(void)
{
	char text[3 * 1024];
	const char *at = strchr(user, '@');

	snprintf(text, sizeof(text), "%.*s\\40%s@" DOMAIN, (int)(at - user), user, at + 1);
	return kept(text);
}

/* FULL as an address; its parts live until the end of the test. */
static struct address
address(const char *full)
{
	const char *slash = strchr(full, '/');
	struct address a = {NULL, slash != NULL ? kept(slash + 1) : NULL};
	char bare[4096];

	snprintf(bare, sizeof(bare), "%.*s", slash != NULL ? (int)(slash - full) : (int)strlen(full), full);
	a.bare = kept(bare);
	return a;
}

static const char *
bare_of(const char *full)
{
	const char *slash = strchr(full, '/');
	char bare[256];

	snprintf(bare, sizeof(bare), "%.*s", slash != NULL ? (int)(slash - full) : (int)strlen(full), full);
	return kept(bare);
}

struct presence_event
presence_of(const char *how)
{
	struct presence_event p = {.type = PRESENCE_AVAILABLE};

	if (strcmp(how, "off") == 0)
		p.type = PRESENCE_UNAVAILABLE;
	else if (strcmp(how, "on") != 0)
		assert_true(show_parse(how, &p.show));
	return p;
}

static struct event
presence(const char *from, const char *to, const char *how)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_PRESENCE;
	ev.from = address(from);
	ev.to = address(to);
	ev.presence = presence_of(how);
	return ev;
}

void
presence_comes(const char *from, const char *to, const struct presence_event *says)
{
	struct event ev = presence(from, to, "on");

	ev.presence = *says;
	feeds_status(&ev);
}

/* To where its account was probed from, if it has not answered yet on this stream. */
static void
comes(const char *full, const struct presence_event *says)
{
	const char *probe = probe_waits(bare_of(full));
	struct event ev = presence(full, probe != NULL ? probe : bridge(), "on");

	ev.presence = *says;
	probe_said(full, says, probe != NULL);
	feeds(&ev);
}

void
says_to(const char *full, const char *to, const char *how)
{
	struct event ev = presence(full, to, how);

	feeds(&ev);
}

void
says(const char *full, const char *how)
{
	struct presence_event p = presence_of(how);

	comes(full, &p);
}

void
says_text(const char *full, const char *how, const char *text)
{
	struct presence_event p = presence_of(how);

	p.status = text;
	p.lang = "en";
	comes(full, &p);
}

void
says_idle(const char *full, const char *how, int64_t since_ms)
{
	struct presence_event p = presence_of(how);

	p.idle_since_ms = since_ms;
	comes(full, &p);
}

void
says_priority(const char *full, const char *how, int priority)
{
	struct presence_event p = presence_of(how);

	p.priority = priority;
	comes(full, &p);
}

void
hints(const char *full, const char *how)
{
	says_to(full, DOMAIN, how);
}

void
hints_with_id(const char *full, const char *how, const char *id)
{
	struct event ev = presence(full, DOMAIN, how);

	ev.presence.id = id;
	feeds(&ev);
}

void
is_gone(const char *bare)
{
	says(bare, "off");
}

void
answers(const char *full, const char *how)
{
	const char *to = probed_from(bare_of(full));

	assert_non_null(to);
	says_to(full, to, how);
}

void
unreachable(const char *bare)
{
	fails_to_reach(bare, COND_REMOTE_SERVER_TIMEOUT);
}

void
fails_to_reach(const char *bare, enum condition error)
{
	const char *probe = probed_from(bare);
	struct event ev = presence(bare, probe != NULL ? probe : bridge(), "on");

	ev.presence.type = PRESENCE_ERROR;
	ev.presence.error = error;
	feeds(&ev);
}

void
sends(const char *from, const char *to, enum presence_type type)
{
	struct event ev = presence(from, to, "on");

	ev.presence.type = type;
	if (type == PRESENCE_SUBSCRIBED || type == PRESENCE_UNSUBSCRIBED)
		server_subscribes(ev.from.bare, ev.to.bare, type == PRESENCE_SUBSCRIBED);
	feeds(&ev);
}

void
pushes(const struct roster_item *item)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_ROSTER_PUSH;
	ev.from.bare = ALICE;
	ev.to.bare = DOMAIN;
	ev.roster.items = item;
	ev.roster.nitems = 1;
	ev.roster.id = "p1";
	feeds(&ev);
}

void
approves(const char *bare)
{
	sends(bare, bridge(), PRESENCE_SUBSCRIBED);
}

void
ends(const char *bare)
{
	sends(bare, bridge(), PRESENCE_UNSUBSCRIBED);
}

void
writes(const char *from, const char *body)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_MESSAGE;
	ev.from = address(from);
	ev.to.bare = bridge();
	ev.message.word = words_read(body);
	ev.message.chat = true;
	feeds(&ev);
}

void
sends_back(const char *bare)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_MESSAGE;
	ev.from = address(bare);
	ev.to.bare = bridge();
	ev.message.error = true;
	feeds(&ev);
}

static void
run(const char *from, const char *node, const char *sessionid, enum command_action action, va_list ap)
{
	struct form_value fields[FIELDS];
	struct event ev;
	const char *var;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_COMMAND;
	ev.from = address(from);
	ev.to.bare = DOMAIN;
	ev.command.id = "c1";
	ev.command.node = node;
	ev.command.sessionid = sessionid;
	ev.command.action = action;
	ev.command.set = true;
	ev.command.fields = fields;
	while ((var = va_arg(ap, const char *)) != NULL) {
		assert_true(ev.command.nfields < FIELDS);
		fields[ev.command.nfields].var = var;
		fields[ev.command.nfields++].value = va_arg(ap, const char *);
	}
	feeds(&ev);
}

void
runs(const char *from, const char *node, ...)
{
	unsigned before = reply.count;
	va_list ap;

	va_start(ap, node);
	run(from, node, NULL, COMMAND_EXECUTE, ap);
	va_end(ap);
	if (reply.count == before)
		reply.note = NULL; /* it waits for something */
}

void
runs_session(const char *from, const char *node, const char *sessionid, enum command_action action, ...)
{
	va_list ap;

	va_start(ap, action);
	run(from, node, sessionid, action, ap);
	va_end(ap);
}

void
succeeds(void)
{
	assert_false(reply.error);
	assert_non_null(reply.note_type);
	assert_string_equal(reply.note_type, "info");
	assert_int_equal(reply.status, STATUS_COMPLETED);
}

void
fails_with(const char *word)
{
	assert_false(reply.error);
	assert_non_null(reply.note);
	assert_string_equal(reply.note_type, "error");
	if (strstr(reply.note, word) == NULL)
		fail_msg("\"%s\" says nothing of \"%s\"", reply.note, word);
}

void
enrols(const char *primary)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/client", primary);
	runs(full, "enrol", NULL);
	succeeds();
}

void
links(const char *account, const char *label)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/client", user);
	runs(full, "link", "jid", account, "label", label, NULL);
	succeeds();
}

void
confirms(const char *account)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/client", account);
	runs(full, "confirm", "account", user, NULL);
	succeeds();
}

void
says_yes(const char *account)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/client", account);
	writes(full, "Yes!");
}

/* From the rows of the command `devices', as a person would. */
const char *
device_id(const char *label)
{
	char full[256], word[256];
	const char *row, *end;

	snprintf(full, sizeof(full), "%s/client", user);
	runs(full, "devices", NULL);
	assert_non_null(reply.rows);
	snprintf(word, sizeof(word), "|%s|", label);
	for (row = reply.rows; *row != '\0'; row = end + 1) {
		end = strchr(row, '\n');
		assert_non_null(end);
		if (strncmp(strchr(row, '|'), word, strlen(word)) == 0) {
			snprintf(full, sizeof(full), "%.*s", (int)(strchr(row, '|') - row), row);
			return kept(full);
		}
	}
	fail_msg("there is no device \"%s\"", label);
	return NULL;
}

void
has_enrolled(unsigned what)
{
	link_up();
	if (what != 0)
		grant(what);
	enrols(ALICE);
	approves(ALICE);
	says(ALICE "/laptop", "on");
	passes(40000);
	catch_up();
}

void
has_a_desk_phone(unsigned what)
{
	has_enrolled(what);
	links(DESK, "Desk phone");
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	passes(5000);
	catch_up();
	forget_sent();
}

struct event
asked_for_roster(void)
{
	unsigned before = iq_count(ACTION_ROSTER_GET);
	struct event ev;

	behaves();
	reacts(ACTION_ROSTER_GET, SILENCE, 1);
	says(DESK "/phone", before % 2 == 0 ? "away" : "dnd");
	while (iq_count(ACTION_ROSTER_GET) == before)
		passes(1000);
	ev = answer_to(iq_last(ACTION_ROSTER_GET), COND_NONE);
	assert_string_equal(ev.from.bare, ALICE);
	ev.answer.payload = PAYLOAD_ROSTER;
	return ev;
}

bool
is_contact(const char *who)
{
	static unsigned n;
	char full[256], resource[16];

	snprintf(resource, sizeof(resource), "r%u", n++);
	snprintf(full, sizeof(full), "%s/%s", who, resource);
	forget_sent();
	hints(full, "on");
	return events_to(who, resource) > 0;
}
