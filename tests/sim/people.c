/* What people do: they sign in and out, enrol and leave, link and agree, change their minds. */
#include "sim.h"
#include "wire/words.h"

#include <string.h>

#include "actions.h"

/* More than the bounds of what waits. */
#define INSISTS 1800

void
people_command(struct sim *s, const char *from, const char *node, const char *const *fields)
{
	struct event ev = {.kind = EVENT_COMMAND};
	struct form_value values[8];
	size_t n = 0;

	if (!s->up)
		return;
	for (; fields != NULL && fields[2 * n] != NULL && n < 8; n++) {
		values[n].var = fields[2 * n];
		values[n].value = fields[2 * n + 1];
	}
	ev.from.bare = from;
	ev.from.resource = "r0";
	ev.to.bare = SIM_DOMAIN;
	ev.command.id = "c";
	ev.command.node = node;
	ev.command.set = true;
	ev.command.action = COMMAND_EXECUTE;
	ev.command.fields = values;
	ev.command.nfields = n;
	drive_feed(s, &ev, NULL);
}

static void
says(struct sim *s, int account, int user, const char *body)
{
	struct event ev = {.kind = EVENT_MESSAGE};

	if (!s->up || !route_reaches(s, account))
		return;
	ev.from.bare = s->accounts[account].jid;
	ev.from.resource = "r1";
	ev.to.bare = s->people[user].bridge;
	ev.message.word = words_read(body);
	ev.message.chat = true;
	drive_feed(s, &ev, NULL);
}

static void
appears(const struct sim *s, struct client *c)
{
	if (!c->available)
		c->since = s->now.mono_ms;
	c->available = true;
	c->dead = false;
}

static void
tell(struct sim *s, int account, int client, enum presence_type type)
{
	int u;

	for (u = 0; u < s->nusers; u++) {
		if (s->accounts[account].subs[u] == SUB_YES)
			route_send(s, account, client, u, type);
	}
}

/* An account without resources that has some now: what its bare JID says means nothing, but that all are gone. */
static bool
has_named(struct sim *s, int account)
{
	struct account *a = &s->accounts[account];
	int c;

	if (!a->clients[1].available && !a->clients[2].available)
		return false;
	if (sim_chance(s, 50)) {
		tell(s, account, 0, PRESENCE_AVAILABLE);
	} else {
		for (c = 0; c < SIM_CLIENTS; c++)
			a->clients[c].available = false;
		tell(s, account, -1, PRESENCE_UNAVAILABLE);
	}
	return true;
}

static void
changes(struct sim *s, int account, int client)
{
	static const char *const texts[] = {NULL, "busy", "on the phone", "back soon"};
	struct client *c = &s->accounts[account].clients[client];
	bool was = c->available, killed = false;
	int user;

	if (s->accounts[account].bare && client == 0 && has_named(s, account))
		return;
	if (was && sim_chance(s, 35)) {
		c->available = false;
		killed = sim_chance(s, 40);
	} else {
		appears(s, c);
		memset(&c->p, 0, sizeof(c->p));
		c->p.show = (enum show)sim_below(s, 5);
		c->p.priority = (int)sim_below(s, 3) - 1;
		c->p.status = texts[sim_below(s, 4)];
		c->p.idle_since_ms = sim_chance(s, 20) ? s->now.wall_ms / 60000 * 60000 : 0;
		if (s->accounts[account].bare && client > 0)
			s->accounts[account].clients[0].available = false;
		if (s->accounts[account].life > 0)
			c->p.idle_since_ms = NEWCOMER_MS + s->accounts[account].life;
	}
	route_changed(s, account, client, killed);
	/* Who isn't subscribed to can say all the same what he likes; his server remembers to whom. */
	if (s->accounts[account].life == 0 || !s->up || !c->available || !sim_chance(s, 50))
		return;
	user = (int)sim_below(s, (uint64_t)s->nusers);
	c->directed[user] = true;
	route_send(s, account, client, user, PRESENCE_AVAILABLE);
}

static void
flaps(struct sim *s, int account)
{
	uint64_t end;
	int i;

	for (i = 0; i < 60 && !s->failed; i++) {
		changes(s, account, 0);
		end = s->now.mono_ms + 100 + sim_below(s, 200);
		while (!s->failed && drive_turn(s, end))
			;
	}
}

static int
any_account(struct sim *s)
{
	return (int)sim_below(s, (uint64_t)s->naccounts);
}

static int
any_user(struct sim *s)
{
	return (int)sim_below(s, (uint64_t)s->nusers);
}

static const char *
any_device(struct sim *s, int user, bool linked)
{
	const struct item *item = s->people[user].nodes[NODE_PUBLIC].item;
	int tries, i;

	if (!linked && item != NULL && item->ndevices > 0)
		return actions_device(s, item, sim_below(s, item->ndevices));
	for (tries = 0; tries < 8 && s->nlinks > 0; tries++) {
		i = (int)sim_below(s, (uint64_t)s->nlinks);
		if (s->links[i].user == user && !s->links[i].revoked && !s->links[i].forgotten)
			return s->links[i].id;
	}
	return "none";
}

size_t
people_fill(struct sim *s, const char *from, const char *node, struct form_value *out)
{
	static const char *const views[] = {"contacts", "self", "hidden"};
	int u = user_of(s, from);
	size_t n = 0;

	if (strcmp(node, "confirm") == 0)
		out[n++] = (struct form_value){"account", s->people[any_user(s)].jid};
	else if (strcmp(node, "link") == 0)
		out[n++] = (struct form_value){"jid", s->accounts[any_account(s)].jid};
	else if (strcmp(node, "leave") == 0)
		out[n++] = (struct form_value){"sure", "1"};
	else if (u >= 0)
		out[n++] = (struct form_value){"device", any_device(s, u, strcmp(node, "unlink") == 0)};
	if (strcmp(node, "edit") == 0)
		out[n++] = (struct form_value){"visibility", views[sim_below(s, 3)]};
	return n;
}

static void
links(struct sim *s, int user)
{
	static const char *const kinds[] = {"fixed", "mobile", "other"};
	static const char *const views[] = {"contacts", "contacts", "self", "hidden"};
	int a = any_account(s);
	const char *fields[] = { "jid", s->accounts[a].jid, "label", sim_chance(s, 50) ? "Phone" : "", "kind",
		kinds[sim_below(s, 3)], "visibility", views[sim_below(s, 4)], "status-text",
		sim_chance(s, 50) ? "1" : "0", NULL };

	people_command(s, s->people[user].jid, "link", fields);
}

static void
edits(struct sim *s, int user)
{
	static const char *const views[] = {"contacts", "self", "hidden", ""};
	const char *id = any_device(s, user, false);
	const char *fields[] = { "device", id, "label",
		known_id(s, user, id) != NULL && sim_chance(s, 50) ? "Renamed" : "", "visibility",
		views[sim_below(s, 4)], "status-text", sim_chance(s, 50) ? "1" : "0", NULL };

	people_command(s, s->people[user].jid, "edit", fields);
}

static void
unlinks(struct sim *s, int user)
{
	const char *fields[] = {"device", any_device(s, user, true), NULL};

	people_command(s, s->people[user].jid, "unlink", fields);
}

/* Somebody who would have a stranger asked again and again. */
static void
nags(struct sim *s, int user)
{
	const char *id, *fields[] = {"jid", NULL, NULL}, *ends[] = {"device", NULL, NULL};
	int a = any_account(s), i;
	uint64_t end;

	fields[1] = s->accounts[a].jid;
	for (i = 0; i < 8 && !s->failed; i++) {
		people_command(s, s->people[user].jid, "link", fields);
		end = s->now.mono_ms + 50 + sim_below(s, 200);
		while (!s->failed && drive_turn(s, end))
			;
		id = known_live(s, user, a) != NULL ? known_live(s, user, a)->id : "none";
		ends[1] = id;
		people_command(s, s->people[user].jid, "unlink", ends);
		end = s->now.mono_ms + 50 + sim_below(s, 200);
		while (!s->failed && drive_turn(s, end))
			;
	}
}

static void
leaves(struct sim *s, int user)
{
	static const char *const fields[] = {"sure", "1", NULL};

	if (sim_chance(s, 60))
		people_command(s, s->people[user].jid, "leave", fields);
	else
		route_end(s, user, user);
}

static void
agrees(struct sim *s, int account, int user)
{
	const char *fields[] = {"account", s->people[user].jid, NULL};

	if (sim_chance(s, 50))
		says(s, account, user, sim_chance(s, 50) ? "yes" : "Yes");
	else if (s->up && route_reaches(s, account))
		people_command(s, s->accounts[account].jid, "confirm", sim_chance(s, 50) ? fields : NULL);
}

/* Somebody who says and edits the same again and again, to a server that doesn't read. */
void
people_insist(struct sim *s)
{
	const char *fields[] = {"device", NULL, "label", NULL, NULL};
	struct link_entry *l;
	int i;

	/* A registry that is slow would have no room for others' commands for a while. */
	if (s->nlinks == 0 || s->reg.async || s->reg.failing)
		return;
	l = &s->links[sim_below(s, (uint64_t)s->nlinks)];
	fields[1] = l->id;
	for (i = 0; i < INSISTS && !s->failed; i++) {
		fields[3] = i % 2 == 0 ? "one" : "other";
		says(s, l->account, l->user, "yes");
		people_command(s, s->people[l->user].jid, "edit", fields);
		people_command(s, s->accounts[l->account].jid, "devices", NULL);
	}
	if (!s->failed)
		check_gauges(s);
	/* With so much waiting nobody else's command is taken either, and the refusal has no room. */
	drive_unhold(s);
	drive_pump(s);
}

/* Something that has to do with one subscription or link. */
static void
responds(struct sim *s)
{
	int a = any_account(s), u = any_user(s);
	struct account *acc = &s->accounts[a];

	/* More often than by chance somebody who was asked. */
	for (int tries = 0; tries < 10 && acc->subs[u] != SUB_PENDING; tries++) {
		a = any_account(s);
		u = any_user(s);
		acc = &s->accounts[a];
	}
	if (!route_reaches(s, a))
		return;
	if (acc->manner == REFUSING && sim_chance(s, 60)) {
		if (sim_chance(s, 50))
			route_end(s, a, u);
		else
			says(s, a, u, "no");
		return;
	}
	/* Somebody else takes longer than a server that knows it already. */
	if (acc->subs[u] == SUB_PENDING && (a != u || !s->people[u].orphan))
		route_approve(s, a, u);
	if (a != u && sim_chance(s, 70))
		agrees(s, a, u);
}

static void
revokes(struct sim *s)
{
	int a = any_account(s), u = any_user(s);
	const char *fields[] = {"device", s->people[u].jid, NULL};

	if (a == u || !route_reaches(s, a))
		return;
	if (sim_chance(s, 50))
		route_end(s, a, u);
	else if (sim_chance(s, 60) || !s->up)
		says(s, a, u, "no");
	else
		people_command(s, s->accounts[a].jid, "unlink", fields);
}

/* No server tells a component of it today, but XEP-0356 wants it to. */
static void
push(struct sim *s, int user, int account)
{
	struct event ev = {.kind = EVENT_ROSTER_PUSH};
	struct roster_item item = {.jid = s->accounts[account].jid};

	item.subscription = s->people[user].roster[account];
	item.remove = item.subscription == SUBSCRIPTION_NONE && sim_chance(s, 50);
	ev.from.bare = s->people[user].jid;
	ev.to.bare = SIM_DOMAIN;
	ev.roster.items = &item;
	ev.roster.nitems = 1;
	ev.roster.id = "push";
	drive_feed(s, &ev, NULL);
}

static void
befriends(struct sim *s)
{
	int a = any_account(s), u = any_user(s);

	if (a == u)
		return;
	s->people[u].roster[a] = (enum subscription)sim_below(s, 4);
	s->people[u].group[a] = sim_chance(s, 20);
	if (s->up && sim_chance(s, 30))
		push(s, u, a);
}

/* Or lets him in again. */
static void
shuts_out(struct sim *s)
{
	int a = any_account(s), u = any_user(s);

	if (a == u)
		return;
	s->people[u].shuts_out[a] = !s->people[u].shuts_out[a];
	sim_line(s, "-- %s %s %s", s->people[u].jid, s->people[u].shuts_out[a] ? "blocks" : "unblocks",
	    s->accounts[a].jid);
}

/* A client looks at what it has found there; or it asks for the user's presence in its turn. */
static void
looks(struct sim *s)
{
	int a = any_account(s), u = any_user(s);
	struct event ev = {.kind = EVENT_REQUEST};

	if (!s->up || !route_reaches(s, a))
		return;
	if (sim_chance(s, 50)) {
		route_send(s, a, -1, u, PRESENCE_SUBSCRIBE);
		return;
	}
	ev.from.bare = s->accounts[a].jid;
	ev.from.resource = "r0";
	ev.to.bare = sim_chance(s, 50) ? SIM_DOMAIN : s->people[u].bridge;
	ev.request.kind = (enum request_kind)sim_below(s, 7);
	ev.request.id = "look";
	drive_feed(s, &ev, NULL);
}

void
people_act(struct sim *s)
{
	static const char *const nodes[] = {"devices", "link", "edit", "unlink", "leave", "confirm", "link"};
	uint64_t what = sim_below(s, 100);
	int a = any_account(s), u = any_user(s);
	const char *node;

	if (what < 40) {
		if (s->accounts[a].manner == FLAPPING && sim_chance(s, 10))
			flaps(s, a);
		else
			changes(s, a, (int)sim_below(s, SIM_CLIENTS));
	} else if (what < 52) {
		people_command(s, s->people[u].jid, "enrol", NULL);
	} else if (what < 64) {
		if (sim_chance(s, 4))
			nags(s, u);
		else
			links(s, u);
	} else if (what < 82) {
		responds(s);
	} else if (what < 86) {
		revokes(s);
	} else if (what < 89) {
		edits(s, u);
	} else if (what < 92) {
		unlinks(s, u);
	} else if (what < 94) {
		leaves(s, u);
	} else if (what < 95) {
		befriends(s);
	} else if (what < 96) {
		shuts_out(s);
	} else if (what < 98) {
		looks(s);
	} else {
		/* Drawn one after the other, so that every compiler makes the same of a seed. */
		node = nodes[sim_below(s, 7)];
		people_command(s, sim_chance(s, 80) ? s->people[u].jid : s->accounts[a].jid, node, NULL);
	}
}

static void
passes(struct sim *s, uint64_t ms)
{
	uint64_t end = s->now.mono_ms + ms;

	while (!s->failed && drive_turn(s, end))
		;
}

/* Whoever has approved once, and taken it back while nobody heard it, is not asked again. */
static bool
may_approve(const struct sim *s, const struct link_entry *l)
{
	return s->accounts[l->account].subs[l->user] != SUB_YES && (!l->approved || s->accounts[l->account].host < 0);
}

/* A yes counts on the stream of the approval, or when that is proved on another: a probe has to be answered. */
static bool
may_be_proved(const struct account *a)
{
	bool online = false;
	int c;

	for (c = 0; c < SIM_CLIENTS; c++)
		online = online || a->clients[c].available;
	return !a->deaf && (online || !a->silent);
}

static void
say_yes(struct sim *s)
{
	const struct link_entry *l;
	int i;

	for (i = 0; i < s->nlinks; i++) {
		l = &s->links[i];
		if (!l->revoked && !l->forgotten && l->stored && s->people[l->user].state == IN &&
		    s->accounts[l->account].manner != REFUSING &&
		    registry_device(s, l->user, l->id)->state != LINK_ACTIVE)
			says(s, l->account, l->user, "yes");
	}
}

/* After the healing: everyone finishes what was begun, and every user does one more thing that is seen. */
void
people_settle(struct sim *s)
{
	struct link_entry *l;
	int i;

	passes(s, 20000);
	for (i = 0; i < s->nusers; i++) {
		if (s->people[i].state == IN && s->accounts[i].subs[i] != SUB_YES && !s->people[i].approved)
			route_approve(s, i, i);
	}
	for (i = 0; i < s->nlinks; i++) {
		l = &s->links[i];
		if (l->revoked || l->forgotten || !l->stored || s->people[l->user].state != IN)
			continue;
		if (s->accounts[l->account].manner == REFUSING)
			route_end(s, l->account, l->user);
		else if (may_approve(s, l))
			route_approve(s, l->account, l->user);
	}
	passes(s, 5000);
	for (i = 0; i < s->nlinks; i++) {
		l = &s->links[i];
		if (l->revoked || l->forgotten || !l->stored || s->people[l->user].state != IN)
			continue;
		if (s->accounts[l->account].manner == REFUSING)
			continue;
		if (may_approve(s, l))
			route_approve(s, l->account, l->user);
		/* It may have to be asked once more, which nobody is for a user who isn't proved. */
		l->sure = s->accounts[l->account].subs[l->user] == SUB_YES && may_be_proved(&s->accounts[l->account]) &&
		    may_be_proved(&s->accounts[l->user]) && s->accounts[l->user].subs[l->user] == SUB_YES;
	}
	/* Before it was known whose account it is they are told to try again in a moment. */
	say_yes(s);
	passes(s, 40000);
	say_yes(s);
	/* What was asked before a start, or came back, is asked once more; a yes in the first five seconds is to the one before. */
	passes(s, 6000);
	say_yes(s);
	passes(s, 5000);
	for (i = 0; i < s->nusers; i++) {
		appears(s, &s->accounts[i].clients[2]);
		s->accounts[i].clients[2].p = (struct presence_event){.show = SHOW_CHAT, .status = "at last"};
		route_changed(s, i, 2, false);
	}
}
