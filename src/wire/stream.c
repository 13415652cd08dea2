#include "wire/stream.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "wire/ns.h"
#include "wire/parse.h"
#include "wire/write.h"

enum state {
	IDLE,	 /* not started */
	STARTED, /* our header was sent */
	HEADER,	 /* the server's came */
	WAITING, /* our handshake was sent */
	OPEN,
	DEAD
};

struct stream {
	char *domain;
	struct parser *parser;
	enum state state;
	const struct xml *stanza;
	const struct xml *error; /* <stream:error/> */
	const char *reason;	 /* NULL: the parser's */
	struct stream_counts counts;
};

struct stream *
stream_new(const char *domain)
{
	struct stream *s = mem_alloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	s->domain = mem_strdup(domain);
	s->parser = parser_new();
	if (s->domain == NULL || s->parser == NULL) {
		stream_free(s);
		return NULL;
	}
	return s;
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	parser_free(s->parser);
	mem_free(s->domain);
	mem_free(s);
}

int
stream_start(struct stream *s, struct buf *out)
{
	parser_reset(s->parser);
	s->state = STARTED;
	s->stanza = s->error = NULL;
	s->reason = NULL;
	buf_puts(out,
	    "<?xml version='1.0'?><stream:stream xmlns='" NS_COMPONENT "' "
	    "xmlns:stream='" NS_STREAMS "' to='");
	write_escaped(out, s->domain);
	buf_puts(out, "'>");
	return out->failed ? ERR_NOMEM : 0;
}

static int
die(struct stream *s, const char *reason)
{
	s->state = DEAD;
	s->reason = reason;
	return ERR_PROTOCOL;
}

static int
header(struct stream *s, enum stream_item *item)
{
	const char *ns = parser_default_ns(s->parser);

	if (!xml_is(parser_header(s->parser), NS_STREAMS, "stream"))
		return die(s, "not an XMPP stream");
	/* A server that refuses us may leave the default namespace out of its header. */
	if (*ns != '\0' && strcmp(ns, NS_COMPONENT) != 0)
		return die(s, "not a component stream: the port is for clients or servers");
	s->state = HEADER;
	*item = STREAM_HEADER;
	return 1;
}

static void
give(struct stream *s, enum stream_item what, enum stream_item *item)
{
	s->stanza = parser_element(s->parser);
	s->counts.stanzas += what == STREAM_STANZA || what == STREAM_LAST;
	*item = what;
}

static int
element(struct stream *s, enum stream_item *item)
{
	const struct xml *x = parser_element(s->parser);

	if (xml_is(x, NS_STREAMS, "error")) {
		s->error = x;
		s->reason = "the stream has ended";
		s->state = DEAD;
		*item = STREAM_ERROR;
		return 1;
	}
	if (s->state == OPEN) {
		give(s, STREAM_STANZA, item);
		return 1;
	}
	if (s->state != WAITING || !xml_is(x, NS_COMPONENT, "handshake"))
		return die(s, "a stanza before the handshake");
	s->state = OPEN;
	*item = STREAM_OPEN;
	return 1;
}

/* Before the handshake nothing is too large for anybody. */
static int
push(struct stream *s, const char *data, size_t len, size_t *used, enum parser_item *part)
{
	size_t n;
	int status;

	do {
		status = parser_push(s->parser, data + *used, len - *used, &n, part);
		*used += n;
	} while (status == 1 && s->state != OPEN && (*part == PARSER_LARGE || *part == PARSER_SKIPPED));
	return status;
}

int
stream_push(struct stream *s, const char *data, size_t len, size_t *used, enum stream_item *item)
{
	const struct parser_counts *seen;
	enum parser_item part;
	int status;

	*used = 0;
	*item = STREAM_NONE;
	s->stanza = NULL;
	if (s->state == IDLE || s->state == DEAD)
		return ERR_PROTOCOL;
	status = push(s, data, len, used, &part);
	seen = parser_counts(s->parser);
	s->counts.bytes = seen->bytes;
	s->counts.skipped = seen->skipped;
	s->counts.stray = seen->stray;
	if (status < 0)
		s->state = DEAD;
	switch (part) {
	case PARSER_NONE:
		break;
	case PARSER_HEADER:
		return header(s, item);
	case PARSER_ELEMENT:
		return element(s, item);
	case PARSER_LARGE:
		give(s, STREAM_LARGE, item);
		break;
	case PARSER_PORTION:
		give(s, STREAM_PORTION, item);
		break;
	case PARSER_LAST:
		give(s, STREAM_LAST, item);
		break;
	case PARSER_SKIPPED:
		give(s, STREAM_SKIPPED, item);
		break;
	case PARSER_END:
		s->reason = "the stream has ended";
		s->state = DEAD;
		*item = STREAM_END;
		break;
	}
	return status;
}

void
stream_admit(struct stream *s)
{
	parser_admit(s->parser);
}

const char *
stream_id(const struct stream *s)
{
	const char *id = xml_attr(parser_header(s->parser), "id");

	return id != NULL ? id : "";
}

int
stream_handshake(struct stream *s, const char *digest, struct buf *out)
{
	struct writer w;
	int status;

	if (s->state != HEADER)
		return ERR_INVALID;
	writer_init(&w, out);
	write_element(&w, "handshake", digest);
	status = writer_end(&w);
	if (status == 0)
		s->state = WAITING;
	return status;
}

void
stream_close(struct stream *s, struct buf *out)
{
	(void)s;
	buf_puts(out, "</stream:stream>");
}

const struct xml *
stream_stanza(const struct stream *s)
{
	return s->stanza;
}

const char *
stream_error(const struct stream *s)
{
	const struct xml *x = s->error != NULL ? s->error->child : NULL;

	for (; x != NULL; x = x->next) {
		if (strcmp(x->ns, NS_STREAM_ERRORS) == 0 && strcmp(x->name, "text") != 0)
			return x->name;
	}
	return "";
}

const char *
stream_error_text(const struct stream *s)
{
	const char *text = xml_child_text(s->error, NS_STREAM_ERRORS, "text");

	return text != NULL ? text : "";
}

const char *
stream_reason(const struct stream *s)
{
	return s->reason != NULL ? s->reason : parser_reason(s->parser);
}

const struct stream_counts *
stream_counts(const struct stream *s)
{
	return &s->counts;
}
