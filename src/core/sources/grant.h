/*
 * What hosts grant (XEP-0356), and what software they are: taken, said in the log with
 * advice on what is missing, and a reason for those who waited to go on.
 */
#ifndef PP_CORE_SOURCES_GRANT_H
#define PP_CORE_SOURCES_GRANT_H

#include "core/sources/state.h"

/* EVENT_GRANT (THREATS 2): counts only from a configured host, to our domain.  The host that grants something else now; or NULL. */
struct host *grant_in(struct sources *sources, const struct event *ev);

/* The answer to disco#info of the host itself; NULL: none came. */
void grant_info(struct sources *sources, struct host *h, const struct answer_event *a);

/* What was waiting for what works now at H is asked for; publishing goes on by itself. */
void grant_wake(struct sources *sources, const struct host *h);

/* Lines of what hosts grant that had to wait, and when the next one is to be made; TIMER_NEVER. */
void grant_due(struct sources *sources);
uint64_t grant_deadline(const struct sources *sources);

void grant_init(struct sources *sources);

/* Nothing is known of what H grants on another stream, nor of what it is. */
void grant_reset(struct host *h);

#endif
