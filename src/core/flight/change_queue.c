#include "core/flight/change_queue.h"

#include "base/mem.h"
#include "core/tools/reply.h"
#include "core/tools/say.h"

void
change_free(struct change *ch)
{
	mem_free(ch->primary);
	mem_free(ch->label);
	reply_free(ch->reply);
	mem_free(ch);
}

struct reply *
change_take_reply(struct change *ch)
{
	struct reply *reply = ch->reply;

	ch->reply = NULL;
	return reply;
}

char *
change_take_label(struct change *ch)
{
	char *label = ch->label;

	ch->label = NULL;
	return label;
}

struct change *
change_put(struct flight *flight, enum change_kind kind, struct user *u, struct said *s, struct reply *reply)
{
	struct change *ch = mem_alloc(sizeof(*ch));

	if (ch != NULL)
		ch->primary = mem_strdup(u->primary);
	if (ch == NULL || ch->primary == NULL || s->broken) {
		/* What can't be waited for is not written either. */
		say_break(s);
		say_oom(flight->env);
		if (ch != NULL)
			mem_free(ch->primary);
		mem_free(ch);
		reply_free(reply);
		return NULL;
	}
	ch->kind = kind;
	ch->reply = reply;
	ch->ticket = s->act.ticket = ++flight->next_ticket;
	*flight->changes_tail = ch;
	flight->changes_tail = &ch->next;
	flight->nchanges++;
	ring_add(&u->changes, &ch->fellow);
	return ch;
}

struct change *
change_next(const struct user *u, const struct change *ch)
{
	struct ring *r = ch == NULL ? ring_first(&u->changes) : ring_next(&u->changes, &ch->fellow);

	return r != NULL ? TABLE_OF(r, struct change, fellow) : NULL;
}

struct change *
change_take(struct flight *flight, uint64_t ticket)
{
	struct change *ch = flight->changes;

	if (ch == NULL || ch->ticket > ticket)
		return NULL;
	flight->changes = ch->next;
	ring_out(&ch->fellow);
	flight->nchanges--;
	if (flight->changes == NULL)
		flight->changes_tail = &flight->changes;
	return ch;
}

void
change_forget(struct user *u)
{
	struct ring *r;

	while ((r = ring_first(&u->changes)) != NULL)
		ring_out(r);
}

void
change_clear(struct flight *flight)
{
	struct change *ch;

	while ((ch = flight->changes) != NULL) {
		flight->changes = ch->next;
		ring_out(&ch->fellow);
		change_free(ch);
	}
	flight->changes_tail = &flight->changes;
	flight->nchanges = 0;
}

void
change_init(struct flight *flight)
{
	flight->changes_tail = &flight->changes;
	flight->unsaved_at = TIMER_NEVER;
}
