/*
 * The configuration file, polypresence.conf(5): read whole, checked whole, so
 * that one run of `polypresence -t' says all that is wrong with it.
 */
#ifndef PP_SYS_CONF_H
#define PP_SYS_CONF_H

#include "sys/conf_values.h"

/* Told of each thing that is wrong, in line LINE of FILE; strings are borrowed for the call. */
struct conf_reporter {
	void (*report)(void *ctx, const char *file, int line, const char *text);
	void *ctx;
};

/*
 * Read PATH into C, which the caller releases with conf_clear() after success.
 * Every error is reported, in the order of lines; the secret's file is looked
 * at too.  Returns 0, ERR_INVALID (something was reported) or ERR_NOMEM.
 */
int conf_load(const char *path, struct conf *c, const struct conf_reporter *reporter);

/*
 * For -t: the same, and whether the files that the program writes can be made where
 * it says; nothing of it is kept.
 */
int conf_test(const char *path, const struct conf_reporter *reporter);

#endif
