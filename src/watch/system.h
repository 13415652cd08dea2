/* What only the system knows: the time, and what nobody can guess. */
#ifndef PP_WATCH_SYSTEM_H
#define PP_WATCH_SYSTEM_H

#include <stdint.h>

#include "watch/fetch.h"

/* Monotonic, in milliseconds. */
int64_t system_ms(void);

/* An id of hexadecimal digits.  The process ends when there is no randomness to be had. */
void system_id(char id[FETCH_ID_LEN + 1]);

#endif
