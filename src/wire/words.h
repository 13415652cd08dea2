/*
 * What people write: which of the words that matter a chat says.  It never
 * decides what follows from it.
 */
#ifndef PP_WIRE_WORDS_H
#define PP_WIRE_WORDS_H

#include "core/event.h"

/* "yes", "Yes!", " y." are WORD_YES; NULL is WORD_NONE. */
enum word words_read(const char *body);

#endif
