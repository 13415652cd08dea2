/*
 * XML namespaces, and the names of forms and features, each with the document
 * that defines it.  Owns how they are spelled, never what is in them.
 */
#ifndef PP_WIRE_NS_H
#define PP_WIRE_NS_H

/* RFC 6120, sections 4.8 and 4.9; XEP-0114 */
#define NS_STREAMS "http://etherx.jabber.org/streams"
#define NS_COMPONENT "jabber:component:accept"
#define NS_CLIENT "jabber:client"
#define NS_STREAM_ERRORS "urn:ietf:params:xml:ns:xmpp-streams"
#define NS_STANZA_ERRORS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_XML "http://www.w3.org/XML/1998/namespace"

/* RFC 6121, section 2 */
#define NS_ROSTER "jabber:iq:roster"

/* XEP-0356: the same elements in both, except that only the second has IQ permission */
#define NS_PRIVILEGE_1 "urn:xmpp:privilege:1"
#define NS_PRIVILEGE_2 "urn:xmpp:privilege:2"
#define NS_FORWARD "urn:xmpp:forward:0" /* XEP-0297 */

/* XEP-0060, section 16 */
#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_PUBSUB_OWNER "http://jabber.org/protocol/pubsub#owner"
#define NS_PUBSUB_EVENT "http://jabber.org/protocol/pubsub#event"
#define NS_PUBSUB_ERRORS "http://jabber.org/protocol/pubsub#errors"
#define FORM_PUBLISH_OPTIONS "http://jabber.org/protocol/pubsub#publish-options"
#define FORM_NODE_CONFIG "http://jabber.org/protocol/pubsub#node_config"

#define NS_DISCO_INFO "http://jabber.org/protocol/disco#info"	/* XEP-0030 */
#define NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items" /* XEP-0030 */
#define NS_COMMANDS "http://jabber.org/protocol/commands"	/* XEP-0050 */
#define NS_DATA "jabber:x:data"					/* XEP-0004 */
#define NS_NICK "http://jabber.org/protocol/nick"		/* XEP-0172 */
#define NS_PING "urn:xmpp:ping"					/* XEP-0199 */
#define NS_VERSION "jabber:iq:version"				/* XEP-0092 */
#define NS_TIME "urn:xmpp:time"					/* XEP-0202 */
#define NS_LAST "jabber:iq:last"				/* XEP-0012 */
#define NS_BLOCKING "urn:xmpp:blocking"				/* XEP-0191 */
#define NS_IDLE "urn:xmpp:idle:1"				/* XEP-0319 */

#endif
