/* What a link is like just now. */
#include "sys/link.h"

#include "sys/link_state.h"

const struct xml *
link_stanza(const struct link *l)
{
	return stream_stanza(l->stream);
}

void
link_admit(struct link *l)
{
	stream_admit(l->stream);
}

void
link_failure(const struct link *l, struct link_failure *out)
{
	*out = l->failure;
}

bool
link_is_up(const struct link *l)
{
	return l->state == STATE_OPEN;
}

bool
link_can_send(const struct link *l)
{
	return l->state == STATE_OPEN && !l->out.full && link_queued(l) < LINK_HIGH_WATER;
}

struct buf *
link_output(struct link *l)
{
	return &l->out.bytes;
}

size_t
link_queued(const struct link *l)
{
	return outqueue_len(&l->out);
}

const struct stream_counts *
link_counts(const struct link *l)
{
	return stream_counts(l->stream);
}
