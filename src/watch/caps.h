/*
 * What the program says of itself: XEP-0030 features and the string whose
 * SHA-1 announces them (XEP-0115, section 5.1).
 */
#ifndef PP_WATCH_CAPS_H
#define PP_WATCH_CAPS_H

#include "base/buf.h"

#define CAPS_NODE "urn:x-polypresence:watch"
#define CAPS_CATEGORY "client"
#define CAPS_TYPE "console"
#define CAPS_NAME "polypresence-watch"

/* The I-th feature in the order of their bytes; NULL beyond the last. */
const char *caps_feature(unsigned int i);

/* Append the verification string. */
void caps_string(struct buf *out);

#endif
