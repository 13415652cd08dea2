/*
 * What the program knows: contacts, their devices, and how it came by them.
 * No I/O and no clock.  All text in it has been through text_clean().
 */
#ifndef PP_WATCH_BOARD_H
#define PP_WATCH_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where devices are published: for contacts, and for the owner alone. */
#define BOARD_NODE "urn:x-polypresence:devices:0"
#define BOARD_NODE_PRIVATE "urn:x-polypresence:devices-private:0"

/*
 * Bounds on what one account can make us keep; more than any publisher that
 * keeps to the protocol sends.  What is beyond them is ignored.
 */
#define BOARD_CONTACTS_MAX 4000
#define BOARD_DEVICES_MAX 64
#define BOARD_RESOURCES_MAX 32
#define BOARD_ID_MAX 64
#define BOARD_LABEL_MAX 128
#define BOARD_STATUS_MAX 1024
#define BOARD_NAME_MAX 128
#define BOARD_ADDRESS_MAX 3071

/* The best first, as a preferred device is chosen; the last two are no resource's. */
enum board_state {
	STATE_CHAT,
	STATE_AVAILABLE,
	STATE_AWAY,
	STATE_XA,
	STATE_DND,
	STATE_UNAVAILABLE,
	STATE_UNKNOWN
};

struct board_resource {
	char *id;
	enum board_state show; /* STATE_CHAT to STATE_DND */
	char *status;	       /* NULL: none */
	int64_t idle;	       /* since when; STAMP_NONE: not idle */
};

struct board_device {
	char *id;
	char *label;	  /* the id if it has none */
	const char *kind; /* one of a few constants */
	bool preferred;
	bool stale;
	int64_t since; /* or STAMP_NONE */
	struct board_resource *resources;
	size_t nresources;
};

/* One published item. */
struct board_set {
	int64_t updated;    /* or STAMP_NONE */
	int64_t expires;    /* or STAMP_NONE: never */
	bool expiry_broken; /* it has an expiry that can't be read: taken as past */
	struct board_device *devices;
	size_t ndevices;
};

enum board_source {
	SOURCE_CONTACTS,
	SOURCE_PRIVATE,
	SOURCE_COUNT
};

/* One node of one account: the last answer, and the request for the next (fetch.h). */
struct board_feed {
	struct board_set *set; /* NULL: never had one, or it was refused */
	bool answered;	       /* whatever the answer was, or its time ran out */
	char *problem;	       /* what went wrong the last time; NULL: nothing */

	bool wanted;	    /* to be fetched */
	bool rung;	    /* because a bell rang */
	int64_t not_before; /* monotonic ms */
	char id[33];	    /* of the request in flight; empty: none */
	int64_t deadline;   /* of it, monotonic ms */
};

struct board_contact {
	char *address; /* bare JID as the server spells it */
	char *display; /* the same, clean */
	char *name;    /* from the roster; NULL: none */
	bool self;     /* the account itself: has the private feed too */
	bool seen;     /* in the roster that is being read */
	bool changed;  /* since whoever shows it looked last, and said so here */
	struct board_feed feed[SOURCE_COUNT];
	char *shown; /* what lines.h or json.h last said of it; NULL: nothing */
};

struct board {
	struct board_contact **contacts; /* sorted: self, then by name or address */
	size_t ncontacts;
	size_t capacity;
	size_t in_flight;     /* requests, kept by fetch.c */
	unsigned long change; /* grows with every change of what is to be seen */
};

/* A zeroed struct board is an empty one.  Accepts NULL. */
void board_clear(struct board *b);

/* The contact with this bare JID (ASCII case is ignored: servers fold it), or NULL. */
struct board_contact *board_find(struct board *b, const char *address);

/*
 * Read a roster: begin, one board_roster_item for each contact whose presence
 * we get (NAME may be NULL; the account itself with SELF), end.  The end
 * removes the contacts that did not come again, through GONE (may be NULL)
 * first.  board_roster_item returns 0, ERR_NOMEM or ERR_LIMIT.
 */
void board_roster_begin(struct board *b);
int board_roster_item(struct board *b, const char *address, const char *name, bool self);
void board_roster_end(struct board *b, void (*gone)(struct board_contact *c, void *arg), void *arg);

/* An answer: SET (taken over; may hold no devices), or none with PROBLEM (copied; NULL: no devices). */
void board_answer(struct board *b, struct board_contact *c, enum board_source source, struct board_set *set,
    const char *problem);

/* No answer came, for the reason PROBLEM: what was known before stays, until it expires. */
void board_unanswered(struct board *b, struct board_contact *c, enum board_source source, const char *problem);

/* The set to be shown for C, or NULL: the private one of the account itself if it holds anything valid. */
const struct board_set *board_shown(const struct board_contact *c, int64_t now);

/* What went wrong with C the last time; NULL: nothing. */
const char *board_problem(const struct board_contact *c);

/* Accepts NULL. */
void board_set_free(struct board_set *set);

/* Whether SET's expiry is past at NOW (seconds since 1970). */
bool board_set_expired(const struct board_set *set, int64_t now);

/*
 * The state of a device: unknown in an expired set, or if it is stale and has
 * no resource; unavailable without a resource, else the best of its resources.
 */
enum board_state board_device_state(const struct board_set *set, const struct board_device *d, int64_t now);

/* The resource that this state comes from; NULL: none. */
const struct board_resource *board_device_best(const struct board_device *d);

/* A word; never NULL. */
const char *board_state_text(enum board_state state);

#endif
