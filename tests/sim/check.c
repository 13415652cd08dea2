/* What holds for every action, whatever happened before: doc/threats.md, by its numbers. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

/* What waits of our own accord: of a few users. */
#define WAIT_MAX 256

#define ID_MIN 26 /* characters of five bits: 128 and more */
#define FULL_MS 3500
#define ROSTER_FRESH_MS 61000
#define URGENT_BURST 8
#define RESOURCE_BURST 3
#define RESOURCE_EVERY_MS 60000
#define RESOURCE_WAITED 2
#define PORTIONS_MS 90000 /* a roster that comes in portions takes no longer */

static uint64_t
hash_id(const char *id)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
	return h;
}

static bool
id_put(const char **ids, size_t size, const char *id)
{
	size_t i = hash_id(id) % size;

	for (; ids[i] != NULL; i = (i + 1) % size) {
		if (strcmp(ids[i], id) == 0)
			return false;
	}
	ids[i] = id;
	return true;
}

static void
check_id(struct sim *s, const char *id)
{
	const char **bigger;
	size_t i;

	if (id == NULL || strlen(id) < ID_MIN) {
		sim_fail(s, "5: an IQ whose id could be guessed");
		return;
	}
	if (2 * s->nids >= s->ids_size) {
		bigger = calloc(4 * s->ids_size + 256, sizeof(*bigger));
		if (bigger == NULL)
			abort();
		for (i = 0; i < s->ids_size; i++) {
			if (s->ids[i] != NULL)
				id_put(bigger, 4 * s->ids_size + 256, s->ids[i]);
		}
		free(s->ids);
		s->ids = bigger;
		s->ids_size = 4 * s->ids_size + 256;
	}
	s->nids++;
	if (!id_put(s->ids, s->ids_size, sim_dup(s, id)))
		sim_fail(s, "5: an id is used twice");
}

/* 4: what this action needs the host to have granted on this stream. */
static void
check_grant(struct sim *s, const struct action *act, int account)
{
	int h = s->accounts[account].host;
	const struct grant_event *g = &s->granted[h];
	bool may = s->told_grant[h], privileged = act->way != WAY_ORDINARY;

	switch (act->kind) {
	case ACTION_ROSTER_GET:
		may = may && (g->roster & MAY_GET);
		break;
	case ACTION_EVENT:
		may = may && g->message && act->privilege_version == g->version;
		break;
	case ACTION_BLOCKLIST_GET:
		may = may && (g->iq_blocking & MAY_GET) && privileged;
		break;
	case ACTION_PUBLISH:
		may = !privileged || (may && (g->iq_pubsub & MAY_SET));
		break;
	case ACTION_RETRACT:
		may = !privileged || (may && (g->iq_pubsub & MAY_SET));
		break;
	case ACTION_CREATE:
		may = may && (g->iq_pubsub & MAY_SET);
		break;
	default:
		may = may && g->iq_owner == (MAY_GET | MAY_SET);
		break;
	}
	/* That items have to be empty is the oracle's. */
	if (!known_named(s, h) && act->kind == ACTION_UNSUBSCRIBE)
		may = false;
	/* What had to wait for the link was decided while it was granted; the server refuses it, and nothing follows. */
	if (!may &&
	    !(s->held &&
		(act->kind == ACTION_ROSTER_GET || act->kind == ACTION_BLOCKLIST_GET ||
		    act->kind == ACTION_UNSUBSCRIBE)))
		sim_fail(s, "4: a privilege is used that home %d has not granted (action %d)", h, (int)act->kind);
}

/* 9: publishes of a user over ten seconds and a minute, with some room for ways that are tried. */
static void
check_rate(struct sim *s, struct node *n)
{
	unsigned i, last = n->npublished < 64 ? n->npublished : 64, ten = 0, sixty = 0;

	n->published[n->npublished++ % 64] = s->now.mono_ms;
	for (i = 0; i < last; i++) {
		ten += n->published[i] + 10000 > s->now.mono_ms;
		sixty += n->published[i] + 60000 > s->now.mono_ms;
	}
	/* And what is urgent has a burst of its own. */
	if (ten > s->set.burst + URGENT_BURST + 10000 / s->set.rate_ms + 8 ||
	    sixty > s->set.burst + URGENT_BURST + 60000 / s->set.rate_ms + 12)
		sim_fail(s, "9: %u publishes in ten seconds, %u in a minute", ten, sixty);
}

static void
check_publish(struct sim *s, const struct action *act, int user)
{
	int node = node_of(act->node);
	struct node *n;

	if (node < 0 || !same_text(act->to.bare, act->owner)) {
		sim_fail(s, "3: a publish of nobody's node");
		return;
	}
	n = &s->people[user].nodes[node];
	if (act->access != (node == NODE_PUBLIC ? s->set.access : ACCESS_WHITELIST))
		sim_fail(s, "2: a publish without the configured access model");
	if (s->people[user].state == OUT || s->people[user].state == ENROLLING)
		sim_fail(s, "1: a publish for somebody who is not enrolled");
	if (act->publish.updated_ms != s->fed_wall)
		sim_fail(s, "6: an item that is older than its publish");
	if (node == NODE_PUBLIC)
		check_rate(s, n);
	if (n->ncandidates >= 8)
		n->ncandidates = -1;
	oracle_publish(s, user, node, &act->publish);
}

/*
 * 9: three at once and one in a minute from one user to one resource of a contact, in any stretch of time; some may
 * have waited for a roster, and meet the next ones.
 */
static void
check_resource(struct sim *s, struct greeted *g, const struct account *a, const char *resource)
{
	double over = (double)(s->now.mono_ms - g->at) / RESOURCE_EVERY_MS;

	g->level = g->level > over ? g->level - over : 0;
	g->level += 1;
	g->at = s->now.mono_ms;
	if (g->level > RESOURCE_BURST + RESOURCE_WAITED)
		sim_fail(s, "9: %s/%s is greeted by one user again and again", a->jid, resource);
}

/* 9: events to one resource are greetings, of each contact eight at once, then one in ten seconds; of all users he sees. */
static void
check_greeting(struct sim *s, int account, int user, const char *resource)
{
	struct account *a = &s->accounts[account];
	unsigned i, last = a->ngreeted < 64 ? a->ngreeted : 64, minute = 0;
	int client = client_of(resource);

	if (account != user && client >= 0)
		check_resource(s, &a->by[client][user], a, resource);

	a->greeted[a->ngreeted++ % 64] = s->now.mono_ms;
	for (i = 0; i < last; i++)
		minute += a->greeted[i] + 60000 > s->now.mono_ms;
	if (minute > (unsigned)s->nusers * 2 * (8 + 6 + 1))
		sim_fail(s, "9: %u greetings of %s in a minute", minute, a->jid);
}

static void
check_event(struct sim *s, const struct action *act, int user)
{
	struct person *p = &s->people[user];
	int a = account_of(s, act->to.bare), node = node_of(act->node), i;
	uint64_t content = item_content(&act->publish);
	struct node *n;

	if (node < 0 || !same_text(act->owner, p->jid) || a < 0) {
		sim_fail(s, "3: an event for nobody");
		return;
	}
	n = &p->nodes[node];
	for (i = 0; i < n->ncandidates && n->candidates[i] != content; i++)
		;
	if (n->ncandidates > 0 && i == n->ncandidates)
		sim_fail(s, "6: an event says something that was not acknowledged");
	if (act->publish.ndevices > 0)
		oracle_event(s, user, node, &act->publish);
	if (act->to.resource != NULL)
		check_greeting(s, a, user, act->to.resource);
	if (a == user)
		return;
	if (node != NODE_PUBLIC || s->set.access != ACCESS_PRESENCE)
		sim_fail(s, "2: an event of a node that is its owner's alone goes to %s", act->to.bare);
	/* A roster for which there was no memory was not read: the one before may be a minute old. */
	if (!p->fed_roster[a] && (s->nomem_at == 0 || s->nomem_at + ROSTER_FRESH_MS < s->now.mono_ms))
		sim_fail(s, "2: an event goes to %s, who is no contact", act->to.bare);
	if (p->fed_shut[a])
		sim_fail(s, "2: an event goes to %s, whom %s blocks", act->to.bare, p->jid);
	if (p->roster_at + ROSTER_FRESH_MS + FULL_MS < s->now.mono_ms &&
	    p->pushed[a] + ROSTER_FRESH_MS + FULL_MS < s->now.mono_ms)
		sim_fail(s, "2: an event on a roster that is old");
}

/* 9: after the link came up, user by user; and in all, with some room for those who have just approved. */
static void
check_probe(struct sim *s, int user)
{
	int h = user >= 0 ? s->accounts[user].host : 0;
	struct person *p = &s->people[user];
	unsigned i, last = s->nasked[h] < 256 ? s->nasked[h] : 256, ten = 0;

	s->asked[h][s->nasked[h]++ % 256] = s->now.mono_ms;
	for (i = 0; i < last; i++)
		ten += s->asked[h][i] + 10000 > s->now.mono_ms;
	if (s->probes_max <= 10 && ten > 10 * s->probes_max + 60)
		sim_fail(s, "9: %u probes in ten seconds at home %d", ten, h);
	if (p->probed_at == 0)
		p->probed_at = s->now.mono_ms;
	if (p->probed || p->stirred)
		return;
	p->probed = true;
	s->tokens[h] += 1;
	if ((s->tokens[h] - 1) * 1000 / s->probes_max > (double)(s->now.mono_ms - s->up_at) + 1)
		sim_fail(s, "9: probes come faster than %u a second at home %d", s->probes_max, h);
}

/*
 * 9: the roster of an account is asked for once in ten seconds, and once more
 * where it is linked as well; those of a host not faster than its pace, of which
 * what somebody waits for may be ten times as much.
 */
static void
check_roster(struct sim *s, int account, bool twice)
{
	struct account *a = &s->accounts[account];
	unsigned i, last = a->nrostered < 4 ? a->nrostered : 4, ten = 1, second = 1;
	int h = a->host;

	for (i = 0; i < last; i++)
		ten += a->rostered[i] != 0 && a->rostered[i] + 10000 > s->now.mono_ms;
	/* Of what waited for room it isn't known when it was asked for. */
	a->rostered[a->nrostered++ % 4] = s->held ? 0 : s->now.mono_ms;
	if (ten > (twice ? 2 : 1) && !s->held)
		sim_fail(s, "9: the roster of %s is asked for %u times in ten seconds", a->jid, ten);
	if (h < 0 || s->held)
		return;
	last = s->nwanted[h] < 64 ? s->nwanted[h] : 64;
	for (i = 0; i < last; i++)
		second += s->wanted[h][i] + 1000 > s->now.mono_ms;
	s->wanted[h][s->nwanted[h]++ % 64] = s->now.mono_ms;
	if (second > 11 * s->rosters_max + 6)
		sim_fail(s, "9: %u rosters in a second at home %d", second, h);
}

/*
 * 9: an account is asked to be a device ten times at once and then once a minute,
 * by one user three times and then once in ten minutes; a user asks so many, and
 * then one in half a minute.
 */
void
check_asked(struct sim *s, const char *user, const char *account)
{
	struct asking_of now = {s->now.mono_ms, user_of(s, user), account_of(s, account)};
	unsigned i, last, pair = 0, asked = 0, asker = 0;
	const struct asking_of *a;

	s->askings[s->naskings++ % 256] = now;
	last = s->naskings < 256 ? s->naskings : 256;
	for (i = 0; i < last; i++) {
		a = &s->askings[i];
		if (a->at + 600000 <= now.at)
			continue;
		pair += a->user == now.user && a->account == now.account;
		asked += a->account == now.account;
		asker += a->user == now.user;
	}
	if (pair > 3 + 1 || asked > 10 + 10 || asker > 2 * USER_DEVICES_MAX + 20)
		sim_fail(s, "9: in ten minutes %s is asked %u times, by %s %u times, who asks %u", account, asked, user,
		    pair, asker);
}

/* Nobody is asked on behalf of a user whose host isn't configured. */
static void
check_withheld(struct sim *s, int user)
{
	if (!s->held && !known_named(s, s->accounts[user].host))
		sim_fail(s, "3: a request on behalf of %s, whose host is removed", s->people[user].jid);
}

/* 2: being linked makes nobody an audience, which he is told once on each stream. */
static void
check_let_see(struct sim *s, const struct action *act)
{
	int u = user_of_bridge(s, act->from.bare), a = account_of(s, act->to.bare);
	struct link_entry *l = u >= 0 && a >= 0 ? known_live(s, u, a) : NULL;

	if (act->presence.type == PRESENCE_SUBSCRIBED && (u < 0 || a != u))
		sim_fail(s, "2: %s is let see the bridge of another", act->to.bare);
	if (act->presence.type != PRESENCE_UNSUBSCRIBED || l == NULL || s->people[u].perhaps_left || s->people[u].heir)
		return; /* that may be the end of it */
	/* Once of our own accord, once because it has asked. */
	if (++l->denied > 1 + l->asked)
		sim_fail(s, "12: %s is refused to see the bridge again", act->to.bare);
}

static void
check_addresses(struct sim *s, const struct action *act)
{
	if (act->to.bare == NULL || *act->to.bare == '\0')
		sim_fail(s, "10: a stanza to nobody (action %d)", (int)act->kind);
	else if (!same_text(act->from.bare, SIM_DOMAIN) && user_of_bridge(s, act->from.bare) < 0)
		sim_fail(s, "10: a stanza from %s", act->from.bare != NULL ? act->from.bare : "nobody");
}

/* 4: a host that has granted nothing is asked once on a stream for its word, of whatever account. */
static bool
check_word(struct sim *s, const char *jid)
{
	const char *at = jid != NULL ? strchr(jid, '@') : NULL;
	int h;

	for (h = 0; h < SIM_HOSTS; h++) {
		if (at == NULL || strcmp(at + 1, host_names[h]) != 0 || s->told_grant[h])
			continue;
		if (s->worded[h])
			sim_fail(s, "4: host %d is asked for its word again", h);
		s->worded[h] = true;
		return true;
	}
	return false;
}

/* The roster of a linked account, on a host that grants it, tells whether its approval stands. */
static bool
is_linked(const struct sim *s, int account)
{
	int i;

	for (i = 0; i < s->nlinks; i++) {
		if (s->links[i].account == account && s->links[i].approved)
			return s->accounts[account].host >= 0;
	}
	return false;
}

void
check_action(struct sim *s, const struct action *act)
{
	int user = user_of(s, act->kind == ACTION_EVENT ? act->owner : act->to.bare);
	bool privileged = act->way != WAY_ORDINARY;

	check_addresses(s, act);
	switch (act->kind) {
	case ACTION_PRESENCE:
		if (act->presence.type == PRESENCE_PROBE || act->presence.type == PRESENCE_SUBSCRIBE)
			check_withheld(s, user_of_bridge(s, act->from.bare));
		claim_asked(s, act);
		if (act->presence.type == PRESENCE_PROBE || act->presence.type == PRESENCE_SUBSCRIBE)
			check_probe(s, user_of_bridge(s, act->from.bare));
		if (act->presence.type == PRESENCE_AVAILABLE || act->presence.type == PRESENCE_ERROR)
			sim_fail(s, "12: presence of our own");
		check_let_see(s, act);
		return;
	case ACTION_HEADLINE:
		if (!same_text(act->from.bare, SIM_DOMAIN) || !same_text(act->to.bare, SIM_DOMAIN) ||
		    act->to.resource == NULL)
			sim_fail(s, "12: a headline to somebody else");
		return;
	case ACTION_MESSAGE:
	case ACTION_COMMAND_REPLY:
	case ACTION_ANSWER:
	case ACTION_ERROR:
		return;
	case ACTION_PING:
	case ACTION_INFO_GET:
		check_id(s, act->id);
		return;
	default:
		break;
	}
	if (act->kind == ACTION_ROSTER_GET && check_word(s, act->to.bare)) {
		check_id(s, act->id);
		return;
	}
	if (user < 0 && act->kind == ACTION_ROSTER_GET && is_linked(s, account_of(s, act->to.bare))) {
		check_grant(s, act, account_of(s, act->to.bare));
		check_roster(s, account_of(s, act->to.bare), false);
		check_id(s, act->id);
		return;
	}
	if (user < 0) {
		sim_fail(s, "3: an IQ to %s", act->to.bare != NULL ? act->to.bare : "nobody");
		return;
	}
	check_grant(s, act, user);
	if (act->kind == ACTION_ROSTER_GET)
		check_roster(s, user, is_linked(s, user));
	if (act->kind == ACTION_EVENT) {
		check_event(s, act, user);
		return;
	}
	check_id(s, act->id);
	if (privileged && !same_text(act->from.bare, SIM_DOMAIN))
		sim_fail(s, "10: a privileged request from %s", act->from.bare);
	if (act->kind == ACTION_AFFILIATE && !same_text(act->who, s->people[user].bridge))
		sim_fail(s, "4: %s is made a publisher", act->who);
	if (act->kind == ACTION_PUBLISH)
		check_publish(s, act, user);
}

/* 5 and 13: what the core holds follows from links and from what was asked a moment ago. */
void
check_gauges(struct sim *s)
{
	struct core_stats st;
	const struct iq *iq;
	size_t asked = 0, users = 0, live = 0;
	uint64_t life = SILENCE_TIMES * QUERY_LIFE_MS + FULL_MS;
	int i;

	if (s->core == NULL || s->failed)
		return;
	oracle_haste(s);
	core_stats(s->core, &st);
	for (iq = s->iqs; iq != NULL && s->up && iq->epoch == s->epoch; iq = iq->next) {
		if (iq->asked_at + life + PORTIONS_MS <= s->now.mono_ms)
			break;
		asked += !iq->fed && iq->at + life > s->now.mono_ms;
	}
	for (i = 0; i < s->nusers; i++)
		users += s->people[i].state != OUT || (s->people[i].asked && s->full_until > s->now.mono_ms);
	for (i = 0; i < s->nlinks; i++)
		live += !s->links[i].forgotten &&
		    (!s->links[i].revoked || s->people[s->links[i].user].state == LEAVING ||
			s->people[s->links[i].user].perhaps_left);
	/* What could not be said for want of memory is waited for all the same. */
	if (s->full_until <= s->now.mono_ms && s->nomem_at + life < s->now.mono_ms &&
	    (st.queries > asked || st.in_flight > asked))
		sim_fail(s, "5: %zu requests wait for answers, %zu were asked", st.queries, asked);
	if (st.shared && !s->second_ever)
		sim_fail(s, "F21: a second connection where there is none");
	if (st.users != users && s->full_until <= s->now.mono_ms)
		sim_fail(s, "13: %zu users where there are %zu", st.users, users);
	if (st.devices > live + 2 * SIM_CLIENTS * users)
		sim_fail(s, "13: %zu devices where there are %zu links", st.devices, live);
	/* Writes and answers that somebody caused have their bounds; what the core has to say itself is about as many things. */
	if (st.waiting > WRITES_MAX + 2 * ANSWERS_MAX + WAIT_MAX)
		sim_fail(s, "13: %zu things wait for a server that does not read", st.waiting);
	if (st.resources > SIM_CLIENTS * (live + users))
		sim_fail(s, "13: %zu resources", st.resources);
}
