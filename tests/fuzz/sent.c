#include "sent.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/limits.h"
#include "fuzz.h"
#include "wire/encode.h"

#define HEADER "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='1'>"

struct parser *
sent_parser(void)
{
	struct parser *p = parser_new();
	enum parser_item item;
	size_t used;

	CHECK(p != NULL);
	CHECK(parser_push(p, HEADER, sizeof(HEADER) - 1, &used, &item) == 1);
	return p;
}

bool
is_stanza(const struct action *act)
{
	return act->kind <= ACTION_ERROR;
}

const struct xml *
check_sent(struct parser *p, struct buf *out, const struct action *act)
{
	static const struct encode_identity identity = {DOMAIN, "polypresence", "1", NULL};
	uint64_t before = parser_counts(p)->skipped;
	enum parser_item item;
	const struct xml *x;
	const char *from, *to;
	struct jid j;
	size_t used;
	int status;

	CHECK(act->to.bare != NULL);
	buf_reset(out);
	status = encode(&identity, act, out);
	CHECK(status == 0 || status == ERR_LIMIT);
	if (status != 0)
		return NULL;
	CHECK(out->len <= STANZA_OUT_MAX);
	if (parser_push(p, out->data, out->len, &used, &item) != 1) {
		CHECK(parser_counts(p)->skipped == before + 1); /* larger than what we read */
		return NULL;
	}
	CHECK(item == PARSER_ELEMENT && used == out->len);
	x = parser_element(p);
	CHECK(strcmp(x->name, "iq") == 0 || strcmp(x->name, "presence") == 0 || strcmp(x->name, "message") == 0);
	from = xml_attr(x, "from");
	to = xml_attr(x, "to");
	CHECK(from != NULL && jid_parse(&j, from, strlen(from)) == 0);
	CHECK(strcmp(j.domain, DOMAIN) == 0);
	CHECK(to != NULL && jid_parse(&j, to, strlen(to)) == 0);
	CHECK(strcmp(x->name, "iq") != 0 || xml_attr(x, "id") != NULL);
	return x;
}
