/* What others ask of us: XEP-0030, 0092, 0199, 0202, 0012; everything else gets the right error. */
#ifndef PP_CORE_TALK_REQUEST_H
#define PP_CORE_TALK_REQUEST_H

#include "core/talk/state.h"

void request_in(struct talk *talk, const struct event *ev);

#endif
