/*
 * The server's side of XEP-0114 for the world of the soak test: grants
 * privileges (XEP-0356) for both hosts, keeps nodes and their items, answers
 * rosters, disco and probes, and can be slow, deaf, cut or restarted.
 */
#ifndef PP_TESTS_SOAK_SERVER_H
#define PP_TESTS_SOAK_SERVER_H

#include "tests/soak/strangers.h"
#include "tests/soak/world.h"

#define SERVER_TIMINGS_MAX 16384

/* An answer that waits. */
struct late {
	struct late *next;
	uint64_t due;
	struct buf text;
};

struct server {
	struct world *world;
	int listener, fd; /* -1: none */
	unsigned port;
	struct buf in, out;
	size_t outpos;
	bool up;
	uint64_t up_at, began_at; /* of the stream; of the server */
	uint64_t process_at;	  /* the component was started: see world_published() */
	/* how it is */
	unsigned slow_ms; /* before each answer */
	bool deaf;	  /* reads nothing */
	struct flood *flood;
	double flood_rate; /* a second; 0: as much as goes */
	uint64_t flood_began;
	struct late *late_head, *late_tail; /* answers that wait */
	/* what came */
	uint64_t stanzas, bytes, probes, publishes, events, answers, errors, streams, foreign;
	/* probes as a leaky bucket that empties at the configured rate: its level tells of bursts */
	double probe_rate, probe_level, probe_peak;
	uint64_t probe_at;
	/* how long it took until a change that server_time() marked was published, in milliseconds */
	uint64_t timings[SERVER_TIMINGS_MAX];
	size_t ntimings;
};

uint64_t server_now(void); /* milliseconds */

/* Returns 0 or -1 (errno says why). */
int server_init(struct server *s, struct world *w, double probe_rate);
void server_clear(struct server *s);

/* Wait for work, at most MS, and do it. */
void server_step(struct server *s, int ms);

/* Tell the component how D of U is. */
void server_tell(struct server *s, size_t u, size_t d);

/* Change a device whose status everybody may see, tell the component, and note when that is published. */
void server_time(struct server *s);

/* End the connection without a word. */
void server_cut(struct server *s);

/* The whole server is gone, with its clients; and is back, as are they one after the other. */
void server_go_down(struct server *s);
int server_come_back(struct server *s);

/* What came in is complete: see to it.  In answer.c. */
void server_take_input(struct server *s);

#endif
