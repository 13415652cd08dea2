/*
 * The log: one line an event, to stderr, to syslog or to a file.  The keys are
 * a contract with who greps (polypresence(8)).
 *
 * Writing never blocks on a reader and never fails: what can't be written is
 * dropped, counted, and said as `log.lost' once writing works again.  Control
 * characters, line and paragraph separators, bidirectional overrides and
 * invalid UTF-8 are escaped, values cut at LOG_VALUE_BYTES_MAX (THREATS 17).
 */
#ifndef PP_SYS_LOG_H
#define PP_SYS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/action.h"

/* One line fits into a pipe at once (PIPE_BUF); longer ones are cut. */
#define LOG_LINE_MAX 4096

/* What waits for the end of a transaction: some hundred lines. */
#define LOG_HELD_BYTES_MAX 65536

enum log_format {
	LOG_FORMAT_LOGFMT,
	LOG_FORMAT_JSON
};

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG,
	LOG_TO_FILE
};

struct log_conf {
	enum log_level level;
	enum log_format format;
	enum log_target target;
	char *path; /* of LOG_TO_FILE; borrowed by log_open(), which copies it */
};

/*
 * Write to where CONF says from now on.  Returns 0, ERR_IO (errno is set),
 * ERR_LIMIT (path too long); then all is as it was.
 */
int log_open(const struct log_conf *conf);
void log_close(void);

/* After a rotation: open the file anew.  Returns as log_open(). */
int log_reopen(void);

void log_set_level(enum log_level level);
bool log_wants(enum log_level level);

void log_line(const struct log_line *line);

/*
 * Keep LINE, rendered with the time of now, until log_release() writes all that
 * are kept, in their order.  False when there is no room: then it is not kept.
 * Lines written in between overtake those that wait.
 */
bool log_hold(const struct log_line *line);
void log_release(void);

/* Likewise, with any number of fields. */
void log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t n);

/* Pairs of key and value, ended by NULL; a NULL value leaves its pair out. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

const char *log_level_name(enum log_level level);

/*
 * The line as it is written, with its newline, into OUT of LOG_LINE_MAX bytes;
 * returns its length.  Without state, for tests.
 */
size_t log_render(char *out, enum log_format format, int64_t wall_ms, enum log_level level, const char *event,
    const struct log_field *fields, size_t n);

#endif
