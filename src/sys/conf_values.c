#include "config.h"

#include "sys/conf_values.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* Not below a prefix: it is the StateDirectory of the systemd unit. */
#define DEFAULT_REGISTRY "/var/lib/polypresence/registry.db"

int
conf_default(struct conf *c)
{
	memset(c, 0, sizeof(*c));
	core_settings_default(&c->core);
	c->group = mem_strdup(c->core.group);
	c->core.group = c->group;
	c->core.program = PACKAGE_STRING;
	c->server = mem_strdup("127.0.0.1");
	c->port = 5347;
	c->tls_name = mem_strdup("");
	c->ca_file = mem_strdup("");
	c->registry = mem_strdup(DEFAULT_REGISTRY);
	c->moved_from = mem_strdup("");
	c->pid_file = mem_strdup("");
	c->log.level = LOG_LEVEL_INFO;
	c->log.path = mem_strdup("");
	if (c->group == NULL || c->server == NULL || c->tls_name == NULL || c->ca_file == NULL || c->registry == NULL ||
	    c->moved_from == NULL || c->pid_file == NULL || c->log.path == NULL) {
		conf_clear(c);
		return ERR_NOMEM;
	}
	return 0;
}

void
conf_clear(struct conf *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->hosts.n; i++)
		mem_free(c->hosts.list[i]);
	mem_free(c->hosts.list);
	for (i = 0; i < c->trusted.n; i++)
		mem_free(c->trusted.list[i]);
	mem_free(c->trusted.list);
	mem_free(c->group);
	mem_free(c->domain);
	mem_free(c->secret_file);
	mem_free(c->server);
	mem_free(c->tls_name);
	mem_free(c->ca_file);
	mem_free(c->registry);
	mem_free(c->moved_from);
	mem_free(c->pid_file);
	mem_free(c->log.path);
	memset(c, 0, sizeof(*c));
}
