#include "watch/caps.h"

#include <stddef.h>

#include "watch/board.h"

/* `+notify` (XEP-0163, section 4): without these no event would ring. */
static const char *const features[] = {
	"http://jabber.org/protocol/caps",
	"http://jabber.org/protocol/disco#info",
	"jabber:iq:version",
	BOARD_NODE_PRIVATE "+notify",
	BOARD_NODE "+notify",
	"urn:xmpp:ping",
};

const char *
caps_feature(unsigned int i)
{
	return i < sizeof(features) / sizeof(features[0]) ? features[i] : NULL;
}

void
caps_string(struct buf *out)
{
	unsigned int i;

	buf_puts(out, CAPS_CATEGORY "/" CAPS_TYPE "//" CAPS_NAME "<");
	for (i = 0; caps_feature(i) != NULL; i++) {
		buf_puts(out, caps_feature(i));
		buf_putc(out, '<');
	}
}
