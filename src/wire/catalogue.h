/*
 * What the texts of the core are in a language: English, from
 * po/polypresence.pot, which is compiled in.  Nothing here depends on a locale.
 * It never decides whether something is said, nor to whom.
 */
#ifndef PP_WIRE_CATALOGUE_H
#define PP_WIRE_CATALOGUE_H

#include "base/buf.h"
#include "core/text.h"

/* A text that has no arguments, or its pattern with %1$s to %3$s for them; NULL for TEXT_NONE and TEXT_VERBATIM. */
const char *catalogue_text(enum text_id id);

/*
 * T as it is to be read, in which no argument ends its line, its quotation, or the direction of the text: a constant, its argument, or what is made of both at
 * SCRATCH, which is emptied before (and is failed when there is no memory).
 * NULL for TEXT_NONE.
 */
const char *catalogue_render(const struct text *t, struct buf *scratch);

#endif
