/*
 * The simulator: the whole core in a world made from one seed.  Servers with
 * the measured ways of real ones, people, devices, strangers, a registry that
 * fails and a link that breaks; after every step the invariants of
 * doc/threats.md, as far as they can be seen from outside the core.
 *
 *	world	what is true: accounts, clients, subscriptions, rosters, nodes
 *	known	what the core has been told, event by event: what an item may say
 *	oracle	what the nodes have to hold when all faults have healed
 *
 * Nothing of src/core but its interface (core/core.h) is used.
 *
 * "What is always true" (doc/threats.md), where it is checked:
 *
 *	 1  oracle.c (each item against the ledger and the registry), known.c (each row)
 *	 2  check.c (the access model of each publish, who gets events, who is let see a bridge), pep.c (what the node is
 *	    when it takes an item)
 *	 3  strangers.c (nothing changes), known.c and check.c (rows, IQs and items of nobody)
 *	 4  check.c (each action against what was granted on this stream; of a removed host to empty items alone)
 *	 5  check.c (ids, how many wait), drive.c (an answer that comes twice, or too late)
 *	 6  check.c (an item is as old as its publish; an event says what was acknowledged), oracle.c
 *	 7  oracle.c; of who has left too; haste.c, that it goes soon
 *	 8  known.c and known_heard.c keep it, oracle.c holds items against it; strangers.c
 *	 9  check.c (publishes of a user, probes of a stream, greetings of a contact)
 *	10  check.c (from our domain, to somebody); that it parses back is wire's: tests/unit/test_write.c, tests/fuzz
 *	11  sys/link.c's: tests/unit/test_link.c; the core asks for a new stream here (drive.c)
 *	12  drive.c (no circles, a deadline that is ahead), check.c (no presence of our own)
 *	13  check.c (gauges against links); rest.c: in the end every counter, queue and bucket is home
 *	14  sys/log.c's: tests/unit/test_log.c
 *	15  final.c, by oracle.c
 *	16  final.c: all that is silent is offline by then
 *	17  faults.c takes grants away and gives them back, final.c wants the item
 *	18  range.c runs every sixteenth seed twice
 *	19  claims.c, oracle.c
 *
 * Of the faults: F19, silent.c (who is dead is not shown in the end, who lives always is); F12, known.c and registry.c (an end in force is durable, on its way or refused a moment ago; no
 * row goes before its end is durable, none comes back behind its user's deletion); F14, final.c (how long an item
 * stands).
 */
#ifndef PP_TESTS_SIM_SIM_H
#define PP_TESTS_SIM_SIM_H

#include <stdio.h>

#include "base/limits.h"
#include "core/core.h"

#define SIM_DOMAIN "bridge.home.test"
#define SIM_USERS_MAX 8
#define SIM_ACCOUNTS_MAX 28
#define SIM_CLIENTS 3 /* resources of an account: r0, r1, r2 */
#define SIM_HOSTS 3
#define SIM_LINKS_MAX 400
#define SIM_LINE_MAX 240
#define SIM_NAMES 1024
#define SIM_LAST_LINES 60
#define SILENCE_TIMES 10	    /* a request is waited for so many of its times at most */
#define NEWCOMER_MS INT64_C(777000) /* since when somebody who has got an account's name has been idle */

enum personality {
	PROSODY,
	EJABBERD_2301,
	EJABBERD_2412,
	EJABBERD_2607,
	PERSONALITIES
};
extern const char *const personality_names[PERSONALITIES];
extern const char *const host_names[SIM_HOSTS];

enum fault {
	FAULT_DELAY = 1,
	FAULT_LOSS = 2,
	FAULT_TWICE = 4,
	FAULT_CUT = 8,
	FAULT_RESTART = 16,
	FAULT_CRASH = 32,
	FAULT_STORE = 64,
	FAULT_GRANT = 128,
	FAULT_STRANGER = 256,
	FAULT_FULL = 512,
	FAULT_REMOTE = 1024,
	FAULT_NODE = 2048,
	FAULT_CLOCK = 4096,
	FAULT_RELOAD = 8192,
	FAULT_MEMORY = 16384,
	FAULT_SECOND = 32768,
	FAULT_SIZE = 65536, /* rosters in portions, answers that are too large */
	FAULT_DEATH = 131072,
	FAULT_FREEZE = 262144,
	FAULT_ACCOUNT = 524288,	 /* accounts are deleted, and their names registered by somebody else */
	FAULT_STORAGE = 1048576, /* rosters that can't be read read as empty ones */
	FAULT_BLOCK = 2097152,	 /* contacts block users, and their bridges with them (XEP-0191) */
	FAULTS_ALL = 4194303
};

struct options {
	uint64_t seed;
	int users;	 /* 0: by the seed */
	int steps;	 /* 0: by the seed */
	int personality; /* -1: by the seed */
	int faults;	 /* enum fault; -1: by the seed */
	bool trace;
	FILE *actions; /* where each action is written (actions.h); NULL: nowhere */
};

/* What comes in the order in which it was sent. */
enum stream {
	STREAM_OURS,
	STREAM_FAR,
	STREAM_TRUSTED,
	STREAM_SELF, /* what a component sends to itself */
	STREAMS
};

enum sub {
	SUB_NONE,
	SUB_PENDING,
	SUB_YES
};

struct client {
	bool available;
	bool dead;		      /* it was, and nobody said that it isn't */
	uint64_t since;		      /* mono: it is */
	bool directed[SIM_USERS_MAX]; /* to the bridges that were sent its presence though not subscribed */
	struct presence_event p;
};

enum manner {
	HONEST,
	FLAPPING,
	REFUSING
};

struct account {
	const char *jid, *domain;
	int host; /* index of its host; -1: on another server */
	bool trusted;
	enum manner manner;
	const char *type;   /* of its clients' identity; NULL: they don't answer */
	bool silent;	    /* its server answers no probe while it is offline */
	bool deaf;	    /* nor while it is there */
	bool bare;	    /* it has no resources, mostly: its first client speaks from the bare JID */
	bool late_approval; /* presence comes before `subscribed' */
	bool bare_approval; /* no presence comes with `subscribed' */
	bool damaged;	    /* its roster reads as an empty one */
	unsigned life;	    /* how often somebody else has got its name */
	struct client clients[SIM_CLIENTS];
	enum sub subs[SIM_USERS_MAX]; /* of the bridges to it */
	bool sees[SIM_USERS_MAX];     /* it has been let see the bridge */
	bool asks_back;		      /* its clients ask for that themselves, and again when they are refused */
	bool blocks[SIM_USERS_MAX];   /* nothing goes either way */
	uint64_t greeted[64];	      /* mono: events to one of its resources, the last ones */
	unsigned ngreeted;
	uint64_t rostered[4]; /* mono: its roster was asked for, by this process */
	unsigned nrostered;
	struct greeted {
		double level; /* of a bucket that leaks one in a minute */
		uint64_t at;
	} by[SIM_CLIENTS][SIM_USERS_MAX]; /* the same of each resource, by each user */
};

/* One resource as the core was told. */
struct told {
	bool there;
	bool ghost;   /* from before the link was lost, not contradicted */
	bool weak;    /* a ghost that may have been dropped */
	bool fed;     /* by a subscription */
	bool off;     /* not there, as was said on this stream */
	bool perhaps; /* it may not have counted */
	uint64_t at;  /* mono: it was said */
	struct presence_event p;
};

/* The ledger: a linked account, from the first write of its row. */
struct link_entry {
	int user, account;
	char id[16];
	bool stored; /* the core was told so */
	bool confirmed, approved, revoked, forgotten;
	bool durable;  /* its end is in the registry */
	bool sure;     /* its account has done all that it can, after the healing */
	bool heard;    /* presence since the link came up */
	bool answered; /* a probe, since the program started */
	bool active;   /* shown, as the core was told */
	bool newly;    /* only since the link came up */
	bool asked;    /* to see the bridge, likewise */
	int denied;    /* how often that was refused */
	int reminded;  /* how often its user was told that it does not answer, since the start */
	int stale;     /* 0, 1; -1: either */
	bool orphan;   /* its account is somebody else's by now, and nobody has said so */
	bool suspended;
	bool proved, lacked; /* on this stream: its approval; not by the roster read last */
	const char *probe;   /* the resource that it was probed from */
	struct told told[SIM_CLIENTS];
};

enum state {
	OUT,
	ENROLLING,
	IN,
	LEAVING
};

enum by {
	BY_NOBODY,
	BY_OWNER,
	BY_BRIDGE,
	BY_OTHER
};

struct node {
	bool exists, publisher;
	enum by by; /* of the item */
	struct node_config config;
	const struct item *item;
	uint64_t content;
	/* contents that the core may take for acknowledged */
	uint64_t candidates[8];
	int ncandidates;	/* -1: unknown, after a crash */
	uint64_t published[64]; /* mono: the last ones */
	unsigned npublished;
};

struct person {
	const char *jid, *bridge;
	enum state state;
	bool asked;	     /* to enrol */
	bool answered;	     /* a probe, since the program started */
	bool stale;	     /* an error came: her resources may be */
	bool perhaps_left;   /* in a session of which only the core knows whether it is one */
	bool residue;	     /* the core said that it left an item behind */
	bool approved;	     /* the core was told so */
	uint64_t resumed_at; /* mono: what was said at this very moment may have been said before */
	bool requested;	     /* she was asked last by a request, not by a probe */
	bool heir;	     /* may enrol by beginning anew */
	uint64_t withdrew;   /* mono: a request to her was taken back, which servers echo */
	/* as a link's */
	bool orphan, suspended, proved, lacked;
	bool late_roster; /* the last one: it counts if it was asked for on her own behalf, which isn't known */
	const char *probe;
	struct told told[SIM_CLIENTS];
	struct node nodes[NODES];
	enum subscription roster[SIM_ACCOUNTS_MAX];
	bool group[SIM_ACCOUNTS_MAX];
	bool shuts_out[SIM_ACCOUNTS_MAX]; /* she blocks him (XEP-0191) */
	/* what the core knows of the roster */
	bool fed_roster[SIM_ACCOUNTS_MAX];
	bool fed_shut[SIM_ACCOUNTS_MAX];    /* and of her block list */
	bool sure_roster[SIM_ACCOUNTS_MAX]; /* he is in its roster for all that is known, and not only perhaps */
	uint64_t roster_at, pushed[SIM_ACCOUNTS_MAX];
	uint64_t seen[SIM_ACCOUNTS_MAX]; /* content of the last event of the public node that was sent to it */
	bool probed, stirred;		 /* since the link came up; stirred: something of it was told */
	uint64_t probed_at;		 /* mono: her probe on this stream; 0: not yet */
	bool narrowed;			 /* something was to be seen, and is not to be any more: since the start */
	uint64_t bad_since[NODES];	 /* mono: her node holds such a thing; 0: it does not */
	size_t portion;			 /* items of her roster in one portion; 0: it comes in one piece */
	bool large;			 /* it is larger than any that is read */
	uint64_t large_at;		 /* mono: the core was told so */
};

struct iq {
	struct iq *next;
	enum action_kind kind;
	const char *id, *from, *to, *to_resource;
	enum way way;
	int user, node;
	enum access access;
	struct node_config config;
	const struct item *item;
	uint64_t content, at, epoch;
	uint64_t asked_at;		   /* `at' moves on with each portion of its answer */
	const struct roster_event *roster; /* of its answer */
	const bool *shut;		   /* likewise: who is in a block list */
	bool begun, admitted;		   /* an answer that comes in portions */
	bool went, elsewhere;		   /* that, to the other connection */
	bool word;			   /* a roster that was only to tell whether they can be had */
	bool fed;
	uint64_t key; /* the order among those of the same moment */
};

struct pending {
	struct pending *next;
	uint64_t at;
	struct event ev;
	struct iq *iq; /* of an answer */
	int stream;    /* of another domain or to ourselves: it comes in order; -1: of none */
	bool stale;    /* must change nothing: an answer that comes again */
	bool local;    /* not from the link: the registry's */
	struct write *writes;
};

struct write {
	struct write *next;
	enum action_kind kind;
	uint64_t ticket, order;
	struct user_record user;
	struct device_record device;
};

struct row {
	struct row *next;
	struct device_record r;
};

struct registry {
	bool has[SIM_USERS_MAX];
	struct user_record users[SIM_USERS_MAX];
	struct row *rows;
	struct user_record notes[SIM_USERS_MAX];
	bool noted[SIM_USERS_MAX];
	uint64_t order, noted_order[SIM_USERS_MAX];
	struct write *batch, **batch_tail;
	struct write *on_way; /* committed or refused, the core not told yet: async */
	bool failing, async;
	uint64_t last_at, failed_at;
};

struct sim {
	struct options opt;
	enum personality personality;
	int faults;
	uint64_t rng;
	struct core *core;
	struct core_settings set;
	uint8_t key[CORE_KEY_LEN];
	struct instant now;
	void *memory;
	char *free_at;
	size_t free_left;
	/* the world */
	struct account accounts[SIM_ACCOUNTS_MAX];
	int naccounts, nusers;
	struct person people[SIM_USERS_MAX];
	struct grant_event final[SIM_HOSTS], wished[SIM_HOSTS]; /* as it is on the server, as it is to be in the end */
	bool grants[SIM_HOSTS], wishes[SIM_HOSTS];
	struct grant_event granted[SIM_HOSTS]; /* as the core was told on this stream */
	bool told_grant[SIM_HOSTS];
	bool unnamed[SIM_HOSTS];	/* `hosts' doesn't name it */
	bool gone[SIM_HOSTS];		/* a ghost has taken the privileges along: nothing is granted on this stream */
	bool worded[SIM_HOSTS];		/* asked on this stream, having granted nothing */
	uint64_t granted_at[SIM_HOSTS]; /* mono: the last one comes to the core */
	bool remote_down, healed, missed;
	bool second, second_ever; /* another connection of our domain takes half of all stanzas */
	bool mute;		  /* the server gives nothing back of what a component sends to itself */
	bool stripped;		  /* it has ended, and our stream has no privileges any more (ejabberd) */
	bool betrayed;		  /* it took a headline */
	uint64_t second_at;
	bool small_items, pep_down; /* the PEP service takes no large items; nothing at all */
	bool up;
	bool held;  /* actions had to wait: they were decided earlier */
	bool again; /* the core asked for a new stream */
	int64_t fed_wall;
	unsigned settle_min, settle_max, probes_max, rosters_max; /* of the settings since the link came up */
	unsigned audit_min;					  /* since the beginning; 0: there was none */
	bool deaths;
	int steps;
	uint64_t nomem_at, fed_at, epoch, again_at, up_at, full_until, next_act, last_from[STREAMS];
	struct iq *iqs;
	struct pending *queue;
	struct registry reg;
	struct link_entry links[SIM_LINKS_MAX];
	int nlinks;
	const char **ids; /* of every IQ: an open hash */
	size_t nids, ids_size;
	bool drained;
	double tokens[SIM_HOSTS];	/* of probes */
	uint64_t wanted[SIM_HOSTS][64]; /* mono: the last rosters that were asked for */
	unsigned nwanted[SIM_HOSTS];
	struct asking_of {
		uint64_t at;
		int user, account;
	} askings[256]; /* accounts that were asked to be devices, by this process */
	unsigned naskings;
	uint64_t asked[SIM_HOSTS][256]; /* mono: the last probes */
	unsigned nasked[SIM_HOSTS];
	uint64_t tokens_at;
	/* actions.c */
	struct {
		bool on;
		uint64_t peer, key, number, rng;
		unsigned part;
	} taking;
	struct held *held_pendings;
	size_t nheld, held_size;
	struct iq *iqs_sorted;
	int links_sorted;
	struct name *names[SIM_NAMES];
	uint64_t drawn_at, nnumbered;
	bool drawn, event_waits;
	const char *event_text;
	/* what happened */
	uint64_t events, actions, hash, started, ticks;
	bool failed;
	char why[SIM_LINE_MAX * 2];
	char lines[SIM_LAST_LINES][SIM_LINE_MAX];
	unsigned nlines;
};

/* sim.c: time, chance, memory, the trace */
void *sim_mem(struct sim *s, size_t size);
const char *sim_dup(struct sim *s, const char *text);
const char *sim_text(struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
uint64_t sim_below(struct sim *s, uint64_t n);
bool sim_chance(struct sim *s, unsigned percent);
void sim_line(struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sim_fail(struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool sim_run(struct sim *s, const struct options *opt); /* true: nothing was wrong; sim_clear() in any case */
void sim_clear(struct sim *s);
bool same_text(const char *a, const char *b);

/* drive.c: feeding the core and taking what it wants */
int drive_core(struct sim *s, const struct event *ev); /* memory may fail; then it is fed again */
int drive_core_well(struct sim *s, const struct event *ev);
void drive_feed(struct sim *s, const struct event *ev, struct iq *iq);
void drive_kind(struct sim *s, enum event_kind kind);
void drive_pump(struct sim *s);
/* Actions that had to wait may be taken now; the pump knows still that they were decided earlier. */
void drive_unhold(struct sim *s);
void drive_later(struct sim *s, uint64_t ms, const struct event *ev, struct iq *iq);
void drive_in_order(struct sim *s, int stream, uint64_t ms,
    const struct event *ev); /* of STREAM: not before the last */
void drive_enqueue(struct sim *s, struct pending *p);
bool drive_turn(struct sim *s, uint64_t until); /* to the next moment; false: UNTIL was reached */
void drive_link_up(struct sim *s);
void drive_link_down(struct sim *s);
void drive_start(struct sim *s, bool crashed);
void drive_stop(struct sim *s, bool drain, bool crash);

/* count.c: for the coverage */
void count_action(const struct action *act);
void count_outcome(enum action_kind kind, int outcome);
void count_row(const struct device_record *before, const struct device_record *after);
double sim_cpu(void);

/* trace.c: actions and events as lines */
void trace_action(struct sim *s, const struct action *act);
void trace_event(struct sim *s, const struct event *ev);
const char *trace_action_name(enum action_kind kind);
const char *trace_event_name(enum event_kind kind);

/* world.c: how it begins, and who is who */
void world_make(struct sim *s);
int user_of(const struct sim *s, const char *primary);
int user_of_bridge(const struct sim *s, const char *bridge);
int account_of(const struct sim *s, const char *jid);
int client_of(const char *resource);
const char *client_name(int i);
int node_of(const char *node);

/* route.c: presence and subscriptions, as servers route them */
void route_presence(struct sim *s, const struct action *act);
void route_message(struct sim *s, const struct action *act);
void route_changed(struct sim *s, int account, int client, bool killed);
void route_send(struct sim *s, int account, int client, int user, enum presence_type type);
void route_connected(struct sim *s);
void route_block(struct sim *s, int account, int user, bool blocks);
void route_approve(struct sim *s, int account, int user);
void route_end(struct sim *s, int account, int user); /* the account takes its approval back, or refuses */
bool route_reaches(const struct sim *s, int account);

/* server.c, pep.c: what is answered */
void server_takes(struct sim *s, const struct action *act);
void server_grant(struct sim *s, int host, const struct grant_event *g, uint64_t ms);
bool pep(struct sim *s, struct iq *iq, struct answer_event *a);

/* registry.c */
void registry_takes(struct sim *s, const struct action *act);
bool registry_commit(struct sim *s, bool tell);
void registry_feed(struct sim *s, struct write *writes, bool ok);
void registry_flush(struct sim *s, bool lose);
void registry_load(struct sim *s, bool doubtful);
void registry_earlier(struct sim *s); /* one that let linked accounts see the bridge, and noted nothing of it */
const struct device_record *registry_device(const struct sim *s, int user, const char *id);
bool registry_busy(const struct sim *s, int user, const char *id);

/* claims.c: what is known of yesterday's approvals */
bool claim_in_doubt(const struct person *p);
bool claim_is_verifiable(const struct sim *s, int account); /* by its roster, at this moment or a moment later */
bool claim_is_unsure(const struct sim *s, const struct link_entry *l);
bool claim_reads_for_her(const struct sim *s, const struct iq *iq);
void claim_asked(struct sim *s, const struct action *act);
void claim_said(struct sim *s, const struct log_line *log);
void claim_written(struct sim *s,
    const struct write *w); /* a row is on its way: the line may be lost for want of memory */
void claim_presence(struct sim *s, int user, struct link_entry *l, const struct event *ev); /* L: NULL: her own */
void claim_roster(struct sim *s, const struct event *ev, const struct iq *iq);
void claim_link(struct sim *s);
void claim_start(struct sim *s);
void claim_enrols(struct sim *s, int user);
void claim_deletes(struct sim *s, int account);
void claim_reply(struct sim *s, const struct action *act);
bool claim_may_be_held(const struct sim *s, int host);
void claim_final(struct sim *s);
/* Nobody who has got the name of an account is shown by what the one before has agreed to. */
void claim_newcomer(struct sim *s, const struct link_entry *l, const struct item_device *d);
/* An item that goes out while it isn't known whose account it is. */
void claim_publish(struct sim *s, int user, int node, const struct item *item);

/* known.c, known_heard.c: the ledger */
void known_event(struct sim *s, const struct event *ev, const struct iq *iq);
void known_revoke(struct sim *s, struct link_entry *l);
void known_leave(struct sim *s, int user);
void known_write(struct sim *s, const struct write *w);
void known_stored(struct sim *s, const struct write *w, bool ok);
void known_durable(struct sim *s, const struct write *w);
void known_ends(struct sim *s); /* all has been taken: each end is durable, on its way, or refused a moment ago */
bool known_named(const struct sim *s, int host); /* by the settings */
bool known_host(const struct sim *s, int host);	 /* likewise, or it has users in the registry */
void known_link(struct sim *s, bool up);
void known_resumed(struct sim *s, int user);
void known_start(struct sim *s);
void known_not_enrolled(struct sim *s); /* all has been taken: who asked to enrol and has no row was refused */
void known_ended(struct sim *s, const char *primary, const char *id);
/* Another connection has taken EV: whoever was asked again since then has not said anything. */
void known_lost(struct sim *s, const struct event *ev);
struct link_entry *known_live(struct sim *s, int user, int account);
struct link_entry *known_id(struct sim *s, int user, const char *id);

/* silent.c: who dies without a word, and who may be taken for dead */
void silent_death(struct sim *s);
void silent_freeze(struct sim *s);
bool silent_answers(const struct event *ev);
bool silent_may_be_hidden(const struct sim *s, int account, int client, const struct told *t);
bool silent_may_be_stale(const struct sim *s, int account, int client,
    const struct told told[SIM_CLIENTS]); /* -1: all */
void silent_unknown(struct sim *s, int account, bool answered, const struct told told[SIM_CLIENTS],
    struct told out[SIM_CLIENTS]);

/* check.c: the invariants */
void check_asked(struct sim *s, const char *user, const char *account);
void check_action(struct sim *s, const struct action *act);
void check_gauges(struct sim *s);

/* items.c */
const struct item *item_clone(struct sim *s, const struct item *item);
uint64_t item_content(const struct item *item);

/* oracle.c, haste.c, final.c: what items may and have to say */
void oracle_publish(struct sim *s, int user, int node, const struct item *item);
void oracle_event(struct sim *s, int user, int node, const struct item *item);
void oracle_haste(struct sim *s); /* what is not to be seen any more is gone soon */
void oracle_final(struct sim *s);

/* people.c, strangers.c: who does something */
void people_act(struct sim *s);
void people_insist(struct sim *s);
void people_settle(struct sim *s);
size_t people_fill(struct sim *s, const char *from, const char *node, struct form_value *out); /* up to four fields */
void people_command(struct sim *s, const char *from, const char *node, const char *const *fields);
void strangers_act(struct sim *s);

/* faults.c */
void faults_act(struct sim *s);
void faults_heal(struct sim *s);

#endif
