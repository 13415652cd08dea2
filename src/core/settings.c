#include "core/settings.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/mem.h"

void
core_settings_default(struct core_settings *s)
{
	memset(s, 0, sizeof(*s));
	s->program = "polypresence";
	s->group = "Devices";
	s->access = ACCESS_PRESENCE;
	s->window_ms = 250;
	s->rate_ms = 2000;
	s->burst = 10;
	s->settle_ms = 30000;
	s->probes_per_s = 500;
	s->rosters_per_s = 20;
	s->audit_s = 600;
	s->linger_ms = 600 * 1000;
	s->expire_s = 24 * 60 * 60;
	s->deliver = DELIVER_AUTO;
}

/* Copies of all that S points to, in one piece of memory. */
struct settings_copy {
	char *memory;
	size_t used;
};

static const char *
keep(struct settings_copy *k, const char *text)
{
	size_t len = strlen(text) + 1;
	char *at = k->memory != NULL ? k->memory + k->used : NULL;

	if (at != NULL)
		memcpy(at, text, len);
	k->used += len;
	return at;
}

/* Room for N of them. */
static const char **
room_for(struct settings_copy *k, size_t n)
{
	const char **list = NULL;

	k->used = (k->used + sizeof(*list) - 1) / sizeof(*list) * sizeof(*list);
	if (k->memory != NULL)
		list = (const char **)(void *)(k->memory + k->used);
	k->used += n * sizeof(*list);
	return list;
}

static const char *const *
keep_keys(struct settings_copy *k, const char *const *domains, size_t n)
{
	const char **keys = room_for(k, n), *key;
	char work[JID_PART_MAX + 1];
	size_t i;

	for (i = 0; i < n; i++) {
		key = keep(k, jid_ascii_domain(domains[i], work));
		if (keys != NULL)
			keys[i] = key;
	}
	return keys;
}

static const char *const *
keep_list(struct settings_copy *k, const char *const *list, size_t n)
{
	const char **copy = room_for(k, n);
	size_t i;

	for (i = 0; i < n; i++) {
		if (copy != NULL)
			copy[i] = keep(k, list[i]);
		else
			keep(k, list[i]);
	}
	return copy;
}

static void
copy_all(struct settings_copy *k, struct core_settings *to, const struct core_settings *from)
{
	*to = *from;
	to->hosts = keep_list(k, from->hosts, from->nhosts);
	to->host_keys = keep_keys(k, from->hosts, from->nhosts);
	to->trusted = keep_list(k, from->trusted, from->ntrusted);
	to->program = keep(k, from->program);
	to->group = keep(k, from->group);
}

static bool
sensible(const struct core_settings *s)
{
	return s->domain != NULL && s->burst > 0 && s->probes_per_s > 0 && s->rosters_per_s > 0 &&
	    (s->access == ACCESS_PRESENCE || s->access == ACCESS_WHITELIST);
}

int
core_settings_copy(struct core_settings *to, const struct core_settings *from, char **memory)
{
	struct settings_copy k = {0};
	struct core_settings set;

	if (!sensible(from))
		return ERR_INVALID;
	copy_all(&k, &set, from);
	k.memory = mem_alloc(k.used + 1);
	if (k.memory == NULL)
		return ERR_NOMEM;
	k.used = 0;
	copy_all(&k, to, from);
	*memory = k.memory;
	return 0;
}
