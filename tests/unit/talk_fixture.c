#include "talk_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

struct board board;
struct talk talk;
int64_t now;
static unsigned int ids;

/* The ids are 1, 2, 3 ... with zeros before them. */
static void
make_id(char id[FETCH_ID_LEN + 1])
{
	snprintf(id, FETCH_ID_LEN + 1, "%032u", ++ids);
}

char *
id_text(unsigned int n)
{
	static char id[FETCH_ID_LEN + 1];

	snprintf(id, sizeof(id), "%032u", n);
	return id;
}

void
says(const char *xml)
{
	void *el = stanza_of(xml);

	talk_stanza(&talk, &stanza_tree, el, now);
	stanza_free(el);
}

void
saysf(const char *fmt, ...)
{
	char xml[2000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(xml, sizeof(xml), fmt, ap);
	va_end(ap);
	says(xml);
}

const char *
sent(int64_t ms)
{
	static char text[20000];

	now += ms;
	talk_pump(&talk, now);
	snprintf(text, sizeof(text), "%s", buf_text(&talk.out));
	assert_false(talk.out.failed);
	buf_reset(&talk.out);
	return text;
}

void
assert_sends(int64_t ms, const char *part)
{
	const char *all = sent(ms);

	if (strstr(all, part) == NULL)
		fail_msg("not sent: %s\nbut: %s", part, all);
}

void
assert_quiet(int64_t ms)
{
	assert_string_equal(sent(ms), "");
}

void
rings(const char *from)
{
	saysf("<message type='headline' from='%s'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
	      "<items node='" BOARD_NODE "'><item id='current'>%s</item></items></event></message>",
	    from, alices_devices);
}

void
answers(const char *from, unsigned int n, const char *payload)
{
	void *iq = answer_of(from, id_text(n), BOARD_NODE, payload);

	talk_stanza(&talk, &stanza_tree, iq, now);
	stanza_free(iq);
}

size_t
devices_of(const char *address)
{
	const struct board_contact *c = board_find(&board, address);
	const struct board_set *set;

	assert_non_null(c);
	set = board_shown(c, 0);
	return set != NULL ? set->ndevices : 0;
}

void
start(void)
{
	memset(&talk, 0, sizeof(talk));
	memset(&board, 0, sizeof(board));
	ids = 0;
	now = 1000000;
	talk.board = &board;
	talk.version = "1.0";
	talk.timeout_ms = TIMEOUT;
	talk.live = true;
	talk.make_id = make_id;
	snprintf(talk.ver, sizeof(talk.ver), "VER=");
	assert_int_equal(talk_begin(&talk, "bob@home.test/here", now), 0);
}

int
signed_in(void **state)
{
	(void)state;
	start();
	assert_sends(0,
	    "<iq type='get' id='00000000000000000000000000000001'>"
	    "<query xmlns='jabber:iq:roster'/></iq>");
	saysf("<iq type='result' id='%s'><query xmlns='jabber:iq:roster'>"
	      "<item jid='alice@home.test' subscription='both' name='Alice'/>"
	      "<item jid='carol@work.test' subscription='to'/>"
	      "<item jid='from@work.test' subscription='from'/>"
	      "<item jid='none@work.test' subscription='none' ask='subscribe'/>"
	      "<item jid='gateway.test' subscription='both'/>"
	      "<item jid='with@a.test/resource' subscription='both'/>"
	      "<item subscription='both'/></query></iq>",
	    id_text(1));
	return 0;
}

int
settled(void **state)
{
	signed_in(state);
	(void)sent(0);
	answers("bob@home.test", 2, "");
	saysf("<iq type='error' from='bob@home.test' id='%s'><error><item-not-found "
	      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
	    id_text(3));
	answers("alice@home.test", 4, alices_devices);
	answers("carol@work.test", 5, "");
	assert_true(talk_settled(&talk));
	return 0;
}

int
done(void **state)
{
	(void)state;
	talk_end(&talk);
	buf_clear(&talk.out);
	board_clear(&board);
	return 0;
}
