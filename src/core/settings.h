/*
 * What the administrator has decided: values, and nothing that follows from
 * them (configure.c).
 */
#ifndef PP_CORE_SETTINGS_H
#define PP_CORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/types.h"

struct core_settings {
	const char *domain;	  /* our own, prepared */
	const char *const *hosts; /* domains of the server, prepared */
	size_t nhosts;
	const char *const *host_keys; /* the same in A-labels; made by core_settings_copy() */
	const char *const *trusted;   /* domains whose accounts agree by accepting the subscription alone */
	size_t ntrusted;
	const char *program;	/* name and version for people, "polypresence 0.1.0" */
	const char *group;	/* roster group whose members become linked accounts; "" for none */
	enum access access;	/* of NODE_DEVICES */
	unsigned window_ms;	/* from the first change to the publish */
	unsigned rate_ms;	/* one publish a user each, in the long run */
	unsigned burst;		/* and this many at once */
	unsigned settle_ms;	/* an answer to a probe is waited for this long */
	unsigned probes_per_s;	/* in all */
	unsigned rosters_per_s; /* for each host */
	unsigned audit_s;	/* what nothing has confirmed for so long is asked for again; 0: never */
	unsigned linger_ms;	/* a resource of the primary that is gone is shown as unavailable this long */
	bool debug;		/* make log lines of level debug as well */
	unsigned expire_s;	/* an item not refreshed reads unknown after this; 0: never */
	enum deliver {
		DELIVER_AUTO, /* by privileged messages where the server's own delivery can't be relied on */
		DELIVER_ALWAYS,
		DELIVER_NEVER
	} deliver;
};

/* Fill S with the defaults (etc/polypresence.conf.sample lists them); no domain, no hosts. */
void core_settings_default(struct core_settings *s);

/*
 * Make TO a copy of FROM with strings and arrays of its own, all but the domain,
 * in *MEMORY, one piece for mem_free().  Returns 0, ERR_NOMEM, or ERR_INVALID if
 * nothing could work with them; on failure nothing has changed.
 */
int core_settings_copy(struct core_settings *to, const struct core_settings *from, char **memory);

#endif
