#include "core/types.h"

#include <string.h>

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

static const char *const shows[] = {
	[SHOW_NONE] = "",
	[SHOW_CHAT] = "chat",
	[SHOW_AWAY] = "away",
	[SHOW_XA] = "xa",
	[SHOW_DND] = "dnd",
};

static const char *const kinds[] = {
	[KIND_OTHER] = "other",
	[KIND_FIXED] = "fixed",
	[KIND_MOBILE] = "mobile",
	[KIND_COMPUTER] = "computer",
	[KIND_TABLET] = "tablet",
};

static const char *const visibilities[] = {
	[VISIBLE_CONTACTS] = "contacts",
	[VISIBLE_SELF] = "self",
	[VISIBLE_HIDDEN] = "hidden",
};

static const char *const accesses[] = {
	[ACCESS_UNKNOWN] = "unknown",
	[ACCESS_PRESENCE] = "presence",
	[ACCESS_WHITELIST] = "whitelist",
	[ACCESS_OTHER] = "other",
};

static const char *const subscriptions[] = {
	[SUBSCRIPTION_NONE] = "none",
	[SUBSCRIPTION_TO] = "to",
	[SUBSCRIPTION_FROM] = "from",
	[SUBSCRIPTION_BOTH] = "both",
};

static const char *const conditions[] = {
	[COND_NONE] = "",
	[COND_BAD_REQUEST] = "bad-request",
	[COND_CONFLICT] = "conflict",
	[COND_FEATURE_NOT_IMPLEMENTED] = "feature-not-implemented",
	[COND_FORBIDDEN] = "forbidden",
	[COND_GONE] = "gone",
	[COND_INTERNAL_SERVER_ERROR] = "internal-server-error",
	[COND_ITEM_NOT_FOUND] = "item-not-found",
	[COND_JID_MALFORMED] = "jid-malformed",
	[COND_NOT_ACCEPTABLE] = "not-acceptable",
	[COND_NOT_ALLOWED] = "not-allowed",
	[COND_NOT_AUTHORIZED] = "not-authorized",
	[COND_POLICY_VIOLATION] = "policy-violation",
	[COND_RECIPIENT_UNAVAILABLE] = "recipient-unavailable",
	[COND_REDIRECT] = "redirect",
	[COND_REGISTRATION_REQUIRED] = "registration-required",
	[COND_REMOTE_SERVER_NOT_FOUND] = "remote-server-not-found",
	[COND_REMOTE_SERVER_TIMEOUT] = "remote-server-timeout",
	[COND_RESOURCE_CONSTRAINT] = "resource-constraint",
	[COND_SERVICE_UNAVAILABLE] = "service-unavailable",
	[COND_SUBSCRIPTION_REQUIRED] = "subscription-required",
	[COND_UNDEFINED] = "undefined-condition",
	[COND_UNEXPECTED_REQUEST] = "unexpected-request",
};

static const char *const app_conditions[] = {
	[APP_NONE] = "",
	[APP_PRECONDITION_NOT_MET] = "precondition-not-met",
	[APP_PAYLOAD_TOO_BIG] = "payload-too-big",
	[APP_BAD_SESSIONID] = "bad-sessionid",
	[APP_BAD_ACTION] = "bad-action",
	[APP_MALFORMED_ACTION] = "malformed-action",
	[APP_BAD_PAYLOAD] = "bad-payload",
	[APP_SESSION_EXPIRED] = "session-expired",
};

/* The index of S, or N. */
static size_t
find(const char *const *names, size_t n, const char *s)
{
	size_t i;

	if (s == NULL)
		return n;
	for (i = 0; i < n && strcmp(names[i], s) != 0; i++)
		;
	return i;
}

#define NAME(names, value) ((size_t)(value) < COUNT(names) ? (names)[value] : "")

#define PARSE(names, s, out)                             \
	do {                                             \
		size_t i = find(names, COUNT(names), s); \
		if (i == COUNT(names))                   \
			return false;                    \
		*(out) = i;                              \
		return true;                             \
	} while (0)

const char *
show_name(enum show s)
{
	return NAME(shows, s);
}

bool
show_parse(const char *s, enum show *out)
{
	PARSE(shows, s, out);
}

const char *
kind_name(enum device_kind k)
{
	return NAME(kinds, k);
}

bool
kind_parse(const char *s, enum device_kind *out)
{
	PARSE(kinds, s, out);
}

const char *
visibility_name(enum visibility v)
{
	return NAME(visibilities, v);
}

bool
visibility_parse(const char *s, enum visibility *out)
{
	PARSE(visibilities, s, out);
}

const char *
condition_name(enum condition c)
{
	return NAME(conditions, c);
}

enum condition
condition_parse(const char *s)
{
	size_t i = find(conditions, COUNT(conditions), s);

	return i < COUNT(conditions) && i != COND_NONE ? (enum condition)i : COND_UNDEFINED;
}

const char *
app_condition_name(enum app_condition c)
{
	return NAME(app_conditions, c);
}

enum app_condition
app_condition_parse(const char *s)
{
	size_t i = find(app_conditions, COUNT(app_conditions), s);

	return i < COUNT(app_conditions) ? (enum app_condition)i : APP_NONE;
}

const char *
access_name(enum access a)
{
	return NAME(accesses, a);
}

enum access
access_parse(const char *s)
{
	size_t i = find(accesses, COUNT(accesses), s);

	/* Only a server's words count, and it has none for the other two. */
	return i == ACCESS_PRESENCE || i == ACCESS_WHITELIST ? (enum access)i : ACCESS_OTHER;
}

const char *
subscription_name(enum subscription s)
{
	return NAME(subscriptions, s);
}

enum subscription
subscription_parse(const char *s)
{
	size_t i = find(subscriptions, COUNT(subscriptions), s);

	return i < COUNT(subscriptions) ? (enum subscription)i : SUBSCRIPTION_NONE;
}
