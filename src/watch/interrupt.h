/*
 * Signals: what came is asked for from the loop; and a guard for a socket on
 * which a library blocks (libstrophe's TLS handshake has no time limit).
 */
#ifndef PP_WATCH_INTERRUPT_H
#define PP_WATCH_INTERRUPT_H

#include <stdbool.h>

/*
 * From now on SIGINT, SIGTERM and SIGHUP are noted, SIGPIPE is ignored; with
 * TERMINAL also SIGWINCH and SIGTSTP are noted.
 */
void interrupt_init(bool terminal);

/* Whether the program was told to end; stays true. */
bool interrupt_ended(void);

/* Whether the window changed its size, or the user wants the program to stop for a while; once each. */
bool interrupt_resized(void);
bool interrupt_paused(void);

/*
 * After MS milliseconds, or at once if the program is told to end, shut the
 * socket FD down, so that whoever waits for it gets an end of file.  FD -1:
 * don't any more.  There is one such guard.
 */
void interrupt_guard(int fd, long ms);

#endif
