/* For tests of src/wire: stanzas as they come out of a component stream. */
#ifndef PP_TESTS_WIRE_FIXTURE_H
#define PP_TESTS_WIRE_FIXTURE_H

#include <stddef.h>

#include "wire/stream.h"
#include "wire/xml.h"

/* A stream of presence.home.test whose handshake was accepted. */
struct stream *fixture_stream(void);

/* The one stanza that TEXT is, valid until the next; fails the test when it is none. */
const struct xml *fixture_stanza(struct stream *s, const char *text);

#endif
