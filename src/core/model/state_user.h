/*
 * A user, her devices and contacts; what of them has changed: part of state.h.
 */
#ifndef PP_CORE_MODEL_STATE_USER_H
#define PP_CORE_MODEL_STATE_USER_H

#include "base/limits.h"
#include "base/ring.h"
#include "base/table.h"
#include "core/event.h"
#include "core/model/state_asked.h"
#include "core/model/state_outlets.h"
#include "core/record.h"
#include "core/text.h"
#include "core/tools/timer.h"
#include "core/types.h"

struct host;
struct reply;

struct user;

/* One resource of a device's account. */
struct resource {
	struct resource *next;
	char *name; /* UNNAMED: of an account without resources */
	char id[DEVICE_ID_LEN + 2];
	enum show show;
	int priority;
	char *status, *lang; /* NULL: none */
	int64_t idle_since_ms;
	uint64_t changed; /* model->changes_seen when its show or priority last changed: for `preferred` */
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
	uint64_t proved;    /* what had been asked by then (model->asked_order) when it was proved last */
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
	bool crowded;	   /* a client of it found no place */
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
		uint64_t id;	 /* hash of the id of its last presence */
	} * seen;		 /* WATCHER_SEEN of them; NULL: none yet */
	uint64_t bucket;	 /* the same of all of them */
	struct timer timer;	 /* he signs in too often: what he missed is told then */
	char jid[];
};

#define WATCHER_SEEN 8

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
	MARK_UNUSED = 1 << 25,	  /* because whose it is isn't known (with the one above) */
	MARK_PLACE = 1 << 26,  /* there may be a place for another device (model), or for a client of one (sources) */
	MARK_READ = 1 << 11,   /* it has been read: so is her block list, if it counts */
	MARK_ROSTER = 1 << 19, /* and what belongs to it */
	/* outlets: for themselves; */
	MARK_WANTS = 1 << 17, /* contacts are to be told something, for which her roster is to be read */
	MARK_DONE = 1 << 18,  /* she leaves, and it may be that nobody is to be told anything any more */
	/* sources, after those; */
	MARK_POLL_AGAIN = 1 << 16, /* her roster is to be polled, if anybody waits for it */
	/* whoever it is. */
	MARK_SHOWN = 1 << 23,  /* something that may show in the item has changed */
	MARK_URGENT = 1 << 12, /* something is not to be seen any more: user->narrowed */
	MARK_AGAIN = 1 << 24,  /* what was in the way of an item may not be any more */
	MARK_TIMES = 1 << 13,  /* something is due at another time */
	MARK_GONE = 1 << 14    /* her rows are gone, and so is she */
};

struct user {
	struct table_node by_primary;
	struct table_node by_bridge;
	struct user *prev, *next; /* all users */
	struct ring marked;	  /* with MARKS */
	unsigned marks;		  /* enum mark: what of her has changed, see user_mark() */
	uint8_t narrowed; /* nodes in which something is not to be seen any more, each as 1 << node: MARK_URGENT */
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
	struct ring changes; /* of her rows that are on their way, in order: struct change */
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
	uint32_t roster_items; /* of all kinds, that were read of her last one */
	uint32_t left_out;     /* contacts over a bound, of which the user has been told */
	uint64_t roster_until; /* mono: it is not asked for before */
	uint16_t parting;      /* how many are being unsubscribed */
	uint64_t part_at;      /* mono: her turn to end the next subscription; 0: she has none */
	bool crowded;	       /* a client of hers found no place: asked again when one is to be had, */
	uint64_t place_at;     /* mono: then; 0: not so */
	uint64_t place_asked;  /* mono: that was done last; 0: never */
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

#endif
