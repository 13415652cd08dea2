#include "sys/perform.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/log.h"

/* Changes in one transaction; their answers wait for its end. */
#define BATCH_MAX 512

/* Stanzas that can't be made are told of once in this time. */
#define FAILED_EVERY_MS 60000

int
perform_init(struct perform *p, struct core *core, struct store *store, struct link *link,
    const struct encode_identity *identity)
{
	memset(p, 0, sizeof(*p));
	p->core = core;
	p->store = store;
	p->link = link;
	p->identity = *identity;
	p->tickets = mem_array(BATCH_MAX, sizeof(*p->tickets));
	return p->tickets != NULL ? 0 : ERR_NOMEM;
}

void
perform_clear(struct perform *p)
{
	mem_free(p->tickets);
	memset(p, 0, sizeof(*p));
}

/* Said when it begins and when it ends, not for each change in between. */
static void
note_store(struct perform *p, int status)
{
	if (status != 0 && !p->store_failing)
		log_event(LOG_LEVEL_ERROR, "store.error", "reason", store_error(p->store), "text",
		    "bridging goes on from memory; changes are refused until the registry can be written", NULL);
	else if (status == 0 && p->store_failing)
		log_event(LOG_LEVEL_INFO, "store.recovered", NULL);
	p->store_failing = status != 0;
}

static void
store_one(struct perform *p, const struct action *act)
{
	struct ticket *t = &p->tickets[p->ntickets++];
	int status = 0;

	/* A registry that refuses to begin is asked again only in the next turn: each time may cost a wait. */
	if (!p->in_batch && !p->refused) {
		status = store_begin(p->store);
		p->in_batch = status == 0;
		p->refused = status != 0;
		p->batch_start = p->ntickets - 1;
	}
	if (p->in_batch)
		status = store_apply(p->store, act);
	t->number = act->ticket;
	t->ok = p->in_batch && status == 0;
	if (status == ERR_INVALID)
		log_event(LOG_LEVEL_ERROR, "store.refused", "reason", store_error(p->store), NULL);
	else if (status != 0)
		note_store(p, status);
}

/* End the transaction.  The core is told later, by tell_core(): what it last said is still in use. */
static void
commit(struct perform *p)
{
	size_t i;
	int status;

	if (!p->in_batch)
		return;
	p->in_batch = false;
	status = store_commit(p->store);
	note_store(p, status);
	for (i = p->batch_start; status != 0 && i < p->ntickets; i++)
		p->tickets[i].ok = false;
	log_release();
}

/* In the log once the changes before it are durable; with no room to wait for that they are made so now. */
static void
log_one(struct perform *p, const struct action *act)
{
	if (p->in_batch && log_hold(&act->log))
		return;
	commit(p);
	log_line(&act->log);
}

static void
tell_core(struct perform *p, const struct instant *now)
{
	struct event ev;
	size_t i;

	for (i = 0; i < p->ntickets; i++) {
		memset(&ev, 0, sizeof(ev));
		ev.kind = p->tickets[i].ok ? EVENT_STORED : EVENT_STORE_FAILED;
		ev.ticket = p->tickets[i].number;
		if (core_feed(p->core, now, &ev) != 0)
			log_event(LOG_LEVEL_ERROR, "memory", "text", "an answer of the registry was lost", NULL);
	}
	p->ntickets = 0;
	p->refused = false;
}

/* Whoever causes one may cause a thousand. */
static void
note_failed(struct perform *p, const struct action *act, int status, const struct instant *now)
{
	char kind[16], others[24];

	p->failed++;
	if (p->failed_said && now->mono_ms < p->failed_said_at + FAILED_EVERY_MS) {
		p->failed_others++;
		return;
	}
	snprintf(kind, sizeof(kind), "%d", (int)act->kind);
	snprintf(others, sizeof(others), "%zu", p->failed_others);
	log_event(LOG_LEVEL_ERROR, "encode.error", "action", kind, "to", act->to.bare, "reason", err_text(status),
	    "others", p->failed_others > 0 ? others : NULL, NULL);
	p->failed_said = true;
	p->failed_said_at = now->mono_ms;
	p->failed_others = 0;
}

static void
send_one(struct perform *p, const struct action *act, const struct instant *now)
{
	struct buf *out;
	size_t before;
	int status;

	if (!link_is_up(p->link)) {
		p->dropped++;
		return;
	}
	out = link_output(p->link);
	before = out->len;
	status = encode(&p->identity, act, out);
	if (status == 0) {
		p->sent++;
		if (out->len - before > p->largest)
			p->largest = out->len - before;
		return;
	}
	note_failed(p, act, status, now);
	/* The core believes that it was sent; on a new stream it begins anew with everything. */
	if (status == ERR_NOMEM) {
		commit(p);
		link_reconnect(p->link, "out of memory: a stanza could not be written", false);
	}
}

static void
do_one(struct perform *p, const struct action *act, const struct instant *now)
{
	switch (act->kind) {
	case ACTION_STORE_USER:
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_USER:
	case ACTION_DELETE_DEVICE:
		store_one(p, act);
		break;
	case ACTION_NOTE_PUBLISHED:
		/* Lost when there is no memory: it costs one publish after the next start. */
		(void)store_note(p->store, now->mono_ms, &act->user);
		break;
	case ACTION_LOG:
		log_one(p, act);
		break;
	case ACTION_RECONNECT:
		commit(p);
		link_reconnect(p->link, act->reconnect.reason, !act->reconnect.failed);
		break;
	case ACTION_DRAINED:
		p->drained = true;
		break;
	default:
		/* What the link is given leaves after this turn's commit (perform_run()). */
		send_one(p, act, now);
		break;
	}
}

bool
perform_run(struct perform *p, const struct instant *now)
{
	struct action act;
	bool full;

	for (;;) {
		full = link_is_up(p->link) && !link_can_send(p->link);
		if (!full && p->ntickets < BATCH_MAX && core_next(p->core, &act)) {
			do_one(p, &act, now);
			continue;
		}
		if (p->ntickets == 0)
			return full;
		commit(p);
		tell_core(p, now);
	}
}

size_t
perform_largest(struct perform *p)
{
	size_t largest = p->largest;

	p->largest = 0;
	return largest;
}

void
perform_flush(struct perform *p, const struct instant *now)
{
	if (now->mono_ms >= store_deadline(p->store))
		note_store(p, store_flush(p->store, now->mono_ms));
}
