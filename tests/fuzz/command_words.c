#include "command_words.h"

#include "core_world.h"
#include "speak.h"

static const char *const vars[] = { "jid", "label", "kind", "visibility", "status-text", "device", "account", "other",
	NULL, "", "user", "primary" };

void
command_say_fields(struct speaker *speaker, const char *device, const uint8_t *v)
{
	unsigned which = v[0], a = v[1], b = v[2], n = which % 4, i;
	const char *value;

	for (i = 0; i < n; i++) {
		speak_open(speaker, "field", NULL);
		speak_attr(speaker, "var", vars[(which / 4 + i * 3) % COUNT(vars)]);
		value = (a + i * b) % 29 == 28 && device != NULL ? device : values[(a + i * b) % COUNT(values)];
		if (value != NULL)
			speak_leaf(speaker, "value", NULL, value);
		if (b % 8 == 7)
			speak_leaf(speaker, "value", NULL, "bob@home.test"); /* the first one counts */
		speak_close(speaker);
	}
}
