/* The process: its descriptors, limits, session and pid file. */
#ifndef PP_SYS_DAEMON_H
#define PP_SYS_DAEMON_H

#include <stdint.h>

/*
 * At the very start: descriptors 0 to 2 exist (so that no socket becomes
 * stderr), files are private, SIGPIPE is ignored, SIGHUP waits, no core is dumped and nobody
 * may look into the memory (THREATS 21).  Returns 0, or ERR_IO when one of those
 * descriptors is missing and can't be had: nothing may be opened then.
 */
int daemon_harden(void);

/* There is somebody who hears SIGHUP, one that has come before included. */
void daemon_hears(void);

/*
 * Go to the background.  The process that was started waits and exits with
 * what daemon_ready() is told; this returns, in the new one, 0 or ERR_IO.
 */
int daemon_detach(void);

/* After daemon_detach(): let the waiting process exit with STATUS, and close the terminal if it is 0. */
void daemon_ready(int status);

/* Write our process id to PATH; "" does nothing.  Returns 0 or ERR_IO (errno is set). */
int daemon_pid_write(const char *path);
void daemon_pid_remove(const char *path);

/* Memory in use, in KiB; 0 if that can't be told. */
uint64_t daemon_rss_kib(void);

#endif
