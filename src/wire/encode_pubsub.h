/*
 * All that is said about the nodes (XEP-0060, XEP-0163): items out and back,
 * configuration, affiliations, subscriptions, events.  Owns these stanzas and
 * their forms; never publishes or configures wider than to who has presence, and
 * never decides which way it goes: that is the action's (encode_frame.h).
 */
#ifndef PP_WIRE_ENCODE_PUBSUB_H
#define PP_WIRE_ENCODE_PUBSUB_H

struct encoding;

/*
 * The stanza of the action that the name says.  Each returns 0, or ERR_INVALID:
 * the action lacks a node (or whom it is about), would let others see than may,
 * or has no address.
 */
int encode_publish(struct encoding *e);	   /* XEP-0060, section 7.1, with publish-options */
int encode_create(struct encoding *e);	   /* section 8.1.3 */
int encode_config_get(struct encoding *e); /* section 8.2 */
int encode_config_set(struct encoding *e);
int encode_retract(struct encoding *e);	    /* section 7.2 */
int encode_affiliate(struct encoding *e);   /* section 8.9.2: as publisher */
int encode_unsubscribe(struct encoding *e); /* section 8.8.2 */

/* XEP-0356, section 4.3: the item as an event from the owner, who need not be online.  As those. */
int encode_event(struct encoding *e);

#endif
