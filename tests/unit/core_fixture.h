/*
 * For tests of the core: a world around it, made of a clock that only the test
 * moves, a registry, and a server that answers.  Tests speak in verbs of the
 * protocol; the core is driven through core/core.h alone.
 *
 * The cast: alice@home.test enrols; alice@work.test is her desk phone;
 * bob@home.test is a contact.
 */
#ifndef PP_TESTS_CORE_FIXTURE_H
#define PP_TESTS_CORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/core.h"

#define DOMAIN "presence.home.test"
#define ALICE "alice@home.test"
#define ALICE_BRIDGE "alice\\40home.test@presence.home.test"
#define DESK "alice@work.test"
#define BOB "bob@home.test"
#define BOB_BRIDGE "bob\\40home.test@presence.home.test"

/* What core_setup() configures; a test may change it before restart(). */
extern struct core_settings settings;

/*
 * cmocka's setup: a core that is loaded, the link down.  Its keys, tables and
 * clock are this test's own; CORE_SEED=n in the environment makes other ones.
 */
int core_setup(void **state);
int core_teardown(void **state);

/* The same, and further: see has_enrolled() and has_a_desk_phone(), with all that a server can grant. */
int core_setup_enrolled(void **state);
int core_setup_linked(void **state);

/* One that the test feeds itself, as another process makes it. */
struct core *another_core(void);

#define TEST(f) cmocka_unit_test_setup_teardown(f, core_setup, core_teardown)
#define TEST_ENROLLED(f) cmocka_unit_test_setup_teardown(f, core_setup_enrolled, core_teardown)
#define TEST_LINKED(f) cmocka_unit_test_setup_teardown(f, core_setup_linked, core_teardown)

/* Time and the link */

void passes(uint64_t ms); /* by the core's deadlines */
void stalls(uint64_t ms); /* without that anything is taken from the core: the server doesn't read */
int64_t wall_now(void);
void clock_jumps(int64_t ms);  /* nothing is done meanwhile */
void clock_is_set(int64_t ms); /* the wall clock alone, forward or back */
void sleeps_over(uint64_t ms); /* the program: nothing is fed meanwhile */
void link_up(void);
void link_down(void);
void link_takes(unsigned actions); /* so many from here on, then it is full; -1: all */
void feeds(const struct event *ev);
int feeds_status(const struct event *ev); /* the same, and returns what core_feed() said */
bool admits(const struct event *ev);	  /* what core_admits() says of an answer that is too large */
bool awaits(const struct event *ev);	  /* and core_awaits() of one without its list */
void drains(void);
bool drained(void);
unsigned reconnects(void); /* how often the core asked for a new stream */
void configures(void);	   /* `settings', while it runs */
struct core_stats stats(void);

/* A text that lives until the end of the test. */
const char *kept(const char *text);

/* What the server is like: core_fixture_server.c and, of accounts, core_fixture_rosters.c */

enum {
	GRANT_ROSTER = 1,
	GRANT_MESSAGE = 2,
	GRANT_PRESENCE = 4,
	GRANT_PRESENCE_ROSTER = 8,
	GRANT_PUBSUB = 16,
	GRANT_OWNER = 32,
	GRANT_ALL = 63 - GRANT_PRESENCE_ROSTER,
	GRANT_BLOCKING = 64
};

extern struct server {
	const char *name;	/* of its disco identity; NULL: it doesn't answer */
	bool drops_ordinary;	/* ordinary IQs to accounts vanish (ejabberd 24.12) */
	bool drops_privileged;	/* privileged ones vanish */
	bool hears_capitals;	/* of privileged ones only those with the domain in capitals */
	bool echoes;		/* privileged ones come back unless the domain is in capitals (ejabberd 24.12) */
	bool foreign_items;	/* only the owner replaces another publisher's item (ejabberd) */
	bool ignores_configure; /* accepts a configuration and keeps the old one */
	bool hears_no_disco;	/* clients don't answer disco#info */
	bool forgets_grants;	/* home.test doesn't grant any more what it has said */
} server;

/*
 * What becomes of the messages that the core sends to itself: of each eight in
 * turn `.` comes back, `x` goes to another connection; NULL: all come back.
 * While they are held none does; then they come in their order, as far as they
 * were to.
 */
void line_is(const char *eight);
void line_holds(bool yes);
void line_releases(unsigned n);	 /* the first of those that are held */
unsigned headlines(void);	 /* sent since the last look */
const char *headline_last(void); /* the resource that it went to */

void grant(unsigned what);
void account_is_broken(const char *primary); /* its server refuses privileged and ordinary requests for it alone */
void account_is_silent(const char *primary); /* it says nothing to any request for it alone, until accounts_speak() */
void accounts_speak(void);
void grant_is_taken_back(void); /* the server grants nothing any more, which nobody is told */
void grant_by(const char *host, const char *to, unsigned what, int version);

enum reaction {
	ANSWERS, /* as a server of that kind does */
	SILENCE,
	ECHO,
	HOLDS,	/* answers when released() is called */
	LOSES,	/* does what it is asked for, and the answer gets lost */
	FAILS,	/* the forwarded IQ is an error */
	REFUSES /* the outer IQ is an error */
};

/* The next TIMES IQs of this kind (-1: all of them) are treated so. */
void reacts(enum action_kind kind, enum reaction how, int times);
void fails(enum action_kind kind, enum condition error, enum app_condition app, int times);
void refuses(enum action_kind kind, enum condition error, int times);
void behaves(void); /* as it should, from here on */
void released(void);
void release_first(void);

/* An IQ that the core sent, oldest first; NULL: none. */
struct iq {
	enum action_kind kind;
	const char *id, *from, *to, *to_resource, *owner, *node, *who;
	enum way way;
	enum access access;
	struct node_config config;
	struct published *payload;
	bool answered;
	bool aside; /* a ping to our own domain, or the word of a host that has granted nothing: not counted */
};
struct iq *iq_last(enum action_kind kind);
unsigned iq_count(enum action_kind kind);
unsigned words_asked(const char *host); /* rosters that were asked of a host that has granted nothing */

/* OK or an error (COND_NONE: a result) to IQ, wrapped as its way demands. */
struct event answer_to(const struct iq *iq, enum condition error);
/* An answer of which only the beginning is known, that of PAYLOAD. */
struct event too_large_answer_to(const struct iq *iq, enum payload_kind payload);
/* Alice's roster is asked for, and the test answers (Alice has the desk phone). */
struct event asked_for_roster(void);
/* Is WHO told when he signs in?  With a roster that is fresh that is decided by the contacts as they are. */
bool is_contact(const char *who);

/* Nodes as the server has them. */
void node_exists(const char *owner, const char *node, enum access access);
void node_publisher(const char *owner, const char *node, bool yes);
void node_foreign_item(const char *owner, const char *node);
enum access node_access(const char *owner, const char *node);
const struct published *node_item(const char *owner, const char *node);
struct node_config node_config(const char *owner, const char *node);

/* Rosters, identities, and who is not there any more. */
void roster_has(const char *owner, const char *jid, enum subscription sub, const char *group);
void roster_lacks(const char *owner, const char *jid);
void roster_refused(bool yes);
void roster_silent(const char *owner);		   /* the server says nothing to who asks for this one */
void roster_has_many(const char *owner, size_t n); /* many(0) to many(n - 1), as `both' */
const char *many(size_t i);
void roster_empty(void);		  /* everybody's */
void roster_too_large(const char *owner); /* NULL: nobody's is */
void roster_portions(size_t n);		  /* a roster of more than N items comes in portions of N; 0: in one */
/* OWNER's block list: a JID with or without a resource, or a domain. */
void blocks(const char *owner, const char *jid);
void unblocks(const char *owner, const char *jid);
/* Whether the server knows that ACCOUNT lets the bridge TO see it: approves() and ends() say so as well. */
void server_subscribes(const char *account, const char *to, bool yes);
bool server_is_subscribed(const char *account, const char *to);
/* A roster that can't be read reads as an empty one (SERVERS 12). */
void storage_is_damaged(const char *account, bool yes);
void client_is(const char *full, const char *type);
void client_is_dead(const char *full);

/*
 * Who answers probes: core_fixture_probes.c.  Nobody but who lives, on what domain it may be; an account with other
 * clients, or none, is as silent as ejabberd is about somebody who is offline.
 */

void lives(const char *full, const char *how);	      /* says so, and from here on it is in the answer to each probe */
void dies(const char *full);			      /* without a word, and isn't any more */
void answers_no_probe(const char *bare, bool so);     /* as some telephone systems */
void bounces(const char *bare, enum condition error); /* each probe; COND_NONE: it answers again */
void freezes(const char *domain);		      /* it answers later, when NULL is said */

/* What the registry is like: core_fixture_registry.c */

enum registry_mode {
	REGISTRY_WORKS,
	REGISTRY_FAILS,
	REGISTRY_WAITS /* until registry_is() says something else */
};
void registry_is(enum registry_mode mode);
void registry_writes(size_t n);		/* the first N of those that wait, and goes on waiting */
void registry_loses_notes(bool yes);	/* as a crash does */
const char *registry_last_device(void); /* the id in the last of a device that waits */
size_t registry_users(void);
size_t registry_devices(void);
const struct user_record *registry_user(const char *primary);
const struct device_record *registry_device(const char *primary, const char *jid);
void registry_holds(const struct user_record *u, const struct device_record *d);
void registry_holds_device(const struct device_record *d); /* of a user who is there */
void registry_is_of_an_earlier_version(void); /* which let linked accounts see the bridge, and noted nothing of it */

/* A new core with what the registry holds; the link is down.  After a crash the notes are doubtful. */
void restart(void);
void crash(void);
void crash_after_writes(size_t n); /* of those that wait, N reached the disk */
void write_fails(void);		   /* the first of those that wait */

/* People: core_fixture_verbs.c.  The user is alice unless user_is() has named another. */

void user_is(const char *primary);
const char *bridge(void);

/* HOW is on, chat, away, xa, dnd, or off. */
/* What an account says first on a stream answers the probe of it; from then on it answers each as it has said last. */
void says(const char *full, const char *how);
void says_text(const char *full, const char *how, const char *text);
void says_idle(const char *full, const char *how, int64_t since_ms);
void says_priority(const char *full, const char *how, int priority);
void says_to(const char *full, const char *to, const char *how);
void hints(const char *full, const char *how); /* by the presence privilege */
void hints_with_id(const char *full, const char *how, const char *id);
void is_gone(const char *bare);			 /* `unavailable` from the bare JID */
void answers(const char *full, const char *how); /* the last probe of that account, to where it came from */
void unreachable(const char *bare);		 /* its server can't be reached */
void fails_to_reach(const char *bare, enum condition error);
void sends(const char *from, const char *to, enum presence_type type);
void pushes(const struct roster_item *item); /* of Alice's roster */
void approves(const char *bare);	     /* `subscribed` */
void ends(const char *bare);		     /* `unsubscribed` */
void writes(const char *from, const char *body);
void sends_back(const char *bare); /* the last message to it, as an error */

/* The answer to the last command, or chat. */
extern struct reply {
	unsigned count; /* answers so far */
	bool error;	/* a stanza error */
	enum condition condition;
	enum app_condition app;
	enum command_status status;
	const char *note, *note_type, *sessionid, *to_resource;
	const char *name;    /* of who answers, in service discovery */
	const char *fields;  /* vars of the form, each followed by a blank */
	size_t nrows;	     /* of a result */
	const char *rows;    /* cells followed by '|', rows by a newline; as many as there is room for */
	const char *options; /* of the first field that has some, each followed by a blank */
	const char *labels;  /* of all options of all fields, each followed by '|' */
} reply;

/* Run a command with fields, var and value in turn, NULL at the end. */
void runs(const char *from, const char *node, ...) __attribute__((sentinel));
void runs_session(const char *from, const char *node, const char *sessionid, enum command_action action, ...)
    __attribute__((sentinel));
void succeeds(void);
void fails_with(const char *word);
void enrols(const char *primary);
void links(const char *account, const char *label);
void confirms(const char *account); /* by the command, the request of the user */
void says_yes(const char *account); /* by chat */
const char *device_id(const char *label);

/* Enrolled, approved, links settled; home.test grants WHAT. */
void has_enrolled(unsigned what);
void has_a_desk_phone(unsigned what);

/* What was seen */

struct shown {
	const char *id, *label, *jid;
	enum device_kind kind;
	bool preferred, stale;
	int64_t since_ms;
	const char *state; /* off, or shows joined by '+', each with its (status) and @idle */
};

struct published {
	const char *owner, *node;
	enum way way;
	int64_t updated_ms, expires_ms;
	size_t ndevices;
	struct shown devices[USER_DEVICES_MAX];
};

/* What is in PUB of the device with this label: its state, or "absent". */
const char *state_in(const struct published *pub, const char *label);
const struct shown *device_in(const struct published *pub, const char *label);

/* Publishes of the public node that the server was asked for since the last look. */
unsigned publishes(void);
unsigned publishes_private(void);
const struct published *last_published(const char *owner, const char *node);

/* The next publish comes within a minute and shows the device so. */
void assert_publishes(const char *label, const char *state);
void assert_shows(const char *label, const char *state); /* the last one does */
void assert_quiet(uint64_t ms);				 /* nothing is published in this time */
void catch_up(void);					 /* whatever was published is not looked at */

/* Presences sent since the last forget_sent(); NULL: to anyone. */
unsigned presences_sent(enum presence_type type, const char *to);
unsigned messages_sent(const char *to); /* likewise */
const char *probe_waits(
    const char *bare); /* the same, if it has not been answered on this stream, and is from here on */
const char *probed_from(const char *bare); /* the full JID of the last probe to it by the user's bridge; NULL: none */
unsigned emissions(void);		   /* stanzas of any kind */
void forget_sent(void);
const char *request_to(const char *bare);	       /* what the last `subscribe' to it says */
unsigned times_told(const char *to, const char *word); /* by chat */
void assert_told(const char *to, const char *word);
void assert_not_told(const char *to, const char *word);
unsigned times_logged(const char *event);
void assert_logged(const char *event);
void assert_not_logged(const char *event);
const char *logged_last(const char *event, const char *key); /* a field of its last line */

/* Events by the message privilege since the last forget_sent(); RESOURCE NULL: to the bare JID. */
unsigned events_to(const char *bare, const char *resource);
unsigned events_of(const char *owner); /* to others */
const struct published *last_event(const char *bare);

/* Shared among the fixture's own files. */

void see(const struct action *act);
void stream_ends(void);
void not_drained(void);
void forget_all(void);
void server_takes(const struct action *act);
bool server_answers(void);
void line_takes(const struct action *act);
bool line_answers(void);
void line_reset(void);
void line_forget(void);
void probe_taken(const struct action *act);
bool probes_answered(void);
void probes_forgotten(void);
void places_forgotten(void);
struct presence_event presence_of(const char *how);
void presence_comes(const char *from, const char *to, const struct presence_event *says);
bool answers_probes(const char *bare);
void probe_said(const char *full, const struct presence_event *says, bool answer);
bool server_lets_see(const char *account, const char *bridge);		      /* and can read that */
void server_says_roster(const struct iq *iq, bool granted, struct event *ev); /* what the server says to it */
void server_says_blocklist(const struct iq *iq, struct event *ev);
bool roster_is_silent(const char *owner); /* it says nothing */
void rosters_forgotten(void);
void server_reset(void);
void server_forget(void);
/* What the PEP service says: COND_NONE for a result. */
enum condition pep(struct iq *iq, enum app_condition *app, enum access *access);
void pep_forget(void);
void registry_takes(const struct action *act);
bool registry_answers(void);
void registry_load(bool doubtful);
void registry_applies(size_t n);
void registry_reset(void);
struct published *publish_copy(const struct action *act);
void item_seen(struct published *item);
void items_forgotten(void);
void keep_memory(void *p);
void out_of_memory(bool may); /* core_feed() may fail */

#endif
