/* What the files of the encoder share; nobody else includes this. */
#ifndef PP_WIRE_ENCODE_PRIVATE_H
#define PP_WIRE_ENCODE_PRIVATE_H

#include "core/action.h"
#include "wire/encode.h"
#include "wire/write.h"

/* What all of them write with; they return 0 or ERR_INVALID, and leave the rest to the writer. */
struct encoding {
	struct writer w;
	const struct encode_identity *id;
	const struct action *act;
};

/* Open <iq/> of TYPE with the addresses of the action; fails without an id or a `to`. */
int encode_iq(struct encoding *e, const char *type);

/*
 * Open <iq/> of TYPE to the owner of the node, in the way of the action
 * (XEP-0356, section 4.4); encode_end() closes all of it.
 */
int encode_pep(struct encoding *e, const char *type);

/* Close whatever is open. */
void encode_end(struct encoding *e);

/* <name var=VAR type=TYPE><value>VALUE</value></name> of a submitted form; TYPE may be NULL. */
void encode_field(struct writer *w, const char *var, const char *type, const char *value);

/* <items node='NODE'> or <publish node='NODE'>, with the item and its payload in it. */
void encode_item_in(struct writer *w, const char *name, const char *node, const struct item *item);

int encode_publish(struct encoding *e);
int encode_create(struct encoding *e);
int encode_config_get(struct encoding *e);
int encode_config_set(struct encoding *e);
int encode_retract(struct encoding *e);
int encode_affiliate(struct encoding *e);
int encode_unsubscribe(struct encoding *e);
int encode_event(struct encoding *e);

int encode_request_answer(struct encoding *e);
int encode_error(struct encoding *e);
int encode_command_reply(struct encoding *e);

#endif
