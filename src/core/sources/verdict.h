/*
 * What may be concluded about a host from how its accounts fare (THREATS 24).
 * One account can make its server refuse us for itself alone: it blocks us, it
 * was deleted, its storage is damaged; and who means harm has several, of any
 * age.  So there is a verdict only where nobody has had a success on this
 * stream: all who have tried, or three.  Any success ends it; after one, each
 * account finds out for itself what works for it.
 */
#ifndef PP_CORE_SOURCES_VERDICT_H
#define PP_CORE_SOURCES_VERDICT_H

#include "core/sources/state.h"

/* Somebody was served: nothing speaks against the host any more. */
void verdict_success(struct evidence *e);

/* U was not. */
void verdict_failure(struct evidence *e, const struct user *u);

/* Does what was gathered since the last success speak about H, and not only about those accounts? */
bool verdict_stands(const struct evidence *e, const struct host *h);

#endif
