#include "watch/stanza.h"

#include "watch/caps.h"
#include "watch/item.h"

static void
escaped(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '\'':
			buf_puts(out, "&apos;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		default:
			buf_putc(out, *s);
			break;
		}
	}
}

static void
attribute(struct buf *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(out, " %s='", name);
	escaped(out, value);
	buf_putc(out, '\'');
}

static void
iq(struct buf *out, const char *type, const char *id, const char *to)
{
	buf_printf(out, "<iq type='%s'", type);
	attribute(out, "id", id);
	attribute(out, "to", to);
	buf_putc(out, '>');
}

void
stanza_presence(struct buf *out, const char *ver)
{
	/*
	 * Extended away: somebody's terminal shows a board, which doesn't say
	 * that the person is there.  Priority 0: a negative one would keep
	 * headlines to the bare JID away from us (RFC 6121, section 8.5.2.1.1).
	 */
	buf_puts(out,
	    "<presence><show>xa</show><priority>0</priority>"
	    "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='" CAPS_NODE "'");
	attribute(out, "ver", ver);
	buf_puts(out, "/></presence>");
}

void
stanza_goodbye(struct buf *out)
{
	buf_puts(out, "<presence type='unavailable'/>");
}

void
stanza_get_roster(struct buf *out, const char *id)
{
	iq(out, "get", id, NULL);
	buf_puts(out, "<query xmlns='jabber:iq:roster'/></iq>");
}

void
stanza_get_item(struct buf *out, const char *id, const char *to, const char *node)
{
	iq(out, "get", id, to);
	buf_puts(out, "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items");
	attribute(out, "node", node);
	buf_puts(out, "><item id='" ITEM_ID "'/></items></pubsub></iq>");
}

void
stanza_ping(struct buf *out, const char *id, const char *to)
{
	iq(out, "get", id, to);
	buf_puts(out, "<ping xmlns='urn:xmpp:ping'/></iq>");
}

void
stanza_result(struct buf *out, const char *id, const char *to)
{
	iq(out, "result", id, to);
	buf_puts(out, "</iq>");
}

void
stanza_disco(struct buf *out, const char *id, const char *to, const char *node)
{
	unsigned int i;

	iq(out, "result", id, to);
	buf_puts(out, "<query xmlns='http://jabber.org/protocol/disco#info'");
	attribute(out, "node", node);
	buf_puts(out, "><identity category='" CAPS_CATEGORY "' type='" CAPS_TYPE "' name='" CAPS_NAME "'/>");
	for (i = 0; caps_feature(i) != NULL; i++) {
		buf_puts(out, "<feature");
		attribute(out, "var", caps_feature(i));
		buf_puts(out, "/>");
	}
	buf_puts(out, "</query></iq>");
}

void
stanza_version(struct buf *out, const char *id, const char *to, const char *version)
{
	iq(out, "result", id, to);
	buf_puts(out, "<query xmlns='jabber:iq:version'><name>" CAPS_NAME "</name><version>");
	escaped(out, version);
	buf_puts(out, "</version></query></iq>");
}

void
stanza_error(struct buf *out, const char *id, const char *to, const char *condition)
{
	iq(out, "error", id, to);
	buf_printf(out, "<error type='cancel'><%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
	    condition);
}
