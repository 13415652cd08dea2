/*
 * For tests of sys/link: a link, and a server on loopback that does what a test
 * says.  Nothing waits for a time to pass: WAIT() lets both go on until
 * something is so.
 */
#ifndef PP_TESTS_LINK_FIXTURE_H
#define PP_TESTS_LINK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/buf.h"
#include "sys/link.h"

/* Whatever is waited for in these tests comes within this time, or never. */
#define PATIENCE_MS 10000

#define HEADER                                                                                 \
	"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " \
	"xmlns='jabber:component:accept' from='presence.home.test' id='3BF96D32'>"
#define STREAM_ERROR_OF(condition) \
	"<stream:error><" condition " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"

extern struct event_base *base;
extern struct link *lk;
extern struct link_conf conf;
extern struct link_times times;
extern char secret_path[512];

/* the server */
extern int listener, peer;
extern unsigned connections;
extern struct buf heard; /* by the server, from this connection */

/* what the link has told */
extern unsigned ups, downs, stanzas;
extern struct link_failure failure;
extern char text[512];
extern bool taking; /* link_next() is called */

/* The clock that the link reads is so much ahead, as if all had stood still in between. */
extern uint64_t skipped_ms;

/* Setup and teardown for cmocka: a server that listens, no link yet. */
int setup(void **state);
int teardown(void **state);

uint64_t now(void);
void listens(void);
void hangs_up(void);
void starts(void);
void server_turn(void);
void link_turn(void);
void server_says(const char *bytes);
void is_down_for(enum link_reason reason);
void handshakes(void);

/* Let both sides go on until CONDITION is true. */
#define WAIT(condition)                                                                         \
	do {                                                                                    \
		uint64_t until = now() + PATIENCE_MS;                                           \
		while (!(condition)) {                                                          \
			link_turn();                                                            \
			server_turn();                                                          \
			if (now() > until)                                                      \
				fail_msg("waited in vain for %s (last: %s)", #condition, text); \
		}                                                                               \
	} while (0)

#define HEARS(what) WAIT(strstr(buf_text(&heard), what) != NULL)

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
