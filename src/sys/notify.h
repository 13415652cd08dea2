/* Telling systemd how we are, by the protocol of sd_notify(3), without its library. */
#ifndef PP_SYS_NOTIFY_H
#define PP_SYS_NOTIFY_H

#include <stdint.h>

/* Send STATE (lines of KEY=VALUE) to $NOTIFY_SOCKET; without it, or when it fails, nothing happens. */
void notify_send(const char *state);

/* How often the watchdog wants to be fed, in ms; 0: there is none. */
uint64_t notify_watchdog_ms(void);

#endif
