/*
 * What the core wants done, in this order.  Strings and arrays belong to the
 * core and are valid until the next core_ call.
 */
#ifndef PP_CORE_ACTION_H
#define PP_CORE_ACTION_H

#include "core/event.h"
#include "core/record.h"
#include "core/text.h"
#include "core/types.h"

enum action_kind {
	/* to the server; .id is set on every IQ */
	ACTION_PRESENCE,      /* .presence */
	ACTION_MESSAGE,	      /* .text: a chat message */
	ACTION_HEADLINE,      /* a message of type headline without content, to ourselves (line.h) */
	ACTION_ROSTER_GET,    /* an ordinary IQ to a bare JID (XEP-0356, section 4.1) */
	ACTION_BLOCKLIST_GET, /* of .owner (XEP-0191, section 3.2), by .way */
	ACTION_PUBLISH,	      /* .publish, by .way */
	ACTION_CREATE,	      /* .node with .config, by .way (XEP-0060, section 8.1.3) */
	ACTION_CONFIG_GET,    /* .node, by .way: pubsub#owner configure */
	ACTION_CONFIG_SET,    /* .node, .config, by .way */
	ACTION_RETRACT,	      /* the item ITEM_ID of .node, without notify, by .way */
	ACTION_AFFILIATE,     /* .node, .who becomes publisher, by .way */
	ACTION_UNSUBSCRIBE,   /* .node, .who: subscription none, as the owner, by .way */
	ACTION_PING,	      /* XEP-0199 */
	ACTION_INFO_GET,      /* disco#info */
	ACTION_EVENT,	      /* .publish as a privileged message (XEP-0356, section 4.3) from .owner to .to */
	ACTION_COMMAND_REPLY, /* .reply */
	ACTION_ANSWER,	      /* .answer: to a request of EVENT_REQUEST */
	ACTION_ERROR,	      /* .error: an IQ error; the last of the stanzas */
	/* to the registry: durable, then EVENT_STORED or EVENT_STORE_FAILED with .ticket */
	ACTION_STORE_USER,    /* .user: insert or replace */
	ACTION_STORE_DEVICE,  /* .device: insert or replace */
	ACTION_DELETE_USER,   /* .user.primary and all its devices */
	ACTION_DELETE_DEVICE, /* .device.primary, .device.id */
	/* to the registry, lazily: may be lost by a crash, no answer */
	ACTION_NOTE_PUBLISHED, /* .user: digests, setup, published_ms */
	/* to the link */
	ACTION_RECONNECT, /* .reconnect */
	/* to the administrator */
	ACTION_LOG,    /* .log */
	ACTION_DRAINED /* after EVENT_DRAIN: nothing is left to do */
};

/* How an IQ reaches a user's PEP service. */
enum way {
	WAY_ORDINARY,	    /* from the bridge JID, as an affiliate */
	WAY_PRIVILEGED,	    /* <privileged_iq/>, inner `to` as the outer */
	WAY_PRIVILEGED_CAPS /* the same, outer domain in capitals: the one form that ejabberd 24.12 executes */
};

struct item_resource {
	const char *id;
	enum show show;
	const char *status;    /* NULL: none, or not for this audience */
	const char *lang;      /* NULL: none */
	int64_t idle_since_ms; /* 0: none */
};

struct item_device {
	const char *id;
	enum device_kind kind;
	const char *label;
	const char *jid; /* only where the audience may know it; NULL otherwise */
	bool preferred;
	bool stale;
	int64_t since_ms;
	const struct item_resource *resources;
	size_t nresources;
};

/* The payload, doc/protocol.md; all times wall clock. */
struct item {
	int64_t updated_ms;
	int64_t expires_ms; /* 0: the item doesn't expire */
	const struct item_device *devices;
	size_t ndevices;
};

enum field_type {
	FIELD_HIDDEN,
	FIELD_FIXED,
	FIELD_TEXT_SINGLE,
	FIELD_JID_SINGLE,
	FIELD_BOOLEAN,
	FIELD_LIST_SINGLE
};

struct form_option {
	const char *value;
	struct text label;
};

struct form_field {
	const char *var;
	enum text_id label;
	enum field_type type;
	bool required;
	const char *value; /* NULL: none */
	const struct form_option *options;
	size_t noptions;
};

/* XEP-0004.  With rows it is a `result` with <reported/> columns, otherwise a `form`. */
struct form {
	enum text_id title;
	enum text_id instructions;	 /* or TEXT_NONE */
	const struct form_field *fields; /* of a result: the columns */
	size_t nfields;
	bool result;
	const struct text *cells; /* nrows * nfields, row by row; empty ones are TEXT_NONE */
	size_t nrows;
};

enum command_status {
	STATUS_EXECUTING,
	STATUS_COMPLETED,
	STATUS_CANCELED
};

struct command_reply {
	const char *node;
	const char *sessionid;
	enum command_status status;
	struct text note;	 /* or TEXT_NONE */
	const char *note_type;	 /* info, warn, error */
	const struct form *form; /* NULL: none */
};

struct named {
	const char *jid;  /* address of a disco item */
	const char *node; /* NULL: none */
	enum text_id name;
};

struct request_answer {
	enum request_kind kind;
	const char *node;	     /* of disco, as asked; NULL: none */
	const char *category, *type; /* REQUEST_INFO */
	struct text name;
	const char *const *features;
	size_t nfeatures;
	const struct named *items; /* REQUEST_ITEMS */
	size_t nitems;
	uint64_t seconds; /* REQUEST_LAST */
	int64_t wall_ms;  /* REQUEST_TIME */
};

enum error_type {
	ERROR_CANCEL,
	ERROR_MODIFY,
	ERROR_AUTH,
	ERROR_WAIT
};

struct error_answer {
	enum error_type type;
	enum condition condition;
	enum app_condition app; /* APP_NONE, or a condition of XEP-0050 */
	enum text_id text;	/* or TEXT_NONE */
};

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

struct log_field {
	const char *key;
	const char *value;
	enum text_id text; /* where there is no value: what a person was told, in English */
};

#define LOG_FIELDS_MAX 12

struct log_line {
	enum log_level level;
	const char *event;
	struct log_field fields[LOG_FIELDS_MAX];
	size_t nfields;
};

/* pubsub#node_config: always with persist_items true. */
struct node_config {
	enum access access;
	bool no_events; /* pubsub#deliver_notifications false; otherwise the field is left out */
	bool no_last;	/* pubsub#send_last_published_item never; otherwise the field is left out */
	bool restore;	/* write what is not switched off as PEP has it, instead of leaving it out */
};

struct action {
	enum action_kind kind;
	const char *id;
	struct address from;
	struct address to;
	/* for IQs into a user's PEP service, and for events */
	enum way way;
	const char *owner; /* bare JID whose node it is */
	const char *node;
	enum access access; /* of ACTION_PUBLISH: the precondition */
	struct node_config config;
	const char *who;
	int privilege_version; /* of ACTION_EVENT: 1 or 2 */
	union {
		struct {
			enum presence_type type;
			enum show show;
			struct text status;
			struct text nick; /* XEP-0172 */
		} presence;
		struct item publish;
		struct text text;
		struct {
			const char *reason;
			bool failed; /* it is we who can't go on: as any loss, which is waited after */
		} reconnect;
		struct command_reply reply;
		struct request_answer answer;
		struct error_answer error;
		struct user_record user;
		struct device_record device;
		struct log_line log;
	};
	uint64_t ticket;
};

#endif
