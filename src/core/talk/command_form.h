/* The forms of the commands (XEP-0004): showing them and reading what was submitted. */
#ifndef PP_CORE_TALK_COMMAND_FORM_H
#define PP_CORE_TALK_COMMAND_FORM_H

#include "core/consent/consent.h"
#include "core/talk/state.h"

#define FORM_CHOICES_MAX USER_DEVICES_MAX

/* Each puts its form into the reply S to EV; false when there is nothing to choose from. */
bool form_link(struct talk *talk, struct said *s, const struct event *ev);
bool form_edit(struct talk *talk, struct said *s, const struct event *ev);
bool form_unlink(struct talk *talk, struct said *s, const struct event *ev);
bool form_leave(struct talk *talk, struct said *s, const struct event *ev);
bool form_confirm(struct talk *talk, struct said *s, const struct event *ev);

/* Results: the user's devices, and who shows hers as his; who shows the presence of an account that is nobody's primary. */
void form_devices(struct talk *talk, struct said *s, const struct user *u);
void form_shown_by(struct talk *talk, struct said *s, const char *account);

/* The submitted value; NULL: the field was not there. */
const char *form_value(const struct event *ev, const char *var);

/* What EV says of label, kind, visibility and status-text; TEXT_NONE, or why a value is none of the choices. */
enum text_id form_wish(const struct event *ev, struct consent_wish *wish);

/* Does EV say no more of a device than that nobody is to see it? */
bool form_hides(const struct event *ev);

#endif
