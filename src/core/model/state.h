/*
 * What the core knows: its data and how the parts hang together.  Only files
 * of src/core include this; each concept's rules are in the file of its name.
 *
 *	core --- users --- devices --- resources        queries (IQs in flight)
 *	   \        \----- contacts ---- watchers       sessions (ad-hoc commands)
 *	    \-- hosts --- ready, pace (users in turn)   changes (registry writes in flight)
 */
#ifndef PP_CORE_MODEL_STATE_H
#define PP_CORE_MODEL_STATE_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/ring.h"
#include "base/table.h"
#include "core/core.h"
#include "core/tools/rng.h"
#include "core/tools/timer.h"

#define QUERY_ID_LEN 26 /* 130 bits */

struct user;
struct host;

/* Kinds of requests whose silence is measured: see silence.h. */
enum asked {
	ASKED_ROSTER,
	ASKED_PRIVILEGED,
	ASKED_ORDINARY,
	ASKED_PROBE,
	ASKED_OTHER,
	ASKED_KINDS
};

#define SILENCE_OTHERS 3
#define SILENCE_KEPT (SILENCE_OTHERS + 1) /* one of them may be the one in question */

/* When something was asked, and how long it has been waited for. */
struct asking {
	uint64_t order; /* of all that was asked on all streams; 0: nothing */
	uint64_t since; /* mono */
	uint64_t until; /* mono: when it is judged next */
	uint64_t mark;	/* what was asked up to its last time-out */
	unsigned times; /* time-outs that were noted so far */
};

enum audit_state {
	AUDIT_UNWATCHED, /* nothing of it is available */
	AUDIT_AT_REST,	 /* in its domain's list if it has answered before */
	AUDIT_QUEUED,	 /* in turn */
	AUDIT_ASKED
};

/* One account, as one bridge sees it: whether what it said last is still so.  See audit.h. */
struct audit {
	struct ring ring;
	uint64_t at;	     /* mono: when something is to be decided; TIMER_NEVER */
	uint64_t round;	     /* mono: the last one began */
	bool linked;	     /* it is in a device, otherwise in a user */
	bool answers;	     /* a probe was answered, since the program started */
	bool answered;	     /* the last one of this round was */
	bool waited;	     /* for what others are answered, once more */
	unsigned char state; /* enum audit_state */
	unsigned char asks;  /* probes of this round */
	unsigned char hung;  /* rounds in which its domain answered nobody */
};

/* A domain with accounts that are asked: what has come from there on this stream. */
struct domain {
	struct table_node node;
	char *name;
	size_t accounts;   /* that could answer */
	uint64_t heard_at; /* mono: anything at all; 0: nothing */
	uint64_t answered; /* the order of the latest request that was answered */
	struct heard {
		uint64_t who;
		uint64_t order;
	} last[ASKED_KINDS][SILENCE_KEPT];
	struct ring audits; /* accounts that have answered and aren't being asked; whose turn was longest ago first */
	uint64_t witnesses_at; /* mono: others are asked no sooner */
};

/* One resource of a device's account. */
struct resource {
	struct resource *next;
	char *name; /* UNNAMED: of an account without resources */
	char id[DEVICE_ID_LEN + 2];
	enum show show;
	int priority;
	char *status, *lang; /* NULL: none */
	int64_t idle_since_ms;
	uint64_t changed; /* core->changes_seen when its show or priority last changed: for `preferred` */
	bool fed;	  /* seen through a subscription on this stream, so that its end will be told */
	bool ghost;	  /* known from before the link was lost, not seen since */
	bool asked;	  /* disco#info was asked for */
	bool silent;	  /* missing in what its account answered last */
	uint32_t heard_s; /* mono, in seconds: it was heard of */
};

/*
 * An approval that the registry tells of: a user's, or a linked account's.
 * What it is worth on this stream, see verify.h.
 */
struct claim {
	struct ring turn;   /* to be read */
	uint64_t proved;    /* what had been asked by then (core->asked_order) when it was proved last */
	uint64_t against;   /* mono: since when there has been evidence against it; 0: there is none */
	uint64_t at;	    /* mono: when something is to be done about it; TIMER_NEVER */
	uint64_t probed_at; /* mono: last, though the answer may have been waited for since before */
	int64_t suspended_ms;
	enum {
		CLAIM_RESTS,  /* nothing is waited for, but for AT */
		CLAIM_PROBED, /* an answer to its probe */
		CLAIM_READ,   /* its account's roster, in turn or on the way */
		CLAIM_ASKED   /* an answer to a repeated `subscribe' */
	} step;
	bool lapsed;   /* suspended for so long that it ends: MARK_LAPSED */
	bool linked;   /* of a device, otherwise of a user */
	bool stands;   /* proved on this stream, and not refuted since */
	bool lacks;    /* what was asked last for its sake spoke against it: a roster, or a repeated request */
	bool to_probe; /* in its turn */
	bool seen;     /* scratch of a roster */
	bool unsaved;  /* its row, which says that it is suspended, or no more, could not be written yet */
	uint8_t tries; /* of what is read ever more slowly */
};

/* Everyone who asked for the same account as a device. */
struct account {
	struct table_node node;
	char *jid;
	struct domain *domain;
	struct device *devices;
	uint64_t read_order; /* the request for its roster that is under way; 0: none */
	uint64_t read_at;    /* mono: that was sent */
};

/* A linked account, or one resource of the primary. */
struct device {
	struct device *next;
	struct user *user;
	struct account *account;     /* of a linked account */
	struct device *same_account; /* next in account->devices */
	char id[DEVICE_ID_LEN + 1];
	char *jid;	/* bare: of the linked account, or the primary */
	char *resource; /* of the primary; NULL: a linked account */
	char *label;
	enum device_kind kind;
	bool kind_given;
	enum visibility visibility;
	bool show_status;
	bool stored;  /* has a row of its own */
	bool fresh;   /* a client has just come: MARK_CLIENT */
	bool unsaved; /* its end could not be written yet */
	/* a linked account's consent, see consent.c */
	enum link_state state;
	bool approved, confirmed;
	bool wide;	   /* its yes was to being shown to contacts */
	bool agreed;	   /* its owner has said yes on this stream */
	bool approval_due; /* the account has accepted, which is not durable yet */
	bool withdrawn;	   /* it sees nothing of the bridge, whatever an earlier version has approved */
	bool denied;	   /* it has asked on this stream, and was refused */
	bool asks;	   /* or is to be, if it is still whose it was */
	bool wider;	   /* more are to see it than it was asked for: it is asked */
	bool few;	   /* it may have been asked for fewer, which may be what its owner has read last */
	bool asked_wide; /* the last question named contacts, and was neither lost nor sent back, as far as is known */
	bool put_by_reply; /* the answer to `confirm' has put that question, which counts for `confirm' alone */
	bool shifted;	   /* it has changed, by whoever may be somebody else: SINCE_MS has not */
	bool unreached;	   /* its server can't be reached: the last that came from there was an error */
	bool missed;	   /* that was so on this stream: what it was told may not have come there */
	bool noting;	   /* that it was told is on its way to the registry: once on a stream */
	bool bounced;	   /* the last question for its yes came back */
	uint8_t reminded;  /* the times at which it is asked again that have passed: remind.h */
	uint32_t told_s;   /* mono, in seconds: it was told what `withdrawn' says, on this stream; 0: not */
	struct claim claim;
	uint32_t generation;
	int64_t created_ms;
	/* presence */
	struct resource *resources;
	size_t nresources;
	bool known;	     /* since the link came up */
	bool stale;	     /* what is known is from before its server was out of reach, or it fell silent */
	struct asking probe; /* the last one; order 0: none on this stream, or it was answered */
	uint64_t told_order; /* what had been asked by then */
	uint64_t helped_at;  /* mono: the last answer to a chat of its account; 0: none */
	uint64_t asked_at;   /* mono: the last question for its yes; 0: not by this process */
	uint64_t ask_at;     /* mono: it is asked again; 0: it isn't.  See remind.h */
	uint64_t later_at;   /* mono: what it waits for isn't asked for again before this */
	struct audit audit;  /* of a linked account */
	int64_t since_ms;
	uint64_t gone_at; /* mono: a resource of the primary without a row disappears; TIMER_NEVER */
};

/* A roster contact with `from` or `both`: who may watch. */
struct contact {
	struct user *user;
	struct watcher *watcher;      /* NULL: we don't deliver for this user */
	struct contact *next_watched; /* of the watcher; of the user's that are to be unsubscribed */
	struct contact *next_gone;    /* of the user's that have just gone */
	struct contact **watched_at;  /* what points to it */
	uint32_t mark;		      /* of a reading, see contacts.c */
	bool due;		      /* to be told, see telling.h */
	bool pushed;		      /* known by a push alone: a roster is to show him first */
	bool fresh;		      /* he has missed what was delivered: MARK_CONTACTS */
	bool blocked;		      /* by the user, see blocking.h */
	char jid[];
};

/* Someone who is a contact of users for whom we deliver. */
struct watcher {
	struct table_node node;
	struct contact *contacts;
	struct sign_in {
		uint64_t hash;	 /* of the resource; 0: free */
		uint64_t at;	 /* mono: it signed in, as far as that can be told; 0: it may do so now */
		uint64_t bucket; /* mono: GCRA's theoretical arrival time of its greetings */
	} * seen;		 /* WATCHER_SEEN of them; NULL: none yet */
	uint64_t bucket;	 /* the same of all of them */
	struct timer timer;	 /* he signs in too often: what he missed is told then */
	char jid[];
};

#define WATCHER_SEEN 8

enum blocked {
	BLOCKED_NOT,
	BLOCKED_NO_PRIVILEGE, /* neither a privilege nor an invitation */
	BLOCKED_FORBIDDEN,    /* there may be an invitation, and another publisher's item in the way */
	BLOCKED_NO_GRANT,     /* the host has granted nothing, so that nobody would deliver what is published */
	BLOCKED_ACCESS,	      /* the node is wider than configured and can't be repaired */
	BLOCKED_REFUSED,      /* the server refuses for another reason */
	BLOCKED_UNREAD,	      /* its answers are too large */
	BLOCKED_TOO_BIG
};

enum pep_step {
	STEP_IDLE,   /* nothing in flight */
	STEP_CREATE, /* set-up: create the node */
	STEP_READ,   /* set-up or repair: read the configuration */
	STEP_CONFIGURE,
	STEP_VERIFY,
	STEP_AFFILIATE,
	STEP_PUBLISH,
	STEP_RETRACT, /* another publisher's item is in the way */
	STEP_EMPTY,   /* the node isn't as it should be: what lies in it goes first */
	STEP_CLEAN    /* what an earlier life may have left in the private node */
};

/* The way out of one user: what was published, what is in flight, what is due. */
struct pep {
	bool dirty;
	uint8_t urgent;	   /* nodes from which something has to go, each as 1 << node: they wait for nothing */
	uint8_t rushed;	   /* the same, while it is on its way */
	bool queued;	   /* in host->ready */
	uint8_t unheard;   /* so often in a row she was not answered in time, as far as that matters: see slots.h */
	uint64_t due;	   /* mono: the window's end */
	uint64_t bucket;   /* mono: GCRA's theoretical arrival time */
	uint64_t retry_at; /* mono: after an error; 0: none */
	unsigned retries;
	uint64_t refresh_at; /* mono: publish again before the item expires; TIMER_NEVER */
	bool force;	     /* publish even what is equal */
	bool follow;	     /* the public node was just acknowledged: only the private one is in question */
	bool done;	     /* of a user who leaves: the empty items are acknowledged */
	bool flying;	     /* the step's IQ is on its way; otherwise it is to be sent */
	enum pep_step step;
	int node; /* NODE_PUBLIC or NODE_PRIVATE, of the step */
	/* tried already for this publish, each once */
	bool retracted, repaired, redone, emptied;
	bool opens;		      /* what lies in the node is taken out before it is opened for more people */
	enum access aimed;	      /* by the settings as they were when its configuration was read */
	enum way way;		      /* of the last publish */
	uint64_t digest[NODES];	      /* acknowledged */
	bool doubtful[NODES];	      /* sent since then, and no answer came: the server may have either */
	bool doubted;		      /* the same before what is in flight */
	uint64_t computed;	      /* of what is in flight */
	enum node_setup setup[NODES]; /* see user_setup() */
	bool unsure[NODES];	      /* a set-up was begun and not finished */
	enum node_setup target;	      /* of the set-up or repair under way */
	uint64_t setup_again;	      /* mono: the registry failed, and no set-up is begun before */
	uint64_t noting;	      /* ticket of the row that the set-up waits for; 0: none */
	uint64_t refused_until;	      /* mono: her server refuses privileged requests for her alone */
	bool no_ordinary;	      /* ordinary ones don't work for her, on this stream */
	uint64_t private_again;	      /* mono: the private node was refused, and not before is it tried again */
	uint64_t look_at;	      /* mono: it had to wait, for that or for others, and is looked at again */
	int64_t published_ms[NODES];  /* wall: what is acknowledged was made; 0: never, or nothing in it expires */
	int64_t sent_ms;	      /* the same of what is in flight */
	uint64_t repair_said_at;      /* mono: lines of the log about her node; 0: none */
	uint64_t access_said_at;
	enum blocked blocked;
};

/* Why nothing of a user is shown, see withhold.h. */
enum withheld {
	WITHHELD_HOST = 1,     /* her host isn't configured */
	WITHHELD_SUSPENDED = 2 /* her own server knows nothing of her approval, see suspend.h */
};

/* What of a user has changed, and follow.c is to see to: what follows from it is above the room that knows it. */
enum mark {
	/* consent: for sources, */
	MARK_ASK = 1 << 0,     /* all of her is to be asked again, soon */
	MARK_HURRY = 1 << 1,   /* she is to be probed before others */
	MARK_WATCH = 1 << 2,   /* what could not be probed before can be now */
	MARK_POLL = 1 << 3,    /* her roster is read from now on */
	MARK_PROVED = 1 << 21, /* it is known who has the name of one of her devices */
	MARK_LAPSED = 1 << 20, /* what is suspended ends (for consent itself) */
	MARK_KNOWN = 1 << 22,  /* of hers something became known that was waited for */
	/* and for outlets; */
	MARK_STANDS = 1 << 4, /* her claim is proved */
	MARK_LEAVES = 1 << 5,
	/* sources: for outlets; */
	MARK_GRANT = 1 << 6,	  /* a grant of her host came, or went */
	MARK_CLIENT = 1 << 7,	  /* a client of hers has come: device->fresh */
	MARK_CONTACTS = 1 << 8,	  /* contacts are fresh, blocked or gone, */
	MARK_WATCHED = 1 << 15,	  /* or may be watched */
	MARK_PARTED = 1 << 9,	  /* those who are gone are to be unsubscribed */
	MARK_NO_ROSTER = 1 << 10, /* it could not be had */
	MARK_READ = 1 << 11,	  /* it has been read: so is her block list, if it counts */
	MARK_ROSTER = 1 << 19,	  /* and what belongs to it */
	/* outlets: for themselves; */
	MARK_WANTS = 1 << 17, /* contacts are to be told something, for which her roster is to be read */
	MARK_DONE = 1 << 18,  /* she leaves, and it may be that nobody is to be told anything any more */
	/* sources, after those; */
	MARK_POLL_AGAIN = 1 << 16, /* her roster is to be polled, if anybody waits for it */
	/* whoever it is. */
	MARK_URGENT = 1 << 12, /* something is not to be seen any more */
	MARK_TIMES = 1 << 13,  /* something is due at another time */
	MARK_GONE = 1 << 14    /* her rows are gone, and so is she */
};

struct user {
	struct table_node by_primary;
	struct table_node by_bridge;
	struct user *prev, *next; /* all users */
	struct ring marked;	  /* with MARKS */
	unsigned marks;		  /* enum mark: what of her has changed, see user_mark() */
	char *primary;
	char *bridge;
	struct host *host;
	struct ring fellow;    /* of the host's members */
	struct domain *domain; /* of the primary */
	bool stored;	       /* has a row: may be seen from outside */
	bool leaving;
	bool unsaved;  /* that it leaves could not be written yet */
	bool rewrite;  /* its row has to be written again */
	bool going;    /* its rows are being deleted */
	bool approved; /* the primary's subscription */
	bool asked;    /* `subscribe` was sent on this stream */
	struct claim claim;
	uint64_t verify_at;   /* mono: the earliest of her claims and her devices', and of SPOKE_AT */
	uint64_t spoke_at;    /* mono: those who have spoken are probed; TIMER_NEVER */
	uint64_t withdrew_at; /* mono: a repeated request was taken back; 0: never */
	bool requested;	      /* such a one may still be there */
	bool heir;	      /* her account enrols again when she has gone */
	struct reply *heir_reply;
	int64_t created_ms;
	int64_t moved_ms;    /* wall: her approval became void, when the component got another name; 0: not lately */
	uint8_t owes;	     /* nodes, each as 1 << node, from which something is still to go: in her row */
	uint64_t invited_at; /* mono: `subscribe' was last sent by this process */
	uint8_t reminded;    /* as a device's */
	uint32_t generation;
	unsigned withheld; /* enum withheld; 0: she is shown, unless she leaves */
	struct device *devices;
	size_t ndevices;
	bool known;	     /* the primary, since the link came up */
	struct asking probe; /* as a device's */
	struct audit audit;  /* of the primary */
	bool settled;
	uint8_t hasty; /* nodes that were published before she has settled, each as 1 << node: see item.c */
	uint64_t settle_at;
	unsigned asking;  /* disco#info in flight, about clients */
	unsigned guesses; /* the same, and about accounts without resources */
	bool turn;	  /* she has been probed on this stream */
	bool hurried;	  /* and is to be before those who have not spoken, or once more */
	struct ring probe_turn;
	struct pep pep;
	/* roster */
	struct contact **contacts; /* see contacts.h */
	struct contact *gone;	   /* who was one until this event: MARK_CONTACTS */
	struct contact *parted;	   /* to be unsubscribed, see unsubscribe.h */
	uint32_t ncontacts, contact_bytes, nparted, parted_bytes;
	uint32_t left_out;     /* contacts over a bound, of which the user has been told */
	uint64_t roster_until; /* mono: it is not asked for before */
	uint16_t parting;      /* how many are being unsubscribed */
	uint64_t part_at;      /* mono: her turn to end the next subscription; 0: she has none */
	bool roster_large;     /* too large to be read, of which she has been told */
	bool roster_known;
	bool roster_asking;
	bool roster_overtaken;	 /* a push has come since: what the answer says of whoever was in that is old */
	bool roster_unheard;	 /* or one that was not acted on: all of it is */
	bool roster_twice;	 /* asked once more: no answer came, or one like that of a lost grant */
	bool blocklist_asking;	 /* see blocking.h */
	bool blocklist_again;	 /* once more, since another roster has come meanwhile */
	bool blocks;		 /* some of her contacts, perhaps */
	bool roster_wanted;	 /* somebody waits for it: it is to be asked for as soon as may be */
	bool roster_once_more;	 /* somebody was told by it though it wasn't new */
	struct ring roster_turn; /* to be polled, or asked for because it is one of these */
	uint64_t roster_rests; /* mono: one of these, it was asked for a moment ago, and has its turn then; 0: not so */
	struct user *ready_prev, *ready_next;
	struct ready *ready;	  /* in which she is queued */
	uint64_t roster_at;	  /* it was read */
	uint64_t blocklist_of;	  /* the ROSTER_AT for which her block list was asked for, whatever came of it */
	uint64_t roster_order;	  /* of the last request for it */
	uint64_t roster_sent_at;  /* mono: of the same */
	uint64_t roster_asked_at; /* it was read or refused */
	uint64_t blocklist_until; /* mono: it was not answered, and is not asked for before */
	/* delivery by us, see delivery.c */
	bool deliver; /* to all contacts, when the roster has come */
	bool late;    /* what they are to be told is newer than the request for that one */
	unsigned errands;
	struct errand *waiting; /* for a roster */
	struct user *tell_next;
	uint64_t tell_at;    /* mono: her rest is over, and with it her portion */
	uint32_t ndue;	     /* contacts that are to be told */
	uint32_t tell_from;  /* where to look for the next one */
	uint16_t told;	     /* of her portion */
	uint8_t own_due;     /* nodes that her own clients are to be told, as bits */
	uint8_t telling;     /* in which of the core's lists she is: TELLING_*, see telling.h */
	uint64_t told_at;    /* an event was sent; 0: never */
	bool own_missed;     /* a client of hers was told nothing while it was not known whether it is hers */
	bool retell;	     /* contacts may have signed in while there was no link: to be told once on this stream */
	uint64_t own_bucket; /* as a watcher's, for her own clients */
	uint64_t own_at;     /* mono: what they missed is told; 0: nothing */
	uint64_t ping_at;
	uint64_t helped_at; /* mono: the last answer to a chat of her own; 0: none */
	uint64_t accepted;  /* the order of the last `subscribed' to her */
	unsigned queries;
	struct timer timer;
};

/* For whom something is shown: audience.h. */
enum audience {
	AUDIENCE_SELF,	  /* the user's own clients */
	AUDIENCE_CONTACT, /* whom a fresh roster shows as `from' or `both' */
	AUDIENCE_ACCOUNT  /* the account of a linked device: that makes nobody an audience */
};

/* An event for one client that signed in; dropped when the item has changed since (a newer one will come). */
struct errand {
	struct errand *next;
	struct user *user;
	int node;
	enum audience who; /* the user's own needs no roster */
	char *to, *resource;
};

/* Users in turn. */
struct turns {
	struct user *head, *tail;
};

enum trial {
	TRIAL_UNKNOWN,
	TRIAL_RUNNING,
	TRIAL_WORKS,
	TRIAL_FAILED
};

/* Accounts that were not served since anybody was: see verdict.h. */
#define EVIDENCE_MAX 3
struct evidence {
	bool succeeded;		    /* somebody was, on this stream */
	unsigned n;		    /* different ones, at most EVIDENCE_MAX */
	uint64_t who[EVIDENCE_MAX]; /* hashes of their JIDs */
};

/* What accounts are asked, in which order: see pace.h. */
enum turn {
	TURN_SPOKEN,
	TURN_SETTLE,
	TURN_AGAIN,
	TURN_AUDIT,
	TURN_WANTED,
	TURN_CLAIM,
	TURN_ONCE_MORE,
	TURN_DUE,
	TURN_POLL,
	TURNS
};

struct pace {
	struct ring turns[TURNS];
	unsigned char passed[TURNS]; /* others were let go first, while it waited */
	/* mono, in microseconds: GCRA's theoretical arrival times */
	uint64_t probes_at, audits_at, rosters_at, wanted_at;
};

#define DOUBT_WAITS UINT64_MAX

#define READY 3 /* see slots.h */

struct host {
	struct table_node node;
	char *key;  /* its name without A-labels */
	char *name; /* as its server writes it, or else the configuration */
	size_t users;
	struct ring members; /* the same, each in turn: user_next() */
	bool configured;     /* named by the settings */
	bool granted;	     /* an advertisement came on this stream */
	bool granted_before; /* on an earlier one */
	bool missing;	     /* none came in time */
	struct grant_event grant;
	/* a new stream, see anew.h */
	const char *anew_why; /* NULL: none is wanted */
	uint64_t anew_last;
	unsigned anew_turns;
	uint64_t changed_at; /* mono: a grant on this stream was last acted on */
	/* what works is found by trying, for this connection */
	enum trial privileged;
	enum way form;
	bool roster_worked;	   /* one was read on this stream */
	bool blocklist_unread;	   /* that one could not be was said on this stream */
	uint64_t privileged_again; /* mono: when a failed trial may be repeated */
	enum trial ordinary;
	uint64_t silent_at;	     /* mono: the last of them */
	unsigned silent;	     /* privileged requests and rosters in a row that had no answer */
	struct evidence no_answer;   /* of privileged requests and rosters */
	struct evidence refusals;    /* of privileged requests */
	struct evidence no_ordinary; /* of ordinary ones */
	enum {
		SERVER_UNKNOWN,
		SERVER_DELIVERS, /* PEP events reach contacts whatever the owner's sessions do */
		SERVER_UNRELIABLE
	} server;
	bool info_asked;
	/* not served: see doubt_not_served(), all of them orders of requests */
	uint64_t served_order;	  /* the latest that was */
	uint64_t alive_order;	  /* the latest without a privilege that was answered; 0: none */
	uint64_t doubt_from;	  /* the last one before the first failure */
	uint64_t doubt_order;	  /* what was asked later tells of the host; DOUBT_WAITS */
	struct user *doubt_about; /* whose it was */
	uint64_t doubted_at;	  /* mono */
	uint64_t lost_said_at;	  /* mono */
	uint64_t grant_bucket;	  /* of its lines */
	uint64_t grant_say_at;	  /* mono: what it grants is said then; 0: it was */
	uint64_t grant_changes;	  /* that were not said */
	/* publishing in turn: see slots.h */
	struct ready {
		struct user *head, *tail;
	} ready[READY]; /* those who are answered, those who were not once, and more often */
	size_t in_flight;
	size_t overdue, unheard; /* of these: for long, and not overtaken; of those who were so when they were sent */
	uint64_t answered_order; /* the latest publish that was answered */
	uint64_t scout_at;	 /* mono: some beyond the window may go */
	size_t scouts;		 /* so many did last time */
	size_t extra;		 /* so many may be beyond it */
	uint64_t shrunk_order;	 /* what was asked when it was last halved */
	size_t window;		 /* publishes in flight at most */
	size_t answered;	 /* since the window last changed */
	uint64_t base_ms;	 /* the server's answer time at its best */
	struct pace pace;
	uint64_t part_at; /* mono: the next free turn to end a subscription */
	size_t audited;	  /* scratch of core_stats() */
	bool suspicious;  /* the rosters of so many lack their bridge that the server is to blame, see suspend.h */
	uint64_t suspicious_at; /* mono: since then */
	uint64_t sounded_at;	/* mono: it was asked something only to be told from a silent one; 0: never */
};

enum ask {
	ASK_PEP, /* the step of user->pep */
	ASK_ROSTER,
	ASK_BLOCKLIST, /* the primary's, see blocking.h */
	ASK_CLAIM,     /* the roster of a linked account, for its claims */
	ASK_PING,
	ASK_INFO,   /* of a resource */
	ASK_ENTITY, /* the same of an account without resources, which nothing waits for */
	ASK_HOST_INFO,
	ASK_SELF,    /* our own domain, behind the handshake: see missing.h */
	ASK_WORD,    /* a roster of a host that has granted nothing */
	ASK_ALIVE,   /* anything, of a host that owes an answer: see silence.h */
	ASK_WITNESS, /* of an account, to learn whether it is served though another isn't: see doubt.h */
	ASK_FORGET   /* the answer changes nothing */
};

/* An IQ that waits for its answer: id, exact peer, our own address; one shot. */
struct query {
	struct table_node node;
	struct query *prev, *next; /* all queries */
	char id[QUERY_ID_LEN + 1];
	enum ask ask;
	enum way way;
	struct user *user; /* NULL: about a host */
	struct host *host;
	char *peer, *peer_resource; /* NULL resource: bare */
	bool trial;		    /* shows whether its way works on the host */
	bool handed_on;		    /* which another one is to find out by now: see slots.h */
	bool slot, overdue;	    /* of a publish: see slots.h */
	uint8_t unheard;	    /* what its user's was when it was sent */
	bool ours_domain;	    /* sent from the domain, otherwise from the bridge JID */
	struct reading *reading;    /* of a roster that comes in portions */
	uint64_t sent_at;
	uint64_t life; /* its time, after which its silence is judged */
	struct asking asking;
	struct timer timer;
};

/* An action that waits to be taken, with the memory of its strings. */
struct said {
	struct said *next;
	struct action act;
	struct chunk *memory;
	uint64_t order;		 /* of all that was said; an answer has none */
	struct asker *asker;	 /* of an answer */
	struct answers *answers; /* the queue it is in */
	size_t bytes;		 /* of its memory */
	bool broken;		 /* part of it could not be allocated: it is never taken */
};

/* Answers that wait: see answers.h. */
struct answers {
	struct table askers;
	struct ring turns;
	size_t n, bytes;
};

/* See line.c.  A message that we have sent to ourselves. */
struct headline {
	char resource[QUERY_ID_LEN + 1]; /* nobody can guess it */
	uint64_t number;
};

#define LINE_BATCH 8
#define LINE_SENT_MAX (7 * LINE_BATCH)

struct line {
	bool shared;			     /* there is another connection */
	struct headline sent[LINE_SENT_MAX]; /* and not come back, in order */
	size_t nsent;
	uint64_t numbers, returned; /* the last one sent; the latest that came back */
	uint64_t next_at;	    /* mono: the next batch */
	uint64_t judge_at;	    /* mono: what is missing is lost */
	bool full;		    /* the last batch had enough memory */
	bool asked_after;	    /* it was sent to learn what became of the one before */
	bool heard;		    /* something came back since */
	unsigned mutes;		    /* batches in a row of which nothing came back */
	unsigned wholes;	    /* batches in a row that came back whole, while shared */
	bool missed_here;	    /* something was lost on this stream */
	bool ended;		    /* the other connection has ended, which is still to be acted on */
	uint64_t foreign;	    /* stanzas to another domain, since that was last said */
	uint64_t foreign_again;	    /* mono: it may be said again */
};

enum change_kind {
	CHANGE_ENROL,
	CHANGE_LINK,
	CHANGE_CONSENT,
	CHANGE_EDIT,
	CHANGE_END,
	CHANGE_LEAVE,
	CHANGE_GONE,
	CHANGE_OTHER
};

/* A registry write on its way, in order; what follows from it waits for it. */
struct change {
	struct change *next;
	uint64_t ticket;
	enum change_kind kind;
	char *primary;
	char id[DEVICE_ID_LEN + 1]; /* "" for a user's own row */
	uint32_t generation;
	/* what becomes true when it is durable */
	enum link_state state;
	bool approved, confirmed, wide, withdrawn;
	bool narrows; /* less is to be seen then, as change_owes() says */
	char *label;  /* NULL: as it was */
	enum device_kind device_kind;
	bool kind_given;
	enum visibility visibility;
	bool show_status;
	/* the ad-hoc command that waits for it; NULL: none */
	struct reply *reply;
};

#define ASK_SLOTS 4096

/* Who wants an account to be asked: a hash of both.  He was asked for it then, or is in its line since. */
struct ask_entry {
	uint32_t who;
	uint16_t minute; /* mono; over after 45 days */
	bool waits;
};

#define ASK_ENTRIES 32

/* Of requests: to an account, of a user, and of that user to that account; and of who leaves; each by its hash. */
struct ask_buckets {
	uint64_t asked, asker, pair, ends;
	struct ask_entry line[ASK_ENTRIES]; /* of the account, in the order of their times; see ask_rate.h */
	unsigned nline;
	uint32_t few_s; /* mono, of the pair: until then a yes may be to a question for fewer than all contacts */
};

struct core {
	/* settings, owned */
	struct core_settings set;
	char *settings_memory;
	char *domain; /* the same for ever */
	struct rng rng;
	uint8_t key[CORE_KEY_LEN];
	struct instant now;
	bool loaded;
	bool link_up;
	bool draining;
	bool drained;
	bool doubts_noted;
	uint64_t concluded;		 /* the order of the request whose answer, or silence, is acted on */
	uint64_t asked_order;		 /* counts what is asked: see silence.h */
	uint64_t answered_order;	 /* of that, the latest that was answered, by whomever */
	uint8_t probe_key[CORE_KEY_LEN]; /* of this stream: see probe.h */
	bool oom;
	bool missed; /* for lack of memory, on this stream */
	uint64_t started_at, drain_until;
	uint64_t missing_from;	  /* mono: grants come before this, see missing.h; 0: there was no stream yet */
	uint64_t missing_at;	  /* mono: those that have not come are said; TIMER_NEVER */
	bool anew_asked;	  /* a new stream was asked for on this one */
	uint64_t anew_at;	  /* mono: whether a new stream may be asked for is looked at; TIMER_NEVER */
	uint64_t grants_at;	  /* mono: of some host what it grants is said, see grant_say_at; TIMER_NEVER */
	uint64_t ended_after;	  /* mono: likewise, because another connection has ended */
	uint64_t ignored_until;	  /* no other grant.ignored is logged before */
	uint64_t refused_until;	  /* nor another user.refused */
	uint64_t unsaved_said_at; /* mono: that rows could not be written; 0: never */
	uint64_t unsaved_others;  /* of which no line was made since */
	uint64_t unsaved_at;	  /* when failed writes are tried again; TIMER_NEVER */
	struct table hosts, domains, by_primary, by_bridge, accounts, queries, watchers, sessions;
	struct line line;
	struct host *published_last; /* whose turn it was; a host is never freed */
	struct user *users;
	struct ring marked; /* those with marks */
	size_t nusers;
	struct query *all_queries;
	struct timers timers;
	uint64_t changes_seen;
	uint64_t next_ticket;
	struct change *changes, **changes_tail;
	size_t nchanges;
	struct said *said, **said_tail, *taken;
	size_t nsaid;
	uint64_t said_order;
	struct answers answers[2]; /* for accounts, for domains */
	int answers_turn;	   /* which of these is next */
	size_t answers_owe;	   /* turns of something else that are before the next one */
	struct errand *carried;	   /* the last one taken */
	uint64_t up_at;		   /* since when there is this stream */
	uint64_t arrived_at;	   /* what was sent before has reached the server: a later request was answered */
	uint64_t ask_bucket;	   /* of all requests: see ask_rate.h */
	struct ask_buckets asks[ASK_SLOTS];
	struct errand *errands, **errands_tail;
	size_t nerrands;
	struct turns turns, resting; /* see telling.h */
	uint32_t readings;	     /* of rosters, so far */
	/* scratch of item.c */
	struct item_device *item_devices;
	struct item_resource *item_resources;
	struct core_stats stats;
};

#endif
