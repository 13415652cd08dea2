/*
 * Whether a host still does what it has granted, and not only for some of its
 * accounts: who is not served, who else is asked, what that says (THREATS 24).
 */
#ifndef PP_CORE_SOURCES_DOUBT_H
#define PP_CORE_SOURCES_DOUBT_H

#include "core/sources/state.h"

/* The stream is new. */
void doubt_reset(struct host *h);

void doubt_forget_user(const struct user *u);

/*
 * Of what H has granted (its roster, a privileged IQ) something was executed; or
 * a request of U's had no answer where silence counts (silence.h).  When that
 * speaks about the host, a new stream is asked for: ejabberd takes a component's
 * privileges away when another connection of it closes, a ghost for example (F6).
 * It does when nobody whose request was sent later was served, the host has since
 * answered what needs no privilege, or nothing for half a minute, and left requests
 * of another one unanswered as well; of one account alone, several in a row; of
 * three, or all there are, where nobody can be asked only to tell.
 */
void doubt_served(struct sources *sources, struct host *h);
void doubt_not_served(struct sources *sources, struct host *h, struct user *u);

/*
 * Whether H answers anything is to be known: it is asked for another roster than ABOUT's, or for what needs no
 * privilege; and it has answered the latter.
 */
void doubt_sound(struct sources *sources, struct host *h, const struct user *about);
void doubt_alive(struct sources *sources, struct host *h);

#endif
