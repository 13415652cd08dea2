/*
 * What is remembered of who asked whom lately: a note each, which is nobody else's, as long
 * as it says anything.  Who has none is as if he had never asked.  Owns the notes; never
 * knows what they say (ask_rate.h).
 */
#ifndef PP_CORE_CONSENT_ASK_BOOK_H
#define PP_CORE_CONSENT_ASK_BOOK_H

#include "core/consent/state.h"

/* The note of this kind with KEY, a hash that nobody else can choose; NULL: there is none. */
struct ask_note *ask_find(const struct consent *consent, enum ask_of of, uint64_t key);

/* The same, made if need be; NULL: there is no memory (env->oom), or ASK_NOTES_MAX of them still say something. */
struct ask_note *ask_make(struct consent *consent, enum ask_of of, uint64_t key);

/* It says something until then (mono), at least. */
void ask_matters(struct ask_note *note, uint64_t until);

/* Room for an entry in the line of NOTE, of ASK_ENTRIES at most.  False: there is no memory; then he has no place, and nothing else is wrong. */
bool ask_room(struct ask_note *note);

/* With KEY of the tables. */
void ask_init(struct consent *consent, const uint8_t *key);
void ask_clear(struct consent *consent);

#endif
