/* SIGHUP (F16): another configuration is taken over whole, or the old one stays. */
#ifndef PP_SYS_RELOAD_H
#define PP_SYS_RELOAD_H

#include <stdbool.h>

#include "core/core.h"
#include "sys/conf_values.h"
#include "sys/link.h"
#include "wire/encode.h"

/* Whom another configuration concerns. */
struct reload {
	struct conf *conf; /* the one that holds, and is replaced */
	const char *path;
	bool debug; /* whatever the file says */
	struct core *core;
	struct link *link;
	struct encode_identity *identity;
};

/* Open the log anew, read the file again and take it over; the log and systemd are told how that went. */
void reload_all(const struct reload *r, const struct instant *now);

/* What of C is the link's. */
void reload_link_conf(const struct conf *c, struct link_conf *out);

#endif
