/*
 * The whole program, started as an administrator starts it, with a fake server
 * on loopback that accepts its handshake and asks it things.  Nothing here
 * waits for a time to pass: WAIT() lets server and program go on until
 * something is so.
 */
#ifndef PP_TESTS_PROGRAM_FIXTURE_H
#define PP_TESTS_PROGRAM_FIXTURE_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "calls_fixture.h"

/* Whatever is waited for comes within this time, or never. */
#define PATIENCE_MS 20000
#define SPEED 20

#define DOMAIN "presence.home.test"

/* Setup and teardown for cmocka: a directory with configuration and secret, a server that listens. */
int program_setup(void **state);
int program_setup_tls(void **state);
int program_teardown(void **state);

/* The plan for the next program, and what came of it. */
extern struct calls *calls;

/* The server, as it is on this connection: program_fixture_server.c */
extern struct server {
	unsigned connections;
	unsigned refusals; /* of a handshake with another secret */
	bool up;	   /* it has shaken hands */
	bool closing;	   /* it was sent the end of the stream */
	bool silent;	   /* it answers nothing, for a while */
	const char *secret;
	char asked[64];	   /* the id of the last disco#info that it was asked for */
	char answered[64]; /* the id of the last answer to what it asked ... */
	bool refused;	   /* ... which was an error */
	char answer[4096]; /* ... and its text */
	char roster[64];   /* the id of the last request for a roster */
} server;

/* The program and its children: the one that was started, and who it left running. */
extern struct program {
	pid_t pid;
	bool ended; /* the one that was started */
	int status;
	unsigned running;   /* of all of them */
	int last_status;    /* of the last that ended */
	struct buf said;    /* on the terminal */
	char notified[512]; /* to systemd, all of it */
	bool no_terminal;   /* it is started with descriptors 0 to 2 closed */
} program;

/* FLAGS beside -c; LIMIT: descriptors that it may have, 0: as we.  What is planned for its calls stays so. */
void program_starts(const char *flags, unsigned limit);
void program_signal(int signo);

/* A line for the configuration, instead of the one that begins alike. */
void configure(const char *line);
void write_configuration(void);

/* The text of a file of the directory; "" if there is none.  In one of a few buffers. */
const char *text_of(const char *name);

void server_says(const char *bytes);

/* The same of what is too much for once: everybody goes on meanwhile. */
void server_says_much(const char *bytes, size_t len);

/* End the connection without a word. */
void server_hangs_up(void);
void server_stops_listening(void);
void server_listens(void);

/* Ask, again on each new connection, until it is answered without an error. */
void is_asked_until_done(const char *id, const char *stanza);

/* Let everybody go on for a moment. */
void turn(void);
bool patience_is_over(void);
void patience_begins(void);
void give_up(const char *condition, const char *file, int line);

#define WAIT(condition)                                                  \
	do {                                                             \
		patience_begins();                                       \
		while (!(condition)) {                                   \
			turn();                                          \
			if (patience_is_over())                          \
				give_up(#condition, __FILE__, __LINE__); \
		}                                                        \
	} while (0)

/* All processes have ended, or are made to. */
void nobody_is_left(void);
void end_everybody(void);

/* Verbs: program_fixture_verbs.c */

/* A command of alice's, run at once. */
#define ASK(id, node)                                                          \
	"<iq type='set' id='" id "' from='alice@home.test/x' to='" DOMAIN "'>" \
	"<command xmlns='http://jabber.org/protocol/commands' node='" node "' action='execute'/></iq>"

#define LOGS(text) WAIT(strstr(text_of("log"), text) != NULL)

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_setup, program_teardown)
#define TEST_TLS(f) cmocka_unit_test_setup_teardown(f, program_setup_tls, program_teardown)

void is_up(void);
void starts(const char *flags);					/* and is connected */
void stops_with(int status);					/* all have ended, the last one so */
void stops(void);						/* by SIGTERM, as it should */
void is_alive(void);						/* it still does what it is there for */
void refuses(const char *flags, int status, const char *words); /* to start */

/* Shared among the fixture's own files. */

void server_begins(void);
void server_speaks_tls(const char *ca_file); /* which is written */
void server_ends(void);
unsigned server_port(void);
void server_polled(struct pollfd fds[2]); /* what it waits for */
void server_turn(void);

#endif
