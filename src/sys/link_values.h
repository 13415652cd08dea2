/* What a link is told, and what it tells when it is lost. */
#ifndef PP_SYS_LINK_VALUES_H
#define PP_SYS_LINK_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "sys/backoff.h"
#include "sys/conn.h"

struct link_times {
	unsigned connect_ms, header_ms, handshake_ms; /* each of them 15 s */
	unsigned ping_ms, dead_ms, say_ms;
	unsigned close_ms;  /* for the server's </stream:stream> */
	unsigned stable_ms; /* a stream this old makes up for the failures before it */
	unsigned retry_ms;  /* instead of backoff_ms(), for tests; 0: none */
};

struct link_conf {
	const char *domain;
	const char *secret_file; /* read at each handshake */
	struct conn_conf conn;
};

struct link_failure {
	enum link_reason reason;
	const char *text;  /* for people; valid until the next link_ call */
	bool was_up;	   /* a stream was lost; otherwise an attempt failed */
	bool wanted;	   /* we have ended it, for another one: no failure */
	unsigned attempts; /* failures in a row, since a connection has lasted for stable_ms */
	uint32_t retry_ms; /* until the next attempt */
};

#endif
