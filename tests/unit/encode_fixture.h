/* For tests of the encoder. */
#ifndef PP_TESTS_ENCODE_FIXTURE_H
#define PP_TESTS_ENCODE_FIXTURE_H

#include "base/buf.h"
#include "wire/encode.h"

#define BRIDGE "alice\\40home.test@presence.home.test"
#define AT INT64_C(1795388940000) /* 2026-11-22T23:09:00Z */

extern const struct encode_identity identity;
extern struct buf out;

int fixture_teardown(void **state);

/* The stanza of ACT is exactly EXPECTED, parses, and has both addresses. */
void encodes(const struct action *act, const char *expected);

/* ACT is no stanza, and OUT stays as it is. */
void is_invalid(const struct action *act);

/* Parts of what is expected: of an IQ into alice's PEP service. */
#define OPTIONS(type, access)                                                          \
	"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>" \
	"<value>http://jabber.org/protocol/pubsub#" type "</value></field>"            \
	"<field var='pubsub#persist_items'><value>true</value></field>"                \
	"<field var='pubsub#access_model'><value>" access "</value></field></x>"

#endif
