#include "wire/catalogue.h"

#include <stddef.h>
#include <string.h>

static const char *const english[TEXTS] = {
#include "wire/english.h"
};

const char *
catalogue_text(enum text_id id)
{
	return english[id];
}

const char *
catalogue_render(const struct text *t, struct buf *scratch)
{
	const char *s, *place;

	if (t->id == TEXT_VERBATIM)
		return t->args[0];
	s = english[t->id];
	if (s == NULL || t->args[0] == NULL)
		return s;
	buf_reset(scratch);
	while ((place = strchr(s, '%')) != NULL) {
		buf_put(scratch, s, (size_t)(place - s));
		buf_puts(scratch, t->args[place[1] - '1']);
		s = place + strlen("%1$s");
	}
	buf_puts(scratch, s);
	return buf_text(scratch);
}
