/* Coverage of decisions: tables of what can be seen of the core, counted over a range of seeds. */
#ifndef PP_TESTS_SIM_COVER_H
#define PP_TESTS_SIM_COVER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum cover_group {
	COVER_IQ,
	COVER_WAY,
	COVER_STANZA,
	COVER_SETUP,
	COVER_LINK,
	COVER_FAULT,
	COVER_RUN,
	COVER_LOG,
	COVER_BLOCKED,
	COVER_COMMAND,
	COVER_REFUSAL,
	COVER_EVENT,
	COVER_STRANGER,
	COVER_GROUPS
};

/* The rows and columns of each group are listed in cover.c. */
void cover(enum cover_group group, int row, int column);
void cover_name(enum cover_group group, const char *row, int column); /* the row by its name; unknown: abort */

void cover_reset(void);
void cover_write(FILE *f);
void cover_add(const char *text); /* as cover_write() wrote it */

/* What was never reached goes to stdout; all counts to ALL (NULL: nowhere). */
void cover_print(FILE *all);

#endif
