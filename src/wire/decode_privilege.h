/*
 * XEP-0356 as servers speak it: what they grant us, and what they hand on in
 * our name.  Owns the reading of <privilege/>, of both versions; never asks who
 * sent it, which is for who calls: a user's <privilege/> grants nothing.
 */
#ifndef PP_WIRE_DECODE_PRIVILEGE_H
#define PP_WIRE_DECODE_PRIVILEGE_H

#include "core/event.h"
#include "wire/xml.h"

/* The <privilege/> of either version in STANZA (newest first), or NULL; *VERSION is 2 or 1, and means nothing then. */
const struct xml *decode_privilege(const struct xml *stanza, int *version);

/* The stanza NAME that PRIVILEGE, which may be NULL, forwards (XEP-0297), or NULL. */
const struct xml *decode_forwarded(const struct xml *privilege, const char *name);

/* Section 4.2 of XEP-0356, both shapes of SERVERS section 1; what is not known there grants nothing. */
void decode_grant(const struct xml *privilege, int version, struct grant_event *out);

#endif
