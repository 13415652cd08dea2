/* What the configuration says, and what stands where it says nothing. */
#ifndef PP_SYS_CONF_VALUES_H
#define PP_SYS_CONF_VALUES_H

#include <stdbool.h>

#include "core/settings.h"
#include "sys/log.h"

enum conf_tls {
	TLS_NONE,
	TLS_DIRECT
};

struct conf_list {
	char **list;
	size_t n;
};

struct conf {
	/* component */
	char *domain; /* prepared */
	char *secret_file;
	char *server;
	unsigned port;
	enum conf_tls tls;
	char *tls_name; /* of the certificate; "": as `server' */
	char *ca_file;	/* "": the system's */
	bool insecure_remote;
	bool insecure; /* neither TLS nor loopback: insecure_remote allowed it */
	/* the rest */
	char *registry;
	char *moved_from; /* "": none */
	char *pid_file;	  /* "": none */
	struct log_conf log;
	struct conf_list hosts, trusted;
	char *group;
	struct core_settings core; /* its strings and arrays are those above */
	struct {
		int registry, log, pid_file;
	} lines; /* where these were given, or would be */
};

/* All that has a default, as etc/polypresence.conf.sample lists it.  Returns 0 or ERR_NOMEM. */
int conf_default(struct conf *c);

/* Accepts NULL and a zeroed struct. */
void conf_clear(struct conf *c);

#endif
