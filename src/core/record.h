/*
 * The rows of the registry: what survives a restart.  Strings are borrowed.
 */
#ifndef PP_CORE_RECORD_H
#define PP_CORE_RECORD_H

#include "core/types.h"

/* The two nodes of a user, as indexes. */
enum {
	NODE_PUBLIC,  /* NODE_DEVICES */
	NODE_PRIVATE, /* NODE_DEVICES_PRIVATE */
	NODES
};

/* How a node was set up by us (doc/delivery.md). */
enum node_setup {
	SETUP_NONE,   /* not by us: made by the first publish, or by the user */
	SETUP_SERVER, /* configured; the server delivers its events */
	SETUP_OURS,   /* configured; the server delivers nothing but the last item at sign-in */
	SETUP_SILENT, /* configured; the server delivers nothing at all */
	SETUP_ASSUMED /* it was there and may not be configured by us: perhaps silent, from an earlier life */
};

/* Key: primary.  A user who left has no row, and her devices none either. */
struct user_record {
	const char *primary;	/* bare JID */
	int64_t created_ms;	/* wall clock */
	uint64_t digest[NODES]; /* of the items last acknowledged; 0: none */
	enum node_setup setup[NODES];
	int64_t published_ms; /* wall clock: the older of the two items was made; 0: neither expires */
	bool approved;	      /* the primary lets the bridge JID see its presence (RFC 6121) */
	bool leaving;	      /* has left; the empty item is still to be published */
	uint32_t generation;  /* the highest ever given to a link of this user */
	/*
	 * wall clock: since when her own server knows nothing of her approval; 0: it stands.  Of who hasn't approved: when
	 * what she had approved became void, because the component got another name; 0: it was nothing.
	 */
	int64_t suspended_ms;
	uint8_t owes;  /* nodes, each as 1 << node, from which something that has ended is still to go */
	bool doubtful; /* not stored: after a crash the server may hold something newer than DIGEST */
};

#define DEVICE_ID_LEN 6 /* lower-case letters and digits */

enum link_state {
	LINK_REQUESTED, /* asked; nothing is published */
	LINK_ACTIVE,	/* both sides have agreed */
	LINK_REFUSED,	/* the account said no; tombstone */
	LINK_REVOKED	/* was agreed or asked, then ended by either side; tombstone */
};

/*
 * Key: (primary, id).  A linked account (JID bare) with its consent, or a name
 * that the user gave to a resource of the primary (RESOURCE not NULL, always
 * LINK_ACTIVE).
 */
struct device_record {
	const char *primary;
	const char *id;
	const char *jid;      /* bare JID */
	const char *resource; /* NULL for a linked account */
	const char *label;
	enum device_kind kind;
	bool kind_given; /* the user's word, not a guess */
	enum visibility visibility;
	bool show_status;
	enum link_state state;
	bool approved;	/* the account lets us see its presence (RFC 6121 subscription) */
	bool confirmed; /* the account said yes to being shown, */
	bool wide;	/* and that to all contacts of the user */
	bool withdrawn; /* that the account sees the bridge, as an earlier version approved, was taken back */
	uint32_t generation;
	int64_t created_ms;
	int64_t suspended_ms; /* as a user's: of a linked account */
};

/* The word for S in the registry and the log; "" for none of them. */
const char *link_state_name(enum link_state s);
/* The state that S (NULL: none) is the word for, in *OUT, or false. */
bool link_state_parse(const char *s, enum link_state *out);

#endif
