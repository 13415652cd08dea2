/*
 * Actions as texts without what is random:
 *
 *	ids		of IQs and headlines: #; of sessions and probes, and the name that nobody has: what for, to whom, the
 *			how manieth; of linked accounts: user and account; digests: the how manieth of this user
 *	an item		its devices sorted, and their resources, without the ids of these (from the devices' ids)
 */
#ifndef PP_TESTS_SIM_ACTIONS_TEXT_H
#define PP_TESTS_SIM_ACTIONS_TEXT_H

#include "base/buf.h"
#include "sim.h"

/* Of TEXT (NULL: none), going on from H; 0 begins. */
uint64_t text_hash(uint64_t h, const char *text);

/* What TEXT is called if it is a name of something random; or TEXT; "-" for NULL. */
const char *text_named(struct sim *s, const char *text);

/* Append A, which talks to PEER, as KEY. */
void text_of_address(struct sim *s, struct buf *b, const char *key, const struct address *a, const char *peer);

/* Append ACT. */
void text_of_action(struct sim *s, struct buf *b, const struct action *act);

#endif
