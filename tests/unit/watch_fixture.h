/*
 * For the tests of src/watch: stanzas from text, and sets of devices.
 */
#ifndef PP_TESTS_WATCH_FIXTURE_H
#define PP_TESTS_WATCH_FIXTURE_H

#include "watch/board.h"
#include "watch/tree.h"

/*
 * A stanza in the namespace jabber:client.  XML is what the tests write: no
 * comments, no entities but &lt;, attributes between single quotes; prefixes
 * of attributes are lost, as libstrophe loses them.  Freed with stanza_free.
 */
void *stanza_of(const char *xml);
void stanza_free(void *el);
extern const struct tree stanza_tree;

/* The answer to a fetch of NODE, holding PAYLOAD. */
void *answer_of(const char *from, const char *id, const char *node, const char *payload);

/* PAYLOAD (a <devices/> element) as a set; the test fails if it isn't one. */
struct board_set *set_of(const char *payload);

/* A contact of B with this address (a new one unless it is there), showing PAYLOAD. */
struct board_contact *contact_with(struct board *b, const char *address, const char *name, const char *payload);

#define PAYLOAD_NS "xmlns='urn:x-polypresence:devices:0'"

/* Desk phone (dnd, preferred, idle), Laptop (available, stale), Mobile (unavailable). */
extern const char alices_devices[];

#endif
