/*
 * An allocator whose blocks are overwritten before they are freed, for a
 * library that keeps secrets on its heap and frees them as they are.
 *
 * With no memory left wipe_alloc and wipe_realloc end the program: the library
 * they are for can't bear NULL.  ARG is ignored.
 */
#ifndef PP_WATCH_WIPE_H
#define PP_WATCH_WIPE_H

#include <stddef.h>

void *wipe_alloc(size_t size, void *arg);
void *wipe_realloc(void *p, size_t size, void *arg);
void wipe_free(void *p, void *arg); /* accepts NULL */

#endif
