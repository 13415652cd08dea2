/*
 * Bytes of a stream, whole and cut into pieces whose sizes come from the input:
 * the same comes out of them, and what comes out is what expat makes of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fuzz.h"
#include "markup.h"
#include "reference.h"
#include "wire/parse.h"
#include "wire/stream.h"

#define HEADER "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='1'>"

/* What is too large is waited for. */
static bool admits;

/* Expat's opinion on what has been read so far. */
struct judge {
	struct reference *reference;
	char *header; /* the root's tag, for another expat */
	size_t header_len;
	uint64_t skipped;
	bool resigned; /* what comes can't be judged */
};

/* The part begins with the first byte: there is nothing before it that the parser passes over and expat doesn't. */
static bool
begins_at_once(const char *part, size_t len)
{
	return len > 1 && part[0] == '<' && part[1] != '!' && part[1] != '?';
}

static void
judge_header(struct judge *j, const char *part, size_t len, const struct xml *root)
{
	struct buf head = {0};
	size_t i, at;

	if (!reference_feed(j->reference, part, len)) {
		CHECK(!begins_at_once(part, len));
		j->resigned = true;
		return;
	}
	CHECK(reference_depth(j->reference) == 1);
	dump_name(&head, root->ns, root->name);
	for (i = 0; i < root->nattrs; i++)
		dump_attr(&head, root->attrs[i].ns, root->attrs[i].name, root->attrs[i].value);
	CHECK(strcmp(buf_text(&head), reference_root(j->reference)) == 0);
	buf_clear(&head);
	at = reference_root_at(j->reference);
	CHECK(at < len);
	j->header = fuzz_copy(part + at, len - at);
	j->header_len = len - at;
}

/* PART ends with an element; SKIPPED counts those before it that were not given out. */
static void
judge_element(struct judge *j, const char *part, size_t len, const char *ours, uint64_t skipped)
{
	uint64_t also = skipped - j->skipped;
	size_t before = reference_elements(j->reference);

	j->skipped = skipped;
	if (j->resigned)
		return;
	if (reference_feed(j->reference, part, len)) {
		CHECK(reference_depth(j->reference) == 1);
		CHECK(reference_elements(j->reference) == before + 1 + also);
		CHECK(strcmp(reference_last(j->reference), ours) == 0);
		return;
	}
	/* It was over something that was skipped, or stood between the elements. */
	if (also == 0) {
		CHECK(!begins_at_once(part, len));
		CHECK(reference_depth(j->reference) == 1);
	}
	reference_free(j->reference);
	j->reference = reference_new();
	CHECK(reference_feed(j->reference, j->header, j->header_len));
}

/* A large element from its portions. */
struct joined {
	struct buf text, children; /* of the first child */
};

static void
dump_head(struct buf *out, const struct xml *x)
{
	size_t i;

	dump_name(out, x->ns, x->name);
	for (i = 0; i < x->nattrs; i++)
		dump_attr(out, x->attrs[i].ns, x->attrs[i].name, x->attrs[i].value);
}

/* With the LAST one OUT is what dump() would have made of it in one piece. */
static void
join(struct joined *j, const struct xml *portion, bool last, struct buf *out)
{
	const struct xml *first = portion->child, *x;

	CHECK(first != NULL);
	buf_put(&j->text, first->text, first->textlen);
	for (x = first->child; x != NULL; x = x->next)
		dump(&j->children, x);
	if (!last) {
		CHECK(first->child != NULL && first->next == NULL);
		return;
	}
	dump_head(out, portion);
	dump_text(out, portion->text, portion->textlen);
	dump_head(out, first);
	dump_text(out, buf_text(&j->text), j->text.len);
	buf_put(out, buf_text(&j->children), j->children.len);
	dump_end(out);
	for (x = first->next; x != NULL; x = x->next)
		dump(out, x);
	dump_end(out);
	buf_reset(&j->text);
	buf_reset(&j->children);
}

/* Does ITEM come with an element, or what there is of one? */
static bool
has_element(enum parser_item item)
{
	return item >= PARSER_ELEMENT && item <= PARSER_SKIPPED;
}

/* Give LEN bytes to P; what comes out is written to LOG.  Returns what the last call returned. */
static int
push(struct parser *p, const char *data, size_t len, struct buf *log, struct judge *judge)
{
	struct joined joined = {0};
	struct buf whole = {0};
	enum parser_item item;
	size_t at = 0, from = 0, used, mark;
	int status;

	do {
		status = parser_push(p, data + at, len - at, &used, &item);
		CHECK(used <= len - at);
		at += used;
		CHECK((status == 1) == (item != PARSER_NONE));
		CHECK((parser_element(p) != NULL) == has_element(item));
		if (status != 1)
			break;
		if (item == PARSER_LARGE && admits)
			parser_admit(p);
		mark = log->len;
		buf_putc(log, "-HE?~=!X"[item]);
		if (item == PARSER_HEADER)
			dump(log, parser_header(p));
		if (has_element(item))
			dump(log, parser_element(p));
		if (judge != NULL && item == PARSER_HEADER)
			judge_header(judge, data + from, at - from, parser_header(p));
		if (judge != NULL && item == PARSER_ELEMENT)
			judge_element(judge, data + from, at - from, log->data + mark + 1, parser_counts(p)->skipped);
		if (judge != NULL && (item == PARSER_PORTION || item == PARSER_LAST))
			join(&joined, parser_element(p), item == PARSER_LAST, &whole);
		if (judge != NULL && item == PARSER_LAST)
			judge_element(judge, data + from, at - from, whole.data, parser_counts(p)->skipped);
		if (item == PARSER_LAST)
			buf_reset(&whole);
		if (item == PARSER_SKIPPED) {
			buf_reset(&joined.text);
			buf_reset(&joined.children);
		}
		/* What is judged is a whole. */
		if (item == PARSER_HEADER || item == PARSER_ELEMENT || item == PARSER_LAST || item == PARSER_END)
			from = at;
	} while (at < len);
	buf_clear(&joined.text);
	buf_clear(&joined.children);
	buf_clear(&whole);
	if (status == 0)
		CHECK(at == len);
	return status;
}

static void
put_end(struct buf *log, const struct parser *p, int status)
{
	const struct parser_counts *n = parser_counts(p);

	/* How much was read when it came to nothing depends on the pieces. */
	buf_printf(log, "|%d %d %d %d %d", status < 0 ? status : 0, status < 0 ? 0 : (int)n->bytes, (int)n->elements,
	    (int)n->skipped, (int)n->stray);
	if (status < 0)
		CHECK(*parser_reason(p) != '\0');
}

/* The pieces that the sizes cut the text into, in turn. */
struct pieces {
	const uint8_t *sizes;
	size_t nsizes, next;
	const char *data;
	size_t len;
};

/* The next one in memory of its own; NULL at the end. */
static char *
next_piece(struct pieces *c, size_t *len)
{
	char *piece;

	if (c->len == 0)
		return NULL;
	*len = 1;
	if (c->nsizes > 0)
		*len = (size_t)c->sizes[c->next++ % c->nsizes] + 1;
	if (*len > c->len)
		*len = c->len;
	piece = fuzz_copy(c->data, *len);
	c->data += *len;
	c->len -= *len;
	return piece;
}

static void
in_pieces(struct pieces c, struct buf *log)
{
	struct parser *p = parser_new();
	size_t len, used;
	enum parser_item item;
	int status = 0;
	char *piece;

	CHECK(p != NULL);
	while (status >= 0 && (piece = next_piece(&c, &len)) != NULL) {
		status = push(p, piece, len, log, NULL);
		free(piece);
	}
	put_end(log, p, status);
	if (status < 0) {
		CHECK(parser_push(p, "<a/>", 4, &used, &item) == status);
		CHECK(item == PARSER_NONE);
	}
	parser_free(p);
}

/* The machine above it: no item before its time. */
static void
as_component(struct pieces c)
{
	struct stream *s = stream_new("c.test");
	bool had_header = false, open = false;
	enum stream_item item;
	struct buf out = {0};
	size_t len, at, used;
	int status = 0;
	char *piece;

	CHECK(s != NULL);
	CHECK(stream_start(s, &out) == 0);
	while (status >= 0 && (piece = next_piece(&c, &len)) != NULL) {
		for (at = 0; at < len; at += used) {
			status = stream_push(s, piece + at, len - at, &used, &item);
			CHECK(used <= len - at);
			CHECK((stream_stanza(s) != NULL) == (item >= STREAM_STANZA && item <= STREAM_SKIPPED));
			if (status != 1)
				break;
			if (item == STREAM_LARGE && admits)
				stream_admit(s);
			switch (item) {
			case STREAM_HEADER:
				CHECK(!had_header);
				had_header = true;
				if (*stream_id(s) != 'x') /* otherwise it is not answered */
					CHECK(stream_handshake(s, "0123456789abcdef", &out) == 0);
				break;
			case STREAM_OPEN:
				CHECK(had_header && !open);
				open = true;
				break;
			case STREAM_STANZA:
			case STREAM_LARGE:
			case STREAM_PORTION:
			case STREAM_LAST:
			case STREAM_SKIPPED:
				CHECK(open);
				break;
			default:
				CHECK(had_header);
				CHECK(stream_error(s) != NULL && stream_error_text(s) != NULL);
			}
		}
		free(piece);
	}
	if (status < 0) {
		CHECK(*stream_reason(s) != '\0');
		CHECK(stream_push(s, "<a/>", 4, &used, &item) == ERR_PROTOCOL);
	}
	buf_clear(&out);
	stream_free(s);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return markup_mutate(data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed)
{
	return markup_cross(a, alen, b, blen, out, max, seed);
}

/*
 * The first byte says how many bytes of sizes follow (its lower four bits),
 * with its highest, that the text has a header of its own, and with the next
 * one, that what is too large is waited for.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	unsigned how = input_byte(&in);
	struct judge judge = {.reference = reference_new()};
	struct buf text = {0}, whole = {0}, pieces = {0};
	struct pieces cut = {.sizes = in.at, .nsizes = how & 15};
	struct parser *p = parser_new();
	char *copy;
	int status;

	CHECK(p != NULL);
	admits = (how & 0x40) != 0;
	if (cut.nsizes > (size_t)(in.end - in.at))
		cut.nsizes = (size_t)(in.end - in.at);
	if ((how & 0x80) == 0)
		buf_puts(&text, HEADER "<handshake/>");
	buf_put(&text, in.at + cut.nsizes, (size_t)(in.end - in.at) - cut.nsizes);
	copy = fuzz_copy(text.data, text.len);
	status = push(p, copy, text.len, &whole, &judge);
	put_end(&whole, p, status);
	cut.data = copy;
	cut.len = text.len;
	in_pieces(cut, &pieces);
	CHECK(strcmp(buf_text(&whole), buf_text(&pieces)) == 0);
	as_component(cut);
	parser_free(p);
	free(copy);
	free(judge.header);
	reference_free(judge.reference);
	buf_clear(&text);
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
