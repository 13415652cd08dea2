/* What the server has of accounts: rosters, block lists, who lets which bridge see him; and how it answers for them. */
#include "core_fixture.h"

#include <stdio.h>
#include <string.h>

#define CONTACTS_MAX (USER_CONTACTS_MAX + 64)
#define APPROVALS_MAX 4096
#define DAMAGED_MAX 256

static struct {
	const char *owner, *jid, *group;
	enum subscription sub;
} contacts[CONTACTS_MAX];
static size_t ncontacts;
/* Who has let which bridge see him, and whose storage is damaged. */
static struct {
	const char *account, *bridge;
} approvals[APPROVALS_MAX];
static size_t napprovals;
static const char *damaged[DAMAGED_MAX];
static size_t ndamaged;
static bool no_roster;
static const char *silent_rosters[4];
static size_t nsilent;
static const char *large_roster;
static struct {
	const char *owner;
	struct address address;
} blocked[BLOCKED_MAX + 1];
static size_t nblocked;

void
roster_has(const char *owner, const char *jid, enum subscription sub, const char *group)
{
	roster_lacks(owner, jid);
	assert_true(ncontacts < CONTACTS_MAX);
	contacts[ncontacts].owner = kept(owner);
	contacts[ncontacts].jid = kept(jid);
	contacts[ncontacts].group = kept(group);
	contacts[ncontacts++].sub = sub;
}

void
roster_lacks(const char *owner, const char *jid)
{
	size_t i;

	for (i = 0; i < ncontacts; i++) {
		if (strcmp(contacts[i].owner, owner) == 0 && strcmp(contacts[i].jid, jid) == 0) {
			contacts[i] = contacts[--ncontacts];
			return;
		}
	}
}

const char *
many(size_t i)
{
	static char names[4][32];
	static unsigned next;
	char *name = names[next++ % 4];

	snprintf(name, sizeof(names[0]), "c%05zu@home.test", i);
	return name;
}

void
roster_has_many(const char *owner, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		assert_true(ncontacts < CONTACTS_MAX);
		contacts[ncontacts].owner = kept(owner);
		contacts[ncontacts].jid = kept(many(i));
		contacts[ncontacts].group = NULL;
		contacts[ncontacts++].sub = SUBSCRIPTION_BOTH;
	}
}

void
roster_empty(void)
{
	ncontacts = 0;
}

void
blocks(const char *owner, const char *jid)
{
	const char *slash = strchr(jid, '/');
	char *bare = strdup(jid);

	assert_true(nblocked < sizeof(blocked) / sizeof(blocked[0]));
	keep_memory(bare);
	bare[slash != NULL ? slash - jid : (ptrdiff_t)strlen(jid)] = '\0';
	blocked[nblocked].owner = kept(owner);
	blocked[nblocked].address.bare = bare;
	blocked[nblocked++].address.resource = slash != NULL ? kept(slash + 1) : NULL;
}

void
unblocks(const char *owner, const char *jid)
{
	size_t i;

	for (i = 0; i < nblocked; i++) {
		if (strcmp(blocked[i].owner, owner) == 0 && strcmp(blocked[i].address.bare, jid) == 0) {
			blocked[i] = blocked[--nblocked];
			return;
		}
	}
}

void
roster_silent(const char *owner)
{
	assert_true(nsilent < sizeof(silent_rosters) / sizeof(silent_rosters[0]));
	silent_rosters[nsilent++] = kept(owner);
}

void
roster_refused(bool yes)
{
	no_roster = yes;
}

void
roster_too_large(const char *owner)
{
	large_roster = owner;
}

/* What servers know of subscriptions to bridges; that a user of that name was another one is not theirs to know. */
void
server_subscribes(const char *account, const char *to, bool yes)
{
	size_t i;

	for (i = 0; i < napprovals; i++) {
		if (strcmp(approvals[i].account, account) == 0 && strcmp(approvals[i].bridge, to) == 0)
			break;
	}
	if (i == napprovals && yes) {
		assert_true(napprovals < APPROVALS_MAX);
		approvals[napprovals].account = kept(account);
		approvals[napprovals++].bridge = kept(to);
	} else if (i < napprovals && !yes) {
		approvals[i] = approvals[--napprovals];
	}
}

bool
server_is_subscribed(const char *account, const char *to)
{
	size_t i;

	for (i = 0; i < napprovals; i++) {
		if (strcmp(approvals[i].account, account) == 0 && strcmp(approvals[i].bridge, to) == 0)
			return true;
	}
	return false;
}

static size_t
damaged_find(const char *account)
{
	size_t i;

	for (i = 0; i < ndamaged && strcmp(damaged[i], account) != 0; i++)
		;
	return i;
}

bool
server_lets_see(const char *account, const char *bridge)
{
	return server_is_subscribed(account, bridge) && damaged_find(account) == ndamaged;
}

void
storage_is_damaged(const char *account, bool yes)
{
	size_t i = damaged_find(account);

	if (i == ndamaged && yes) {
		assert_true(ndamaged < DAMAGED_MAX);
		damaged[ndamaged++] = kept(account);
	} else if (i < ndamaged && !yes) {
		damaged[i] = damaged[--ndamaged];
	}
}

bool
roster_is_silent(const char *owner)
{
	size_t i;

	for (i = 0; i < nsilent && strcmp(silent_rosters[i], owner) != 0; i++)
		;
	return i < nsilent;
}

void
server_says_roster(const struct iq *iq, bool granted, struct event *ev)
{
	static struct roster_item items[CONTACTS_MAX + APPROVALS_MAX];
	bool whole = damaged_find(iq->to) == ndamaged;
	size_t i, n = 0;

	if (no_roster || !granted) {
		ev->answer.ok = false;
		ev->answer.error = COND_FORBIDDEN;
		return;
	}
	if (large_roster != NULL && strcmp(iq->to, large_roster) == 0) {
		*ev = too_large_answer_to(iq, PAYLOAD_ROSTER);
		assert_true(admits(ev));
		return;
	}
	for (i = 0; i < napprovals && whole; i++) {
		if (strcmp(approvals[i].account, iq->to) == 0)
			items[n++] = (struct roster_item){ .jid = approvals[i].bridge,
				.subscription = SUBSCRIPTION_FROM };
	}
	for (i = 0; i < ncontacts && whole; i++) {
		if (strcmp(contacts[i].owner, iq->to) != 0)
			continue;
		items[n] = (struct roster_item){.jid = contacts[i].jid, .subscription = contacts[i].sub};
		if (contacts[i].group != NULL) {
			items[n].groups = &contacts[i].group;
			items[n].ngroups = 1;
		}
		n++;
	}
	ev->answer.payload = PAYLOAD_ROSTER;
	ev->answer.roster.items = items;
	ev->answer.roster.nitems = n;
}

void
server_says_blocklist(const struct iq *iq, struct event *ev)
{
	static struct address items[BLOCKED_MAX + 1];
	size_t i, n = 0;

	for (i = 0; i < nblocked; i++) {
		if (strcmp(blocked[i].owner, iq->owner) == 0)
			items[n++] = blocked[i].address;
	}
	ev->answer.payload = PAYLOAD_BLOCKLIST;
	ev->answer.blocklist.items = items;
	ev->answer.blocklist.nitems = n;
}

void
rosters_forgotten(void)
{
	ncontacts = nsilent = nblocked = napprovals = ndamaged = 0;
	no_roster = false;
	large_roster = NULL;
}
