/* How the world begins: who is there, what the servers are like, what they grant. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/jid.h"
#include "base/mem.h"

const char *const host_names[SIM_HOSTS] = {"home.test", "work.test", "branch.test"};
const char *const personality_names[PERSONALITIES] = { "prosody", "ejabberd-23.01", "ejabberd-24.12",
	"ejabberd-26.07" };
static const char *const trusted[] = {"pbx.test"};
static const char *const names[SIM_CLIENTS] = {"r0", "r1", "r2"};

int
user_of(const struct sim *s, const char *primary)
{
	int u;

	for (u = 0; primary != NULL && u < s->nusers; u++) {
		if (strcmp(s->people[u].jid, primary) == 0)
			return u;
	}
	return -1;
}

int
user_of_bridge(const struct sim *s, const char *bridge)
{
	int u;

	for (u = 0; bridge != NULL && u < s->nusers; u++) {
		if (strcmp(s->people[u].bridge, bridge) == 0)
			return u;
	}
	return -1;
}

int
account_of(const struct sim *s, const char *jid)
{
	int a;

	for (a = 0; jid != NULL && a < s->naccounts; a++) {
		if (strcmp(s->accounts[a].jid, jid) == 0)
			return a;
	}
	return -1;
}

int
client_of(const char *resource)
{
	int i;

	for (i = 0; resource != NULL && i < SIM_CLIENTS; i++) {
		if (strcmp(names[i], resource) == 0)
			return i;
	}
	return -1;
}

const char *
client_name(int i)
{
	return names[i];
}

int
node_of(const char *node)
{
	if (same_text(node, NODE_DEVICES))
		return NODE_PUBLIC;
	return same_text(node, NODE_DEVICES_PRIVATE) ? NODE_PRIVATE : -1;
}

static void
make_account(struct sim *s, int a, bool user)
{
	static const char *const types[] = {"phone", "pc", "tablet", "bot", NULL};
	struct account *acc = &s->accounts[a];
	uint64_t where = sim_below(s, SIM_HOSTS + (user ? 0 : 2));

	memset(acc, 0, sizeof(*acc));
	acc->host = where < SIM_HOSTS ? (int)where : -1;
	acc->domain = where < SIM_HOSTS ? host_names[where] : where == SIM_HOSTS ? "far.test" : trusted[0];
	acc->trusted = where > SIM_HOSTS;
	acc->jid = sim_text(s, "%c%d@%s", user ? 'u' : 'a', a, acc->domain);
	acc->manner = user ? HONEST : (enum manner)sim_below(s, 6);
	if (acc->manner > REFUSING)
		acc->manner = HONEST;
	acc->type = types[sim_below(s, 5)];
	acc->silent = acc->host < 0 ? sim_chance(s, 50) : s->personality != PROSODY;
	acc->bare = acc->host < 0 && sim_chance(s, acc->trusted ? 60 : 15);
	acc->deaf = !user && acc->host < 0 && sim_chance(s, 20);
	acc->late_approval = sim_chance(s, 30);
	acc->bare_approval = sim_chance(s, 20);
	acc->asks_back = sim_chance(s, 30);
}

/* A node that was there before us: made by the user as an invitation, or by somebody else. */
static void
make_node(struct sim *s, struct node *n, int which)
{
	n->config.access = which == NODE_PUBLIC ? ACCESS_PRESENCE : ACCESS_WHITELIST;
	if (sim_chance(s, s->personality == EJABBERD_2301 ? 70 : 15)) {
		n->exists = n->publisher = true;
	} else if (sim_chance(s, 15)) {
		n->exists = true;
		n->publisher = sim_chance(s, 20);
		if (sim_chance(s, 50))
			n->config.access = ACCESS_OTHER;
		if (sim_chance(s, 50))
			n->by = BY_OTHER;
	}
}

static void
make_person(struct sim *s, int u)
{
	struct person *p = &s->people[u];
	struct buf b = {0};
	int a;

	p->jid = s->accounts[u].jid;
	jid_escape(&b, p->jid);
	p->bridge = sim_text(s, "%s@" SIM_DOMAIN, buf_text(&b));
	buf_clear(&b);
	make_node(s, &p->nodes[NODE_PUBLIC], NODE_PUBLIC);
	make_node(s, &p->nodes[NODE_PRIVATE], NODE_PRIVATE);
	if (s->faults & FAULT_SIZE)
		p->portion = sim_below(s, 4);
	for (a = 0; a < s->naccounts; a++) {
		if (a != u && sim_chance(s, 40))
			p->roster[a] = (enum subscription)sim_below(s, 4);
	}
}

static void
make_grant(struct sim *s, int host)
{
	struct grant_event *g = &s->final[host];

	s->grants[host] = sim_chance(s, 90);
	if (!s->grants[host])
		return;
	g->version = s->personality == EJABBERD_2301 ? 1 : 2;
	g->roster = sim_chance(s, 80) ? MAY_GET : 0;
	g->message = sim_chance(s, 80);
	g->presence = sim_chance(s, 70);
	g->presence_roster = g->presence && g->roster && sim_chance(s, 50);
	if (s->personality == EJABBERD_2301)
		return;
	g->iq_pubsub = sim_chance(s, 85) ? MAY_GET | MAY_SET : 0;
	g->iq_owner = g->iq_pubsub && sim_chance(s, 75) ? MAY_GET | MAY_SET : 0;
	g->iq_blocking = sim_chance(s, 70) ? MAY_GET : 0;
}

void
world_make(struct sim *s)
{
	static const unsigned probes[] = {2, 10, 500}, audits[] = {0, 30, 30, 600};
	int i;

	s->personality = (enum personality)sim_below(s, PERSONALITIES);
	if (s->opt.personality >= 0)
		s->personality = (enum personality)s->opt.personality;
	/* Not all faults in each seed: what one of them hides the other shows. */
	for (i = 1; i < FAULTS_ALL; i *= 2)
		s->faults |= sim_chance(s, 40) ? i : 0;
	if (s->opt.faults >= 0)
		s->faults = s->opt.faults;
	/* How often memory is asked for is no behaviour. */
	if (s->opt.actions != NULL)
		s->faults &= ~FAULT_MEMORY;
	s->nusers = 1 + (int)sim_below(s, SIM_USERS_MAX - 1);
	if (s->opt.users > 0)
		s->nusers = s->opt.users < SIM_USERS_MAX ? s->opt.users : SIM_USERS_MAX;
	s->naccounts = s->nusers + 2 + (int)sim_below(s, 2 * (uint64_t)s->nusers);
	core_settings_default(&s->set);
	s->set.domain = SIM_DOMAIN;
	s->set.hosts = host_names;
	s->set.nhosts = SIM_HOSTS;
	s->set.trusted = trusted;
	s->set.ntrusted = 1;
	s->set.linger_ms = 20000;
	s->set.probes_per_s = probes[sim_below(s, 3)];
	s->set.audit_s = s->audit_min = audits[sim_below(s, 4)];
	s->set.debug = true;
	if (sim_chance(s, 10))
		s->set.deliver = sim_chance(s, 50) ? DELIVER_ALWAYS : DELIVER_NEVER;
	if (sim_chance(s, 10))
		s->set.access = ACCESS_WHITELIST;
	for (i = 0; i < CORE_KEY_LEN; i++)
		s->key[i] = (uint8_t)sim_below(s, 256);
	for (i = 0; i < s->naccounts; i++)
		make_account(s, i, i < s->nusers);
	for (i = 0; i < s->nusers; i++)
		make_person(s, i);
	for (i = 0; i < SIM_HOSTS; i++)
		make_grant(s, i);
	memcpy(s->wished, s->final, sizeof(s->wished));
	memcpy(s->wishes, s->grants, sizeof(s->wishes));
	s->mute = sim_chance(s, 5);
	s->reg.async = sim_chance(s, 40);
	s->reg.batch_tail = &s->reg.batch;
}
