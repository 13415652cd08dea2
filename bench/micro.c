/*
 * Where the time of one presence goes: each stage on its own, in one process,
 * without sockets.  Prints nanoseconds per stanza, the best of several passes.
 *
 *	micro [-u users]
 */
#include <expat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "bench/feed.h"
#include "bench/micro_roster.h"
#include "core/core.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/ns.h"
#include "wire/parse.h"

#define PASSES 5
#define BLOCK (64 * 1024)
#define PUBLISHES 100000

struct micro {
	struct feed feed;
	struct core *core;
	struct decoder *decoder;
	struct instant now;
	uint64_t events, elements, bytes;
};

static const char header[] = "<?xml version='1.0'?><stream:stream xmlns='" NS_COMPONENT "' xmlns:stream='" NS_STREAMS
			     "' id='1'>";

static const struct encode_identity identity = {.domain = FEED_DOMAIN, .name = "polypresence", .version = "0"};

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void
fail(const char *what, int status)
{
	fprintf(stderr, "micro: %s: %s\n", what, err_text(status));
	exit(1);
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	(void)name;
	(void)attrs;
	((struct micro *)data)->elements++;
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
	(void)name;
	((struct micro *)data)->elements++;
}

static void XMLCALL
on_text(void *data, const XML_Char *s, int len)
{
	(void)s;
	((struct micro *)data)->bytes += (uint64_t)len;
}

/* expat alone, with namespaces, in blocks as they come from a socket. */
static void
pass_expat(struct micro *m)
{
	XML_Parser p = XML_ParserCreateNS("UTF-8", ' ');
	size_t at, len, total = m->feed.starts[m->feed.n];

	XML_SetUserData(p, m);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	if (XML_Parse(p, header, sizeof(header) - 1, XML_FALSE) != XML_STATUS_OK)
		fail("expat", ERR_PROTOCOL);
	for (at = 0; at < total; at += len) {
		len = total - at < BLOCK ? total - at : BLOCK;
		if (XML_Parse(p, m->feed.bytes + at, (int)len, XML_FALSE) != XML_STATUS_OK)
			fail("expat", ERR_PROTOCOL);
	}
	XML_ParserFree(p);
}

/* Nobody settles here, so there is nothing to publish; what else the core wants done is thrown away. */
static void
drop_actions(struct micro *m)
{
	struct action act;

	while (core_next(m->core, &act))
		m->events++;
}

static void
feed(struct micro *m, const struct event *ev)
{
	int status = core_feed(m->core, &m->now, ev);

	if (status != 0)
		fail("core_feed", status);
}

enum stage {
	PARSE,
	DECODE,
	FEED
};

static void
pass(struct micro *m, enum stage stage)
{
	struct parser *p = parser_new();
	size_t at, used, left, len, total = m->feed.starts[m->feed.n];
	enum parser_item item;
	const char *block;
	struct event ev;
	int status;

	if (p == NULL)
		fail("parser_new", ERR_NOMEM);
	status = parser_push(p, header, sizeof(header) - 1, &used, &item);
	for (at = 0; at < total && status >= 0; at += len) {
		len = total - at < BLOCK ? total - at : BLOCK;
		block = m->feed.bytes + at;
		left = len;
		while ((status = parser_push(p, block, left, &used, &item)) > 0) {
			block += used;
			left -= used;
			if (item != PARSER_ELEMENT || stage == PARSE)
				continue;
			memset(&ev, 0, sizeof(ev));
			if (decode(m->decoder, parser_element(p), &ev) != DECODED_EVENT)
				fail("decode", ERR_INVALID);
			if (stage == DECODE)
				continue;
			feed(m, &ev);
		}
		if (stage == FEED)
			drop_actions(m);
	}
	if (status < 0)
		fail(parser_reason(p), status);
	parser_free(p);
}

static double
best(struct micro *m, enum stage stage, void (*alone)(struct micro *))
{
	double least = 0, start, took;
	int i;

	for (i = 0; i < PASSES; i++) {
		start = now();
		if (alone != NULL)
			alone(m);
		else
			pass(m, stage);
		took = (now() - start) / (double)m->feed.n;
		if (i == 0 || took < least)
			least = took;
	}
	return least;
}

static void
load(struct micro *m)
{
	static const uint8_t seed[CORE_SEED_LEN], key[CORE_KEY_LEN];
	static const char *const hosts[] = {FEED_HOST};
	struct buf primary = {0}, jid = {0};
	struct core_settings set;
	struct event ev;
	char id[FEED_ID];
	size_t u, s;

	core_settings_default(&set);
	set.domain = FEED_DOMAIN;
	set.hosts = hosts;
	set.nhosts = 1;
	set.program = "micro";
	m->core = core_new(&set, seed, key);
	if (m->core == NULL)
		fail("core_new", ERR_NOMEM);
	for (u = 0; u < m->feed.users; u++) {
		buf_reset(&primary);
		feed_put_primary(&primary, u);
		memset(&ev, 0, sizeof(ev));
		ev.kind = EVENT_LOAD_USER;
		ev.user.primary = buf_text(&primary);
		ev.user.approved = true;
		feed(m, &ev);
		for (s = FEED_LINKED_FROM; s < FEED_SOURCES; s++) {
			if (!feed_has(u, s))
				continue;
			buf_reset(&jid);
			feed_put_source(&jid, u, s, false);
			ev = feed_row(buf_text(&primary), buf_text(&jid), s, id);
			feed(m, &ev);
		}
	}
	memset(&ev, 0, sizeof(ev));
	ev.kind = EVENT_LOADED;
	feed(m, &ev);
	ev.kind = EVENT_LINK_UP;
	feed(m, &ev);
	buf_clear(&primary);
	buf_clear(&jid);
}

/* The item of a user with four devices, as an affiliate publishes it. */
static double
encode_publishes(void)
{
	static const struct item_resource resource = {.id = "r2345678", .show = SHOW_AWAY};
	struct item_device devices[FEED_SOURCES];
	struct action act = {.kind = ACTION_PUBLISH};
	struct buf out = {0};
	double start;
	size_t i;
	int status = 0;

	memset(devices, 0, sizeof(devices));
	for (i = 0; i < FEED_SOURCES; i++) {
		devices[i].id = "abcdef";
		devices[i].kind = feed_kind(i);
		devices[i].label = feed_label(i);
		devices[i].since_ms = INT64_C(1795000000000);
		devices[i].resources = &resource;
		devices[i].nresources = 1;
	}
	act.id = "abcdefghijklmnopqrstuvwxyz";
	act.way = WAY_ORDINARY;
	act.from.bare = "user000001\\40home.test@" FEED_DOMAIN;
	act.to.bare = act.owner = "user000001@" FEED_HOST;
	act.node = NODE_DEVICES;
	act.access = ACCESS_PRESENCE;
	act.publish.updated_ms = act.publish.expires_ms = INT64_C(1795000000000);
	act.publish.devices = devices;
	act.publish.ndevices = FEED_SOURCES;
	start = now();
	for (i = 0; i < PUBLISHES && status == 0; i++) {
		buf_reset(&out);
		act.publish.updated_ms += 7;
		status = encode(&identity, &act, &out);
	}
	if (status != 0)
		fail("encode", status);
	start = (now() - start) / PUBLISHES;
	printf("encode a publish of 4 devices    %7.0f ns (%zu bytes)\n", start, out.len);
	buf_clear(&out);
	return start;
}

int
main(int argc, char **argv)
{
	static struct micro m;
	double expat, parse, with_decode, with_core;
	size_t users = 10000;
	int opt;

	while ((opt = getopt(argc, argv, "u:")) != -1) {
		if (opt != 'u' || (users = (size_t)strtoul(optarg, NULL, 10)) == 0)
			return 2;
	}
	if (feed_init(&m.feed, users) != 0 || (m.decoder = decoder_new()) == NULL)
		fail("the feed", ERR_NOMEM);
	m.now.mono_ms = 1000;
	m.now.wall_ms = INT64_C(1795000000000);
	load(&m);
	expat = best(&m, PARSE, pass_expat);
	parse = best(&m, PARSE, NULL);
	with_decode = best(&m, DECODE, NULL);
	with_core = best(&m, FEED, NULL);
	printf("one presence of %zu users, best of %d passes over %zu stanzas:\n", users, PASSES, m.feed.n);
	printf("expat alone, with namespaces     %7.0f ns\n", expat);
	printf("parse: bounded tree              %7.0f ns (%+.0f)\n", parse, parse - expat);
	printf("parse, decode                    %7.0f ns (%+.0f)\n", with_decode, with_decode - parse);
	printf("parse, decode, core_feed         %7.0f ns (%+.0f)\n", with_core, with_core - with_decode);
	encode_publishes();
	micro_roster(20000);
	core_free(m.core);
	decoder_free(m.decoder);
	feed_clear(&m.feed);
	return 0;
}
