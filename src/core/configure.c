/* Other settings while it runs: what follows from them in each room (core_configure() of core.h). */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/consent/remind.h"
#include "core/consent/withhold.h"
#include "core/core.h"
#include "core/follow.h"
#include "core/model/audience.h"
#include "core/model/host.h"
#include "core/top.h"
#include "core/model/user.h"
#include "core/outlets/pep_step.h"
#include "core/outlets/pep_way.h"
#include "core/outlets/slots.h"
#include "core/sources/anew.h"
#include "core/sources/audit.h"
#include "core/tools/say.h"

/* Take over which hosts the settings name. */
static int
take_hosts(struct core *c)
{
	bool anew = false, before;
	struct host *h;
	struct said *s;
	size_t i;

	for (i = 0; i < c->env.set.nhosts; i++) {
		if (host_find(&c->model, c->env.set.hosts[i]) != NULL)
			continue;
		h = host_get(&c->model, c->env.set.hosts[i]);
		if (h == NULL)
			return ERR_NOMEM;
		slots_reset(h);
		pep_way_reset(h);
	}
	for (h = host_next(&c->model, NULL); h != NULL; h = host_next(&c->model, h)) {
		before = h->configured;
		host_configure(&c->model, h);
		if (before)
			withhold_say(&c->consent, h);
		anew = anew || (!before && h->configured);
	}
	withhold_configure(&c->consent);
	/* What it grants was said when the stream began, and wasn't listened to. */
	s = anew && c->env.link_up ? say(&c->env, ACTION_RECONNECT) : NULL;
	if (s != NULL)
		s->act.reconnect.reason = "another host is configured, and says what it grants to a new stream only";
	return 0;
}

int
core_configure(struct core *c, const struct core_settings *s)
{
	struct core_settings set, before = c->env.set;
	char *memory, *memory_before = c->settings_memory;
	struct user *u;
	bool anew, paced;
	int status;

	if (s->domain == NULL || strcmp(c->domain, s->domain) != 0)
		return ERR_INVALID;
	status = core_settings_copy(&set, s, &memory);
	if (status != 0)
		return status;
	set.domain = c->domain; /* what has been said and waits to be taken points to it */
	c->env.set = set;
	c->settings_memory = memory;
	status = take_hosts(c);
	if (status != 0) {
		c->env.set = before;
		c->settings_memory = memory_before;
		mem_free(memory);
		return status;
	}
	mem_free(memory_before);
	anew_again(&c->sources);
	/* What is published already is to be as it would be now: see item_digest(). */
	anew = s->access != before.access || s->expire_s != before.expire_s;
	paced = s->rate_ms != before.rate_ms || s->burst != before.burst;
	for (u = anew || paced ? c->model.users : NULL; u != NULL; u = u->next) {
		if (paced)
			pep_repaced(u);
		if (s->access != before.access)
			pep_forget_errors(u);
		if (anew)
			user_touch(&c->model, u);
		else
			user_mark(&c->model, u, MARK_TIMES);
		user_urgent(&c->model, u,
		    audience_narrowed(audience_extent(&before, u, NULL), audience_extent(&c->env.set, u, NULL)));
	}
	for (u = s->access == ACCESS_PRESENCE && before.access != ACCESS_PRESENCE ? c->model.users : NULL; u != NULL;
	     u = u->next)
		remind_wider(&c->consent, u);
	audit_configure(&c->sources, before.audit_s);
	follow_marks(c);
	return 0;
}
