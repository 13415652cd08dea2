#include <stdlib.h>
#include <string.h>

#include "core_world.h"
#include "fuzz.h"

static bool
is_query(enum action_kind kind)
{
	switch (kind) {
	case ACTION_ROSTER_GET:
	case ACTION_BLOCKLIST_GET:
	case ACTION_PUBLISH:
	case ACTION_CREATE:
	case ACTION_CONFIG_GET:
	case ACTION_CONFIG_SET:
	case ACTION_RETRACT:
	case ACTION_AFFILIATE:
	case ACTION_UNSUBSCRIBE:
	case ACTION_PING:
	case ACTION_INFO_GET:
	case ACTION_HEADLINE:
		return true;
	default:
		return false;
	}
}

static void
iq_drop(size_t i)
{
	struct iq *iq = &w.iqs[i];

	free(iq->id);
	free(iq->from);
	free(iq->to);
	free(iq->resource);
	free(iq->owner);
	memmove(iq, iq + 1, (--w.niqs - i) * sizeof(*iq));
}

void
server_takes(const struct action *act)
{
	struct iq *iq;

	if (!w.up || !is_query(act->kind))
		return;
	if (w.niqs == PENDING_MAX)
		iq_drop(0);
	iq = &w.iqs[w.niqs++];
	memset(iq, 0, sizeof(*iq));
	iq->kind = act->kind;
	iq->way = act->owner != NULL ? act->way : WAY_ORDINARY;
	iq->access = act->access;
	CHECK(act->kind == ACTION_HEADLINE || (act->id != NULL && strlen(act->id) >= 26));
	iq->id = copy(act->id);
	iq->from = copy(act->from.bare != NULL ? act->from.bare : DOMAIN);
	iq->to = copy(act->to.bare);
	iq->resource = copy(act->to.resource);
	iq->owner = copy(act->owner);
}

static struct roster_item roster_items[8];
static struct address blocked_items[4];
const char *const group[1] = {"Devices"};

/* W.roster has two bits for each of the first eight people. */
static size_t
make_roster(void)
{
	size_t n = 0, i;
	unsigned how;

	for (i = 0; i < 8; i++) {
		how = w.roster >> 2 * i & 3;
		if (how == 0 || i >= 6)
			continue;
		memset(&roster_items[n], 0, sizeof(roster_items[n]));
		roster_items[n].jid = people[i];
		roster_items[n].subscription = how == 1 ? SUBSCRIPTION_TO : SUBSCRIPTION_BOTH;
		if (how == 3) {
			roster_items[n].groups = group;
			roster_items[n].ngroups = 1;
		}
		n++;
	}
	return n;
}

/* Now these, now those. */
static size_t
make_blocklist(unsigned detail)
{
	size_t n;

	for (n = 0; n < detail % COUNT(blocked_items); n++) {
		blocked_items[n].bare = people[(detail + n) % COUNT(people)];
		blocked_items[n].resource = detail % 7 == 6 ? "phone" : NULL;
	}
	return n;
}

static size_t
queries(void)
{
	struct core_stats s;

	core_stats(w.core, &s);
	return s.queries;
}

/* What the core has sent to itself; or somebody else says so. */
static void
give_back(const struct iq *iq, enum manner how, unsigned detail)
{
	struct event ev = {.kind = EVENT_HEADLINE};

	ev.from.bare = how == MANNER_STRANGER ? people[detail % COUNT(people)] : iq->from;
	ev.to.bare = how == MANNER_ELSEWHERE ? ours[detail % COUNT(ours)] : iq->to;
	ev.to.resource = how == MANNER_INNER ? "another" : iq->resource;
	feed(&ev);
}

static void
give(size_t i, enum manner how, unsigned detail, enum condition error, enum app_condition app)
{
	const struct iq *iq = &w.iqs[i];
	bool privileged = iq->way != WAY_ORDINARY;
	struct event ev = {.kind = EVENT_ANSWER};
	struct answer_event *a = &ev.answer;
	size_t before = queries();
	bool ours_to_count;

	if (iq->kind == ACTION_HEADLINE) {
		give_back(iq, how, detail);
		return;
	}
	ev.from.bare = how == MANNER_STRANGER ? people[detail % COUNT(people)] : iq->to;
	ev.from.resource = iq->resource;
	ev.to.bare = how == MANNER_ELSEWHERE ? ours[detail % COUNT(ours)] : iq->from;
	a->id = iq->id;
	a->ok = how != MANNER_ERROR && how != MANNER_ECHO;
	a->wrapped = privileged && how != MANNER_UNWRAPPED;
	a->echo = how == MANNER_ECHO;
	if (!a->ok) {
		a->error = error;
		a->app = app;
	}
	if (a->wrapped) {
		a->inner_id = how == MANNER_INNER ? "another" : iq->id;
		a->inner_from = detail % 2 == 0 ? NULL : iq->owner;
	}
	if (a->ok && how != MANNER_EMPTY) {
		if (iq->kind == ACTION_ROSTER_GET) {
			a->payload = PAYLOAD_ROSTER;
			a->roster.items = roster_items;
			a->roster.nitems = make_roster();
		} else if (iq->kind == ACTION_BLOCKLIST_GET) {
			a->payload = PAYLOAD_BLOCKLIST;
			a->blocklist.items = blocked_items;
			a->blocklist.nitems = make_blocklist(detail);
		} else if (iq->kind == ACTION_CONFIG_GET) {
			a->payload = PAYLOAD_CONFIG;
			a->access = w.server == SERVER_WIDE && !w.narrowed ? ACCESS_OTHER : iq->access;
		} else if (iq->kind == ACTION_INFO_GET) {
			a->payload = PAYLOAD_INFO;
			a->category = iq->resource != NULL ? "client" : "server";
			a->type = iq->resource != NULL ? "phone" : "im";
			a->name = iq->resource != NULL ? NULL : w.ejabberd ? "ejabberd" : "Prosody";
		}
	}
	if (how == MANNER_PORTION || how == MANNER_LAST)
		a->extent = how == MANNER_LAST ? EXTENT_LAST : EXTENT_PORTION;
	if (how == MANNER_TOO_LARGE) {
		a->extent = EXTENT_TOO_LARGE;
		a->ok = a->wrapped = false;
		a->error = COND_RESOURCE_CONSTRAINT;
		a->inner_id = a->inner_from = NULL;
		memset(&a->roster, 0, sizeof(a->roster));
		memset(&a->blocklist, 0, sizeof(a->blocklist));
		CHECK(!core_admits(w.core, &w.now, &ev) || iq->kind == ACTION_ROSTER_GET);
		CHECK(queries() == before);
	}
	/* Of the exact peer, to our own address, and the forwarded IQ's id (THREATS 4). */
	ours_to_count = strcmp(ev.from.bare, iq->to) == 0 && strcmp(ev.to.bare, iq->from) == 0 &&
	    (!a->wrapped || strcmp(a->inner_id, iq->id) == 0);
	if (how == MANNER_PORTION)
		ours_to_count = ours_to_count && iq->kind == ACTION_ROSTER_GET;
	feed(&ev);
	CHECK(ours_to_count || queries() == before);
}

void
answer(size_t i, enum manner how, unsigned detail)
{
	enum app_condition app = APP_NONE;

	if (how == MANNER_ERROR && detail % 3 == 0)
		app = APP_PRECONDITION_NOT_MET;
	else if (detail % 5 == 0)
		app = APP_PAYLOAD_TOO_BIG;
	give(i, how, detail, (enum condition)(1 + detail % COND_UNEXPECTED_REQUEST), app);
}

/* As a server answers whose nodes are there already, open to all, until they are configured. */
static void
answer_wide(void)
{
	enum action_kind kind = w.iqs[0].kind;

	if (kind == ACTION_CONFIG_SET)
		w.narrowed = true;
	if (kind == ACTION_PUBLISH && !w.narrowed)
		give(0, MANNER_ERROR, 1, COND_CONFLICT, APP_PRECONDITION_NOT_MET);
	else if (kind == ACTION_CREATE)
		give(0, MANNER_ERROR, 1, COND_CONFLICT, APP_NONE);
	else
		give(0, MANNER_RIGHT, 1, COND_NONE, APP_NONE);
}

/* One answer, if that is how it is; false: none. */
bool
server_answers(void)
{
	if (w.niqs == 0 || w.server == SERVER_HOLDS)
		return false;
	if (w.server == SERVER_WIDE)
		answer_wide();
	else if (w.server == SERVER_ECHOES && w.iqs[0].way == WAY_PRIVILEGED)
		answer(0, MANNER_ECHO, 1);
	else if (w.server == SERVER_FORBIDS && w.iqs[0].owner != NULL)
		give(0, MANNER_ERROR, 1, COND_FORBIDDEN, APP_NONE);
	else if (w.server != SERVER_SILENT)
		answer(0, MANNER_RIGHT, 1);
	iq_drop(0);
	return true;
}

void
server_forget(void)
{
	while (w.niqs > 0)
		iq_drop(w.niqs - 1);
}
