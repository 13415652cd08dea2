/*
 * Words that events, actions and the core share.  Plain values, no code
 * beyond their names as strings.
 */
#ifndef PP_CORE_TYPES_H
#define PP_CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The nodes that the devices are published in (one constant each: the name is provisional). */
#define NODE_DEVICES "urn:x-polypresence:devices:0"
#define NODE_DEVICES_PRIVATE "urn:x-polypresence:devices-private:0"
#define ITEM_ID "current"

/* A moment: MONO_MS never decreases and drives every timer, WALL_MS (Unix) only fills payloads. */
struct instant {
	uint64_t mono_ms;
	int64_t wall_ms;
};

/* A prepared JID in two parts; RESOURCE is NULL for a bare JID, BARE is NULL for none. */
struct address {
	const char *bare;
	const char *resource;
};

/* RFC 6121, section 4.7.1. */
enum presence_type {
	PRESENCE_AVAILABLE,
	PRESENCE_UNAVAILABLE,
	PRESENCE_SUBSCRIBE,
	PRESENCE_SUBSCRIBED,
	PRESENCE_UNSUBSCRIBE,
	PRESENCE_UNSUBSCRIBED,
	PRESENCE_PROBE,
	PRESENCE_ERROR
};

/* RFC 6121, section 4.7.2.1; SHOW_NONE is plain available. */
enum show {
	SHOW_NONE,
	SHOW_CHAT,
	SHOW_AWAY,
	SHOW_XA,
	SHOW_DND
};

enum device_kind {
	KIND_OTHER,
	KIND_FIXED,
	KIND_MOBILE,
	KIND_COMPUTER,
	KIND_TABLET
};

/* Who sees a device: the user's contacts, the user's own clients only, nobody. */
enum visibility {
	VISIBLE_CONTACTS,
	VISIBLE_SELF,
	VISIBLE_HIDDEN
};

/* Access models of XEP-0060, section 4.5, as far as the core tells them apart. */
enum access {
	ACCESS_UNKNOWN,
	ACCESS_PRESENCE,
	ACCESS_WHITELIST,
	ACCESS_OTHER /* open, authorize, roster */
};

/* RFC 6121, section 2.1.2.5. */
enum subscription {
	SUBSCRIPTION_NONE,
	SUBSCRIPTION_TO,
	SUBSCRIPTION_FROM,
	SUBSCRIPTION_BOTH
};

/* Stanza error conditions (RFC 6120, section 8.3.3). */
enum condition {
	COND_NONE,
	COND_BAD_REQUEST,
	COND_CONFLICT,
	COND_FEATURE_NOT_IMPLEMENTED,
	COND_FORBIDDEN,
	COND_GONE,
	COND_INTERNAL_SERVER_ERROR,
	COND_ITEM_NOT_FOUND,
	COND_JID_MALFORMED,
	COND_NOT_ACCEPTABLE,
	COND_NOT_ALLOWED,
	COND_NOT_AUTHORIZED,
	COND_POLICY_VIOLATION,
	COND_RECIPIENT_UNAVAILABLE,
	COND_REDIRECT,
	COND_REGISTRATION_REQUIRED,
	COND_REMOTE_SERVER_NOT_FOUND,
	COND_REMOTE_SERVER_TIMEOUT,
	COND_RESOURCE_CONSTRAINT,
	COND_SERVICE_UNAVAILABLE,
	COND_SUBSCRIPTION_REQUIRED,
	COND_UNDEFINED,
	COND_UNEXPECTED_REQUEST
};

/* Application conditions beside them that change what we do. */
enum app_condition {
	APP_NONE,
	APP_PRECONDITION_NOT_MET, /* XEP-0060, section 7.1.5 */
	APP_PAYLOAD_TOO_BIG,	  /* XEP-0060, section 7.1.3 */
	APP_BAD_SESSIONID,	  /* XEP-0050, section 4.5 */
	APP_BAD_ACTION,
	APP_MALFORMED_ACTION,
	APP_BAD_PAYLOAD,
	APP_SESSION_EXPIRED
};

/* As written in stanzas, forms, the registry and logs; the parsers return false for another word. */
const char *show_name(enum show s); /* "" for SHOW_NONE */
const char *kind_name(enum device_kind k);
const char *visibility_name(enum visibility v);
const char *condition_name(enum condition c);
const char *app_condition_name(enum app_condition c);
const char *access_name(enum access a);
const char *subscription_name(enum subscription s);
bool show_parse(const char *s, enum show *out);
bool kind_parse(const char *s, enum device_kind *out);
bool visibility_parse(const char *s, enum visibility *out);
enum condition condition_parse(const char *s);	       /* COND_UNDEFINED for another word */
enum app_condition app_condition_parse(const char *s); /* APP_NONE for another word */
enum access access_parse(const char *s);	       /* ACCESS_OTHER for another word */
enum subscription subscription_parse(const char *s);   /* SUBSCRIPTION_NONE for another word */

#endif
