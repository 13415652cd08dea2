#include "sys/reload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "core/core.h"
#include "sys/conf.h"
#include "sys/link.h"
#include "sys/log.h"
#include "sys/notify.h"
#include "sys/report.h"

void
reload_link_conf(const struct conf *c, struct link_conf *out)
{
	memset(out, 0, sizeof(*out));
	out->domain = c->domain;
	out->secret_file = c->secret_file;
	out->conn.server = c->server;
	out->conn.port = c->port;
	out->conn.tls = c->tls == TLS_DIRECT;
	out->conn.tls_name = c->tls_name;
	out->conn.ca_file = c->ca_file;
}

static void
config_error(void *ctx, const char *file, int line, const char *text)
{
	char number[12];

	(void)ctx;
	snprintf(number, sizeof(number), "%d", line);
	log_event(LOG_LEVEL_ERROR, "config.error", "file", file, "line", number, "text", text, NULL);
}

/* What can't be changed while running; NULL: nothing of that was. */
static const char *
needs_restart(const struct conf *old, const struct conf *new)
{
	if (strcmp(old->domain, new->domain) != 0)
		return "component jid";
	if (strcmp(old->registry, new->registry) != 0)
		return "registry path";
	return NULL;
}

/* Take NEW over, or leave everything as it was and say why; that the log of before can't be opened may have been SAID. */
static int
adopt(const struct reload *r, struct conf *new, bool said)
{
	struct conf *old = r->conf, swap;
	const char *what = needs_restart(old, new), *why;
	struct link_conf link_conf;
	int status;

	if (what != NULL) {
		log_event(LOG_LEVEL_ERROR, "reload.failed", "reason", "can't be changed while running", "option", what,
		    "text", "the old configuration stays", NULL);
		return ERR_INVALID;
	}
	if (r->debug) {
		new->log.level = LOG_LEVEL_DEBUG;
		new->core.debug = true;
	}
	/* All of it or nothing: what fails comes first, and is undone. */
	errno = 0;
	status = log_open(&new->log);
	if (status != 0) {
		why = status == ERR_IO && errno != 0 ? strerror(errno) : err_text(status);
		if (!said || strcmp(new->log.path, old->log.path) != 0)
			log_event(LOG_LEVEL_ERROR, "log.error", "path", new->log.path, "text", why, NULL);
		log_event(LOG_LEVEL_ERROR, "reload.failed", "reason", "the log can't be opened", "option",
		    "log destination", "text", "the old configuration stays", NULL);
		return status;
	}
	status = core_configure(r->core, &new->core);
	if (status != 0) {
		(void)log_open(&old->log);
		log_event(LOG_LEVEL_ERROR, "reload.failed", "reason", err_text(status), "text",
		    "the old configuration stays", NULL);
		return status;
	}
	reload_link_conf(new, &link_conf);
	link_configure(r->link, &link_conf);
	r->identity->domain = new->domain;
	swap = *old;
	*old = *new;
	*new = swap;
	return 0;
}

void
reload_all(const struct reload *r, const struct instant *now)
{
	const struct conf_reporter reporter = {config_error, NULL};
	struct conf conf;
	char text[64];
	bool reopened;
	int status;

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)now->mono_ms * 1000);
	notify_send(text);
	errno = 0;
	reopened = log_reopen() == 0;
	if (!reopened)
		log_event(LOG_LEVEL_ERROR, "log.error", "path", r->conf->log.path, "text",
		    errno != 0 ? strerror(errno) : "it can't be opened anew", NULL);
	status = conf_load(r->path, &conf, &reporter);
	if (status == 0) {
		status = adopt(r, &conf, !reopened);
		conf_clear(&conf);
	} else {
		log_event(LOG_LEVEL_ERROR, "reload.failed", "reason",
		    status == ERR_NOMEM ? err_text(status) : "see config.error", "text", "the old configuration stays",
		    NULL);
	}
	if (status == 0) {
		log_event(LOG_LEVEL_INFO, "reload", "file", r->path, NULL);
		report_insecure(r->conf);
	}
	notify_send("READY=1");
}
