/*
 * Contacts for whom we deliver, and their sign-ins: who signs in is told what is
 * so now, within a rate for each contact and for each resource of his.  Who signs
 * in more often gets the newest state when it is time again, so that the last
 * sign-in is always served.
 */
#ifndef PP_CORE_OUTLETS_GREETING_H
#define PP_CORE_OUTLETS_GREETING_H

#include "core/outlets/state.h"

/* A contact came into a roster, or is about to be freed. */
void greeting_watch(struct outlets *outlets, struct contact *k);
void greeting_unwatch(struct outlets *outlets, struct contact *k);

/* Nor any contact of U. */
void greeting_forget(struct outlets *outlets, struct user *u);

/* EVENT_PRESENCE: someone signed in, changed or left; a contact who may be new here gets the current items. */
void greeting_presence(struct outlets *outlets, const struct event *ev);

/* The same contact, some time after he had signed in too often: whatever he missed, the current items are told. */
void greeting_due(struct outlets *outlets, struct watcher *w);

void greeting_init(struct outlets *outlets, const uint8_t *key);
void greeting_clear(struct outlets *outlets);

#endif
