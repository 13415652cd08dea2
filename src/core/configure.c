/* Other settings while it runs: what follows from them in each room (core_configure() of core.h). */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/anew.h"
#include "core/audience.h"
#include "core/audit.h"
#include "core/core.h"
#include "core/host.h"
#include "core/state.h"
#include "core/user.h"

int
core_configure(struct core *c, const struct core_settings *s)
{
	struct core_settings set, before = c->set;
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
	c->set = set;
	c->settings_memory = memory;
	status = host_configure(c);
	if (status != 0) {
		c->set = before;
		c->settings_memory = memory_before;
		mem_free(memory);
		return status;
	}
	mem_free(memory_before);
	anew_again(c);
	/* What is published already is to be as it would be now: see item_digest(). */
	anew = s->access != before.access || s->expire_s != before.expire_s;
	/* What was used up was so by another measure, and may be hours of this one. */
	paced = s->rate_ms != before.rate_ms || s->burst != before.burst;
	for (u = anew || paced ? c->users : NULL; u != NULL; u = u->next) {
		if (paced)
			u->out.bucket = 0;
		if (anew)
			user_touch(c, u);
		else
			user_arm(c, u);
		user_urgent(c, u,
		    audience_narrowed(audience_extent(&before, u, NULL), audience_extent(&c->set, u, NULL)));
	}
	audit_configure(c, before.audit_s);
	return 0;
}
