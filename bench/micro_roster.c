#include "bench/micro_roster.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "core/core.h"
#include "wire/decode.h"
#include "wire/ns.h"
#include "wire/parse.h"

#define DOMAIN "presence.home.test"
#define ALICE "alice@home.test"
#define BRIDGE "alice\\40home.test@" DOMAIN
#define BLOCK (64 * 1024)

static const char header[] = "<?xml version='1.0'?><stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAMS
			     "' id='1'>";

struct bench {
	struct core *core;
	struct decoder *decoder;
	struct instant now;
	char id[64]; /* of the request for the roster */
};

static double
cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static size_t
allocated(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void
feed(struct bench *b, const struct event *ev)
{
	if (core_feed(b->core, &b->now, ev) != 0)
		exit(1);
}

static void
take_actions(struct bench *b)
{
	struct action act;

	while (core_next(b->core, &act)) {
		if (act.kind == ACTION_ROSTER_GET)
			snprintf(b->id, sizeof(b->id), "%s", act.id);
	}
}

static void
passes(struct bench *b, uint64_t ms)
{
	const struct event tick = {.kind = EVENT_TICK};

	b->now.mono_ms += ms;
	b->now.wall_ms += (int64_t)ms;
	feed(b, &tick);
	take_actions(b);
}

/* Alice, enrolled and online, on a host where the component tells contacts; her roster has been asked for. */
static void
begin(struct bench *b)
{
	static const uint8_t seed[CORE_SEED_LEN], key[CORE_KEY_LEN];
	static const char *const hosts[] = {"home.test"};
	struct core_settings set;
	struct event ev;

	core_settings_default(&set);
	set.domain = DOMAIN;
	set.hosts = hosts;
	set.nhosts = 1;
	set.program = "micro";
	set.deliver = DELIVER_ALWAYS;
	b->core = core_new(&set, seed, key);
	b->decoder = decoder_new();
	if (b->core == NULL || b->decoder == NULL)
		exit(1);
	b->now = (struct instant){1000, INT64_C(1795000000000)};
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOAD_USER;
	ev.user.primary = ALICE;
	ev.user.approved = true;
	feed(b, &ev);
	ev.kind = EVENT_LOADED;
	feed(b, &ev);
	ev.kind = EVENT_LINK_UP;
	feed(b, &ev);
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_GRANT;
	ev.from.bare = "home.test";
	ev.to.bare = DOMAIN;
	ev.grant.version = 2;
	ev.grant.roster = MAY_GET;
	ev.grant.message = ev.grant.presence = ev.grant.presence_roster = true;
	feed(b, &ev);
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_PRESENCE;
	ev.from.bare = ALICE;
	ev.from.resource = "x";
	ev.to.bare = BRIDGE;
	feed(b, &ev);
	take_actions(b);
}

static void
put_roster(struct buf *out, const char *id, size_t n)
{
	size_t i;

	buf_reset(out);
	buf_puts(out, header);
	buf_printf(out, "<iq type='result' id='%s' from='" ALICE "' to='" DOMAIN "'><query xmlns='" NS_ROSTER "'>", id);
	for (i = 0; i < n; i++)
		buf_printf(out,
		    "<item jid='firstname.lastname.%zu@department-of-somewhere.example.org' subscription='both' "
		    "name='Firstname O&apos;Lastname no. %zu'><group>Department of &lt;%zu&gt;</group></item>",
		    i * 7919 % n, i, i % 500);
	buf_puts(out, "</query></iq>");
}

enum stage {
	PARSE,
	DECODE,
	FEED
};

/* Milliseconds of processor time. */
static double
read_roster(struct bench *b, const struct buf *text, enum stage stage)
{
	struct parser *p = parser_new();
	size_t at, used, left;
	enum parser_item item;
	double begun = cpu();
	struct event ev;
	int status;

	for (at = 0; at < text->len; at += used) {
		left = text->len - at < BLOCK ? text->len - at : BLOCK;
		status = parser_push(p, text->data + at, left, &used, &item);
		if (status < 0)
			exit(1);
		if (item == PARSER_LARGE)
			parser_admit(p);
		if ((item != PARSER_PORTION && item != PARSER_LAST) || stage == PARSE)
			continue;
		if (decode_portion(b->decoder, parser_element(p), item == PARSER_LAST, &ev) != DECODED_EVENT)
			exit(1);
		if (stage == FEED)
			feed(b, &ev);
	}
	begun = cpu() - begun;
	parser_free(p);
	return begun;
}

void
micro_roster(size_t n)
{
	struct bench b = {0};
	struct buf text = {0};
	double parse, decode, fresh, known;
	size_t before, bytes, i;

	begin(&b);
	put_roster(&text, b.id, n);
	parse = read_roster(&b, &text, PARSE);
	decode = read_roster(&b, &text, DECODE);
	before = allocated();
	fresh = read_roster(&b, &text, FEED);
	bytes = allocated() - before;
	/* It is polled every minute. */
	take_actions(&b);
	for (i = 0; i < 61; i++)
		passes(&b, 1000);
	put_roster(&text, b.id, n);
	known = read_roster(&b, &text, FEED);
	printf("\na roster of %zu contacts with a group each, %.1f MB:\n", n, (double)text.len / 1e6);
	printf("parse                            %7.1f ms\n", parse);
	printf("parse, decode                    %7.1f ms (%+.1f)\n", decode, decode - parse);
	printf("parse, decode, core_feed: new    %7.1f ms (%+.1f), %zu bytes a contact\n", fresh, fresh - decode,
	    bytes / n);
	printf("parse, decode, core_feed: known  %7.1f ms (%+.1f)\n", known, known - decode);
	buf_clear(&text);
	core_free(b.core);
	decoder_free(b.decoder);
}
