/*
 * Does what the core wants done: pulls its actions, writes the registry, gives
 * the link what is to be sent.  The changes of a turn share a transaction.  It
 * is committed before anything of this turn is in the log or leaves: lines wait
 * for it (log_hold()), and the link sends only when perform_run() has returned.
 */
#ifndef PP_SYS_PERFORM_H
#define PP_SYS_PERFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"
#include "sys/link.h"
#include "sys/store.h"
#include "wire/encode.h"

struct perform {
	struct core *core;
	struct store *store;
	struct link *link;
	struct encode_identity identity;

	/* changes whose outcome the core is still to be told */
	struct ticket {
		uint64_t number;
		bool ok;
	} * tickets;
	size_t ntickets;
	size_t batch_start; /* the first of the transaction under way */
	bool in_batch;
	bool refused; /* no transaction could be begun */

	bool drained; /* ACTION_DRAINED was seen */
	bool store_failing;
	uint64_t sent, dropped, failed; /* stanzas: sent, for no link, that could not be written */
	size_t largest;			/* bytes of the largest one since perform_largest() */
	bool failed_said;		/* of the last: one was told of, then, and how many since */
	uint64_t failed_said_at;
	size_t failed_others;
};

/* Returns 0 or ERR_NOMEM.  Core, store and link stay the caller's. */
int perform_init(struct perform *p, struct core *core, struct store *store, struct link *link,
    const struct encode_identity *identity);
void perform_clear(struct perform *p);

/*
 * Take actions until there are none, or the link is full: then true, and it
 * is to be called again when link_can_send().  Without a link stanzas are
 * dropped: the core makes none that matter then.
 */
bool perform_run(struct perform *p, const struct instant *now);

/* Bytes of the largest stanza that was given to the link since this was asked last. */
size_t perform_largest(struct perform *p);

/* Write notes of the registry that are due. */
void perform_flush(struct perform *p, const struct instant *now);

#endif
