/*
 * Actions as texts that two builds of the core can be compared by, and chance
 * that does not depend on the order in which the actions of one event come.
 */
#ifndef PP_TESTS_SIM_ACTIONS_H
#define PP_TESTS_SIM_ACTIONS_H

#include "base/buf.h"
#include "sim.h"

/*
 * Begin and end taking ACT: what is drawn in between comes from the seed, the
 * moment, the action's text and how many of the same text came before it at
 * this moment; what is to come of it waits for actions_flush().
 */
void actions_begin(struct sim *s, const struct action *act);
void actions_end(struct sim *s);

/*
 * All that is to be taken now has been taken: put in order what came of it,
 * whatever the order it was taken in.  Only what the same peer is told on the
 * same stream stays in the order in which it was told.
 */
void actions_flush(struct sim *s);

/* While an action is taken: P waits for actions_flush(). */
void actions_hold(struct sim *s, struct pending *p);

/* For --actions: the event that the next actions follow from. */
void actions_event(struct sim *s, const struct event *ev);

/* Likewise: how the seed ended. */
void actions_over(struct sim *s);

/* The K-th device of ITEM, in the order of what its device is and not of its id. */
const char *actions_device(struct sim *s, const struct item *item, size_t k);

/* -1, 0, 1: where the row of A stands among others. */
int actions_row_order(const struct device_record *a, const struct device_record *b);

#endif
