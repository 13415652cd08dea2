#include "tests/soak/strangers.h"

static void
sender(struct flood *f, struct buf *b, const char *element)
{
	/* As many domains as a remote server can make up, and as many accounts. */
	buf_printf(b, "<%s from='s%llu@d%llu.strangers.example/x' to='", element, (unsigned long long)f->sent,
	    (unsigned long long)f->sent % 9973);
}

static void
recipient(struct world *w, struct buf *b)
{
	switch (world_random(w, 8)) {
	case 0:
		buf_puts(b, WORLD_DOMAIN);
		break;
	case 1:
		buf_printf(b, "nobody%llu\\40home.test@" WORLD_DOMAIN, (unsigned long long)world_random(w, 1000000));
		break;
	default:
		world_put_bridge(b, world_random(w, w->n));
		break;
	}
}

static void
request(struct flood *f, struct world *w, struct buf *b)
{
	static const char *const payloads[] = {
		"<query xmlns='http://jabber.org/protocol/disco#info'/>",
		"<query xmlns='jabber:iq:version'/>",
		"<ping xmlns='urn:xmpp:ping'/>",
		"<query xmlns='jabber:iq:roster'/>",
		"<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:x-polypresence:devices:0'/></pubsub>",
		"<command xmlns='http://jabber.org/protocol/commands' node='enrol'/>",
	};
	uint64_t which = world_random(w, sizeof(payloads) / sizeof(payloads[0]));

	f->requests++;
	sender(f, b, "iq");
	recipient(w, b);
	buf_printf(b, "' type='%s' id='f%llu'>%s</iq>", which == 5 ? "set" : "get", (unsigned long long)f->sent,
	    payloads[which]);
}

static void
one(struct flood *f, struct world *w, struct buf *b)
{
	uint64_t r = world_random(w, 100);

	f->sent++;
	if (f->kind == FLOOD_REQUESTS || r < 10) {
		request(f, w, b);
	} else if (r < 75) {
		sender(f, b, "presence");
		recipient(w, b);
		buf_puts(b, "'><show>away</show><status>here</status></presence>");
	} else if (r < 82) {
		sender(f, b, "presence");
		recipient(w, b);
		buf_printf(b, "' type='%s'/>", r % 2 == 0 ? "subscribe" : "probe");
	} else if (r < 98) {
		sender(f, b, "message");
		recipient(w, b);
		buf_puts(b, "' type='chat'><body>yes</body></message>");
	} else {
		/* A domain that speaks for itself, as a remote server may. */
		buf_printf(b,
		    "<message from='d%llu.strangers.example' to='" WORLD_DOMAIN
		    "'><privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/></privilege></message>",
		    (unsigned long long)f->sent);
	}
}

void
flood_put(struct flood *f, struct world *w, struct buf *b, unsigned n)
{
	while (n-- > 0)
		one(f, w, b);
}
