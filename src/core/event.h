/*
 * What happens to the core.  Every string is borrowed for the duration of
 * core_feed(); JIDs are prepared (base/jid.h).
 */
#ifndef PP_CORE_EVENT_H
#define PP_CORE_EVENT_H

#include "core/record.h"
#include "core/text.h"
#include "core/types.h"

enum event_kind {
	EVENT_TICK,	    /* time went by */
	EVENT_LINK_UP,	    /* the stream is open, the handshake accepted */
	EVENT_LINK_DOWN,    /* it is gone, with all that was in flight */
	EVENT_PRESENCE,	    /* .presence */
	EVENT_GRANT,	    /* .grant: XEP-0356, section 4.2 */
	EVENT_ANSWER,	    /* .answer: an IQ result or error */
	EVENT_ROSTER_PUSH,  /* .roster: a roster set that came to us */
	EVENT_MESSAGE,	    /* .message: a message with a body, or an error */
	EVENT_HEADLINE,	    /* a message of type headline of a domain to a resource of the same */
	EVENT_COMMAND,	    /* .command: XEP-0050 */
	EVENT_REQUEST,	    /* .request: any other IQ get or set */
	EVENT_STORED,	    /* .ticket: these changes are durable */
	EVENT_STORE_FAILED, /* .ticket: these changes are not */
	EVENT_LOAD_USER,    /* .user: a row of the registry, before EVENT_LOADED */
	EVENT_LOAD_DEVICE,  /* .device: likewise; its user came before it */
	EVENT_LOADED,	    /* all rows have been fed */
	EVENT_DRAIN	    /* the program is about to stop: publish nothing new, finish */
};

struct presence_event {
	enum presence_type type;
	enum show show;
	int priority;	       /* -128 to 127 */
	const char *status;    /* NULL: none */
	const char *lang;      /* xml:lang of the status, NULL: none */
	int64_t idle_since_ms; /* XEP-0319, wall clock; 0: none */
	const char *id;	       /* the stanza's, of PRESENCE_AVAILABLE; NULL: none */
	enum condition error;  /* of PRESENCE_ERROR */
};

enum {
	MAY_GET = 1,
	MAY_SET = 2
};

/* Everything that one host grants; an advertisement replaces the one before. */
struct grant_event {
	int version;	      /* 1 or 2: urn:xmpp:privilege:N */
	unsigned roster;      /* MAY_* */
	bool message;	      /* outgoing */
	bool presence;	      /* managed_entity or roster */
	bool presence_roster; /* roster: contacts' presence as well */
	unsigned iq_pubsub;   /* MAY_* for http://jabber.org/protocol/pubsub */
	unsigned iq_owner;    /* MAY_* for http://jabber.org/protocol/pubsub#owner */
	unsigned iq_blocking; /* MAY_* for urn:xmpp:blocking */
};

struct roster_item {
	const char *jid; /* bare, prepared */
	const char *name;
	enum subscription subscription;
	bool remove; /* subscription='remove' of a push */
	const char *const *groups;
	size_t ngroups;
};

struct roster_event {
	const struct roster_item *items;
	size_t nitems;
	const char *id; /* of a push, which has to be answered; NULL otherwise */
};

/* XEP-0191, section 3.2: whom an account blocks; clients, accounts and domains. */
struct blocklist_event {
	const struct address *items;
	size_t nitems;
};

enum payload_kind {
	PAYLOAD_NONE,
	PAYLOAD_ROSTER, /* jabber:iq:roster */
	PAYLOAD_CONFIG, /* pubsub#owner configure: .access */
	PAYLOAD_INFO,	/* disco#info: the first identity that is not empty */
	PAYLOAD_BLOCKLIST
};

/* How much of an answer there is in the event. */
enum extent {
	EXTENT_WHOLE,
	EXTENT_PORTION,	 /* some of a roster's items: more comes, and only with the last is any of it in force */
	EXTENT_LAST,	 /* the rest of them */
	EXTENT_TOO_LARGE /* only the beginning, which says whose it is; not `ok', but .payload is what it began with */
};

struct answer_event {
	const char *id;
	enum extent extent;
	bool ok; /* result; otherwise the fields below say why */
	enum condition error;
	enum app_condition app;
	const char *text; /* of the error; NULL: none */
	/*
	 * A privileged IQ answers in <privilege><forwarded> (XEP-0356, section
	 * 4.4): then OK, the error and the payload are those of the forwarded IQ,
	 * and these its addresses.
	 */
	bool wrapped;
	bool echo;		/* our own request came back: the forwarded IQ is a get or a set */
	const char *inner_id;	/* NULL: absent */
	const char *inner_from; /* bare JID; NULL: absent */
	enum payload_kind payload;
	struct roster_event roster;
	struct blocklist_event blocklist;
	enum access access;
	const char *category, *type, *name; /* of the identity; NULL: absent */
};

/* What a chat says, as far as it matters.  Which words say so, in which language, is not decided here. */
enum word {
	WORD_NONE, /* no body: an error */
	WORD_OTHER,
	WORD_YES,
	WORD_NO
};

struct message_event {
	enum word word;
	const char *id; /* NULL: absent */
	bool chat;	/* type chat or normal, not an error, groupchat or headline */
	bool error;	/* what an account was sent came back; then there may be no body */
};

enum command_action {
	COMMAND_EXECUTE,
	COMMAND_CANCEL,
	COMMAND_PREV,
	COMMAND_NEXT,
	COMMAND_COMPLETE,
	COMMAND_OTHER
};

struct form_value {
	const char *var;
	const char *value; /* the first value; "" if there is none */
};

struct command_event {
	const char *id;
	const char *node;
	const char *sessionid; /* NULL: none */
	enum command_action action;
	bool set; /* false: an IQ get, which is wrong */
	const struct form_value *fields;
	size_t nfields; /* of a submitted form; 0 when there is none */
};

enum request_kind {
	REQUEST_INFO,	  /* disco#info */
	REQUEST_ITEMS,	  /* disco#items */
	REQUEST_VERSION,  /* XEP-0092 */
	REQUEST_PING,	  /* XEP-0199 */
	REQUEST_TIME,	  /* XEP-0202 */
	REQUEST_LAST,	  /* XEP-0012 */
	REQUEST_OTHER,	  /* anything else, or a set of one of these */
	REQUEST_MALFORMED /* `why' says what is wrong with it */
};

struct request_event {
	enum request_kind kind;
	const char *id;
	const char *node; /* of disco; NULL: none */
	enum text_id why; /* for who has sent it */
};

struct event {
	enum event_kind kind;
	struct address from;
	struct address to;
	union {
		struct presence_event presence;
		struct grant_event grant;
		struct answer_event answer;
		struct roster_event roster;
		struct message_event message;
		struct command_event command;
		struct request_event request;
		uint64_t ticket;
		struct user_record user;
		struct device_record device;
	};
};

#endif
