/* What the files of the decoder share; nobody else includes this. */
#ifndef PP_WIRE_DECODE_PRIVATE_H
#define PP_WIRE_DECODE_PRIVATE_H

#include "base/arena.h"
#include "base/jid.h"
#include "base/limits.h"
#include "core/event.h"
#include "wire/decode.h"
#include "wire/xml.h"

struct decoder {
	struct jid from;
	struct jid to;
	struct jid other; /* of the moment */
	char status[STATUS_BYTES_MAX + 1];
	struct arena arena;
};

/* Zeroed memory for N things of SIZE bytes; NULL: arena.status says why. */
void *decode_array(struct decoder *d, size_t n, size_t size);

/* The condition of the <error/> in STANZA, COND_UNDEFINED without one; APP and TEXT may be NULL. */
enum condition decode_error(const struct xml *stanza, enum app_condition *app, const char **text);

/* XEP-0356: the <privilege/> of either version in STANZA (newest first), or NULL. */
const struct xml *decode_privilege(const struct xml *stanza, int *version);

/* The stanza NAME that a <privilege/> forwards (XEP-0297), or NULL. */
const struct xml *decode_forwarded(const struct xml *privilege, const char *name);

/* Section 4.2 of XEP-0356, both shapes of SERVERS section 1. */
void decode_grant(const struct xml *privilege, int version, struct grant_event *out);

/* S as an address without resource, prepared; NULL: it is none, or arena.status says why. */
const char *decode_bare(struct decoder *d, const char *s);

/*
 * The items of <query xmlns='jabber:iq:roster'/>; those without a readable
 * bare JID are left out.  Returns 0, ERR_NOMEM or ERR_LIMIT.
 */
int decode_roster(struct decoder *d, const struct xml *query, struct roster_event *out);

/*
 * The first value of field VAR of a form (XEP-0004); NULL: no such field, "":
 * one without a value.
 */
const char *decode_field(const struct xml *form, const char *var);

/* A is the answer of which only the beginning is known. */
void decode_too_large(struct answer_event *a);

/* These return as decode() does. */
int decode_answer(struct decoder *d, const struct xml *iq, const struct xml *privilege, struct event *ev);
int decode_request(struct decoder *d, const struct xml *iq, struct event *ev);

#endif
