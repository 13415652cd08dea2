#include "core/follow.h"

#include "core/change.h"
#include "core/link.h"

void
follow_stored(struct core *c, uint64_t ticket, bool ok)
{
	struct change *ch;

	while ((ch = change_take(c, ticket)) != NULL) {
		link_stored(c, ch, ok);
		change_free(ch);
	}
}
