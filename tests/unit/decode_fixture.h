/* For tests of the decoder: verbs that say what a stanza means, and fail the test otherwise. */
#ifndef PP_TESTS_DECODE_FIXTURE_H
#define PP_TESTS_DECODE_FIXTURE_H

#include "wire/decode.h"
#include "wire/stream.h"

/* What a privileged IQ is answered with (XEP-0356, section 4.4). */
#define P2(inner)                                                                              \
	"<privilege xmlns='urn:xmpp:privilege:2'><forwarded xmlns='urn:xmpp:forward:0'>" inner \
	"</forwarded></privilege>"
#define FROM_ALICE "from='alice@home.test/a' to='presence.home.test'"

extern struct stream *stream;
extern struct decoder *decoder;
extern struct event ev; /* of the last stanza */

int fixture_setup(void **state);
int fixture_teardown(void **state);

int decoded(const char *stanza);
void means(enum event_kind kind, const char *stanza);
void means_nothing(const char *stanza);
void is_refused(const char *stanza);

/* EXPECTED may be NULL. */
void is(const char *got, const char *expected);
void is_from(const char *bare, const char *resource);

/* Decode an IQ q9 of TYPE with CHILDREN from alice@home.test, as an answer. */
struct answer_event *answer(const char *type, const char *children);

#endif
