/*
 * The world around the core in tests/fuzz/core.c: a toy registry, a toy server,
 * and what must hold of all that the core says.  The numbers of checks are
 * invariants of the project's list (doc/threats.md).
 */
#ifndef PP_TESTS_FUZZ_CORE_WORLD_H
#define PP_TESTS_FUZZ_CORE_WORLD_H

#include "base/buf.h"
#include "core/core.h"
#include "sent.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define PENDING_MAX 256
#define ROWS_MAX 64
#define PEOPLE 11
#define OURS 7
#define HOSTS 3

/* Who sends, to which addresses, and the domains that may be hosts. */
extern const char *const people[PEOPLE];
extern const char *const ours[OURS];
extern const char *const hosts[HOSTS];
/* The roster group that makes linked accounts, as a list of one. */
extern const char *const group[1];

/* An IQ of the core's that has no answer yet. */
struct iq {
	enum action_kind kind;
	enum way way;
	enum access access;
	char *id, *from, *to, *resource, *owner;
};

/* A write that the registry has been asked for. */
struct pending {
	uint64_t ticket;
	enum action_kind kind;
	struct user_record user;
	struct device_record device;
};

enum server_mode {
	SERVER_ANSWERS,
	SERVER_HOLDS, /* answers come from the script */
	SERVER_SILENT,
	SERVER_ECHOES,
	SERVER_FORBIDS,
	SERVER_WIDE, /* its nodes are there already, and open to all */
	SERVER_MODES
};

enum registry_mode {
	REGISTRY_WORKS,
	REGISTRY_HOLDS,
	REGISTRY_FAILS,
	REGISTRY_MODES
};

struct world {
	struct core *core;
	struct core_settings set;
	struct instant now;
	uint8_t seed[CORE_SEED_LEN];
	bool up, drained, stalled; /* stalled: nobody takes actions */
	unsigned long fail_at;	   /* allocations until one fails; 0: none does */
	/* the server */
	enum server_mode server;
	bool narrowed; /* of SERVER_WIDE: a node has been configured */
	struct grant_event granted[HOSTS];
	unsigned words; /* hosts that were asked for their word on this stream */
	struct iq iqs[PENDING_MAX];
	size_t niqs;
	unsigned roster;
	bool ejabberd;
	/* the registry */
	enum registry_mode registry;
	struct pending pending[PENDING_MAX];
	size_t npending;
	uint64_t last_ticket;
	struct user_record users[ROWS_MAX];
	size_t nusers;
	struct device_record devices[ROWS_MAX];
	bool consented[ROWS_MAX]; /* of the device in that row: agreed, and not ended since */
	size_t ndevices;
	/* told of each action, with the tree of a stanza that is not too large, before it is carried out; NULL: nobody */
	void (*watch)(const struct action *act, const struct xml *x);
	/* what the script remembers */
	char *text, *session, *device_id;
	struct parser *parser;
	struct buf out;
};
extern struct world w;

/* With FUZZ_TRACE in the environment a script can be read. */
void trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* strdup(3) that doesn't fail; NULL for NULL. */
char *copy(const char *s);
void replace(char **at, const char *s);
bool same(const char *a, const char *b);
const char *or_none(const char *s); /* for trace() */

/* Every call of the core is between these: an allocation fails in it when the script has said so. */
void before_core(void);
void after_core(void);
void feed(const struct event *ev);
void feed_kind(enum event_kind kind);

/* The registry: core_world.c */

size_t user_row(const char *primary); /* w.nusers if there is none */
size_t device_row(const char *primary, const char *id);
void registry_takes(const struct action *act);
void registry_answers(size_t n, bool fails); /* to the first N writes */
void registry_forget(void);		     /* writes that have no answer */
void registry_clear(void);

/* Time and conversation: core_run.c */

void world_begin(void); /* a core that has just started, with an empty registry */
void world_end(void);
void start(bool doubtful); /* again, with what the registry holds; DOUBTFUL: after a crash */
void stop(void);
void take_all(void); /* all actions that there are now */
void converse(void); /* and what the registry and the server say to them, until all are silent */
void settle(void);   /* all that is to be done now */
void pass(uint64_t ms);
void link_change(bool up);
void grant(const char *from, const char *to, unsigned what, int version);
/* What a script mostly wants to have behind it: alice enrolled, her desk phone linked, and all granted. */
void scene(void);

/* What must hold: core_check.c */

size_t host_of(const char *bare); /* HOSTS if it is of none */
bool is_configured(size_t host);
const struct xml *check_stanza(const struct action *act);
void check_core(void);

/* The server: core_server.c */

enum manner {
	MANNER_RIGHT,
	MANNER_ERROR,
	MANNER_ECHO,
	MANNER_STRANGER,  /* from somebody else */
	MANNER_ELSEWHERE, /* to another address of ours */
	MANNER_INNER,	  /* the forwarded IQ has another id */
	MANNER_UNWRAPPED,
	MANNER_EMPTY, /* a result without what was asked for */
	MANNER_PORTION,
	MANNER_LAST,
	MANNER_TOO_LARGE,
	MANNERS
};

void server_takes(const struct action *act); /* what is no IQ that wants an answer goes by */
void server_forget(void);
/* Answer the I-th IQ; it stays, so that it can be answered again. */
void answer(size_t i, enum manner how, unsigned detail);
bool server_answers(void); /* to the oldest, as the mode has it; false: to none */

#endif
