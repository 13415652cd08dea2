#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "encode_fixture.h"
#include "wire_fixture.h"

#define MINUTE INT64_C(60000)
#define DAY (24 * 60 * MINUTE)

/* ---- the item ---- */

static const struct item_resource desk_resources[] = { {"r1", SHOW_DND, "On the phone", "en", AT - 8 * MINUTE} };
static const struct item_resource laptop_resources[] = { {"r4", SHOW_NONE, NULL, NULL, 0},
	{"r5", SHOW_AWAY, "", NULL, 0} };
static const struct item_device devices[] = {
	{"k3v9", KIND_FIXED, "Desk phone", NULL, true, false, AT - 4 * MINUTE, desk_resources, 1},
	{"m2x0", KIND_MOBILE, "Mobile", "alice@mobile.test", false, false, AT, NULL, 0},
	{"q8d1", KIND_COMPUTER, "Laptop", NULL, false, true, AT, laptop_resources, 2},
};

#define DEVICES                                                                                 \
	"<devices xmlns='urn:x-polypresence:devices:0' updated='2026-11-22T23:09:00Z' "         \
	"expires='2026-11-23T23:09:00Z'>"                                                       \
	"<device id='k3v9' kind='fixed' preferred='true' since='2026-11-22T23:05:00Z'>"         \
	"<label>Desk phone</label>"                                                             \
	"<resource id='r1'><show>dnd</show><status xml:lang='en'>On the phone</status>"         \
	"<idle xmlns='urn:xmpp:idle:1' since='2026-11-22T23:01:00Z'/></resource></device>"      \
	"<device id='m2x0' kind='mobile' since='2026-11-22T23:09:00Z' jid='alice@mobile.test'>" \
	"<label>Mobile</label></device>"                                                        \
	"<device id='q8d1' kind='computer' stale='true' since='2026-11-22T23:09:00Z'>"          \
	"<label>Laptop</label>"                                                                 \
	"<resource id='r4'/><resource id='r5'><show>away</show><status/></resource></device>"   \
	"</devices>"
#define PUBLISH(node, item, access)                                                                           \
	"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='" node "'><item id='current'>" item \
	"</item></publish>"                                                                                   \
	"<publish-options>" OPTIONS("publish-options", access) "</publish-options></pubsub>"

static struct action
publish(enum way way)
{
	struct action act = { .kind = ACTION_PUBLISH,
		.id = "q9",
		.from = {BRIDGE, NULL},
		.owner = "alice@home.test" };

	act.way = way;
	act.node = NODE_DEVICES;
	act.access = ACCESS_PRESENCE;
	act.publish = (struct item){AT, AT + DAY, devices, 3};
	return act;
}

/* An item as large as the bounds let one become, every character of its texts an escape. */
static void
the_largest_item_can_be_sent(void **state)
{
	enum {
		PER_RESOURCE = ITEM_STATUS_BYTES_MAX / (USER_DEVICES_MAX * DEVICE_RESOURCES_MAX)
	};
	static char label[LABEL_BYTES_MAX + 1], jid[2 * JID_PART_MAX + 2], lang[LANG_BYTES_MAX + 1];
	static char status[PER_RESOURCE + 1];
	static struct item_resource resources[DEVICE_RESOURCES_MAX];
	static struct item_device many[USER_DEVICES_MAX];
	struct action act = publish(WAY_PRIVILEGED);
	size_t i;

	(void)state;
	memset(label, '"', LABEL_BYTES_MAX);
	memset(jid, 'j', 2 * JID_PART_MAX + 1);
	memset(lang, 'l', LANG_BYTES_MAX);
	memset(status, '\'', PER_RESOURCE);
	for (i = 0; i < DEVICE_RESOURCES_MAX; i++)
		resources[i] = (struct item_resource){"r1000", SHOW_AWAY, status, lang, AT};
	for (i = 0; i < USER_DEVICES_MAX; i++)
		many[i] = (struct item_device){ "k3v9k3v9", KIND_COMPUTER, label, jid, true, true, AT, resources,
			DEVICE_RESOURCES_MAX };
	act.publish = (struct item){AT, AT + DAY, many, USER_DEVICES_MAX};
	buf_reset(&out);
	assert_int_equal(encode(&identity, &act, &out), 0);
	assert_in_range(out.len, 200000, 250000); /* what ejabberd takes */
}

static void
the_item_is_published_as_an_affiliate(void **state)
{
	struct action act = publish(WAY_ORDINARY);

	(void)state;
	encodes(&act,
	    "<iq type='set' id='q9' to='alice@home.test' from='" BRIDGE
	    "'>" PUBLISH("urn:x-polypresence:devices:0", DEVICES, "presence") "</iq>");
}

static void
the_item_is_published_with_privilege(void **state)
{
	struct action act = publish(WAY_PRIVILEGED);

	(void)state;
	encodes(&act,
	    "<iq type='set' id='q9' to='alice@home.test' from='presence.home.test'>"
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='set' "
	    "id='q9' to='alice@home.test'>" PUBLISH("urn:x-polypresence:devices:0", DEVICES,
		"presence") "</iq></privileged_iq>"
			    "</iq>");
	act.way = WAY_PRIVILEGED_CAPS;
	encodes(&act,
	    "<iq type='set' id='q9' to='alice@HOME.TEST' from='presence.home.test'>"
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='set' "
	    "id='q9' to='alice@home.test'>" PUBLISH("urn:x-polypresence:devices:0", DEVICES,
		"presence") "</iq></privileged_iq>"
			    "</iq>");
}

static void
an_empty_set_is_published_into_the_private_node(void **state)
{
	struct action act = publish(WAY_ORDINARY);

	(void)state;
	act.node = NODE_DEVICES_PRIVATE;
	act.access = ACCESS_WHITELIST;
	act.publish = (struct item){.updated_ms = AT};
	encodes(&act,
	    "<iq type='set' id='q9' to='alice@home.test' from='" BRIDGE
	    "'>" PUBLISH("urn:x-polypresence:devices-private:0",
		"<devices xmlns='urn:x-polypresence:devices:0' updated='2026-11-22T23:09:00Z'/>", "whitelist") "</iq>");
}

static void
nothing_is_published_wider_than_presence(void **state)
{
	struct action act = publish(WAY_ORDINARY);

	(void)state;
	act.access = ACCESS_OTHER;
	is_invalid(&act);
	act.access = ACCESS_UNKNOWN;
	is_invalid(&act);
	act.kind = ACTION_CONFIG_SET;
	act.access = ACCESS_PRESENCE;
	is_invalid(&act);
	act.kind = ACTION_CREATE;
	is_invalid(&act);
	act.config.access = ACCESS_OTHER;
	is_invalid(&act);
}

static void
an_event_goes_through_the_owners_domain(void **state)
{
	struct action act = publish(WAY_ORDINARY);

	(void)state;
	act.kind = ACTION_EVENT;
	act.to = (struct address){"bob@home.test", "b"};
	act.id = "e1";
	act.privilege_version = 1;
	encodes(&act,
	    "<message from='presence.home.test' to='home.test'>"
	    "<privilege xmlns='urn:xmpp:privilege:1'>"
	    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
	    "from='alice@home.test' "
	    "to='bob@home.test/b' type='headline' id='e1'>"
	    "<event xmlns='http://jabber.org/protocol/pubsub#event'>"
	    "<items node='urn:x-polypresence:devices:0'><item id='current'>" DEVICES "</item>"
	    "</items></event>"
	    "</message></forwarded></privilege></message>");
	act.privilege_version = 2;
	act.to.resource = NULL;
	act.id = NULL;
	act.publish = (struct item){.updated_ms = AT};
	encodes(&act,
	    "<message from='presence.home.test' to='home.test'>"
	    "<privilege xmlns='urn:xmpp:privilege:2'>"
	    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
	    "from='alice@home.test' "
	    "to='bob@home.test' type='headline'><event "
	    "xmlns='http://jabber.org/protocol/pubsub#event'>"
	    "<items node='urn:x-polypresence:devices:0'><item id='current'>"
	    "<devices xmlns='urn:x-polypresence:devices:0' updated='2026-11-22T23:09:00Z'/>"
	    "</item></items></event>"
	    "</message></forwarded></privilege></message>");
	act.privilege_version = 0;
	is_invalid(&act);
}

/* ---- the node ---- */

#define ORDINARY(type, child) "<iq type='" type "' id='q9' to='alice@home.test' from='" BRIDGE "'>" child "</iq>"
#define OWNER(child) "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>" child "</pubsub>"

static void
capitals_are_for_the_domain_alone_and_for_ascii(void **state)
{
	struct action act = {.kind = ACTION_CONFIG_GET, .node = NODE_DEVICES, .id = "q9", .way = WAY_PRIVILEGED_CAPS};
	char owner[JID_MAX + 2];

	(void)state;
	act.owner = "m\xc3\xbcller@b\xc3\xbc"
		    "cher.test";
	encodes(&act,
	    "<iq type='get' id='q9' to='m\xc3\xbcller@B\xc3\xbc"
	    "CHER.TEST' from='presence.home.test'>"
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='get' "
	    "id='q9' to='m\xc3\xbcller@b\xc3\xbc"
	    "cher.test'>" OWNER("<configure node='urn:x-polypresence:devices:0'/>") "</iq></privileged_iq></iq>");
	act.owner = "home.test";
	encodes(&act,
	    "<iq type='get' id='q9' to='HOME.TEST' from='presence.home.test'>"
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='get' "
	    "id='q9' to='home.test'>" OWNER(
		"<configure node='urn:x-polypresence:devices:0'/>") "</iq></privileged_iq></iq>");
	memset(owner, 'a', sizeof(owner));
	owner[sizeof(owner) - 1] = '\0';
	act.owner = owner; /* no address is so long */
	is_invalid(&act);
	act.owner = "{~}"; /* behind the letters, and in no domain either */
	encodes(&act,
	    "<iq type='get' id='q9' to='{~}' from='presence.home.test'>"
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='get' "
	    "id='q9' to='{~}'>" OWNER("<configure node='urn:x-polypresence:devices:0'/>") "</iq></privileged_iq></iq>");
}

static void
the_node_is_set_up_and_kept(void **state)
{
	struct action act = publish(WAY_ORDINARY);

	(void)state;
	act.config.access = ACCESS_PRESENCE;
	act.who = BRIDGE;
	act.kind = ACTION_CREATE;
	encodes(&act,
	    ORDINARY("set",
		"<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
		"<create node='urn:x-polypresence:devices:0'/>"
		"<configure>" OPTIONS("node_config", "presence") "</configure></pubsub>"));
	act.kind = ACTION_CONFIG_GET;
	encodes(&act, ORDINARY("get", OWNER("<configure node='urn:x-polypresence:devices:0'/>")));
	act.kind = ACTION_CONFIG_SET;
	encodes(&act,
	    ORDINARY("set",
		OWNER("<configure node='urn:x-polypresence:devices:0'>" OPTIONS("node_config",
		    "presence") "</configure>")));
	act.kind = ACTION_RETRACT;
	encodes(&act,
	    ORDINARY("set",
		"<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
		"<retract node='urn:x-polypresence:devices:0'>"
		"<item id='current'/></retract></pubsub>"));
	act.kind = ACTION_AFFILIATE;
	encodes(&act,
	    ORDINARY("set",
		OWNER("<affiliations node='urn:x-polypresence:devices:0'>"
		      "<affiliation jid='" BRIDGE "' affiliation='publisher'/></affiliations>")));
	act.kind = ACTION_UNSUBSCRIBE;
	act.who = "bob@home.test";
	encodes(&act,
	    ORDINARY("set",
		OWNER("<subscriptions node='urn:x-polypresence:devices:0'>"
		      "<subscription jid='bob@home.test' subscription='none'/></subscriptions>")));
}

static void
a_block_list_is_asked_for_as_the_account_itself(void **state)
{
	struct action act = { .kind = ACTION_BLOCKLIST_GET,
		.id = "q9",
		.owner = "alice@home.test",
		.way = WAY_PRIVILEGED };

	(void)state;
	encodes(&act,
	    "<iq type='get' id='q9' to='alice@home.test' from='presence.home.test'>"
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='get' "
	    "id='q9' to='alice@home.test'><blocklist xmlns='urn:xmpp:blocking'/></iq></privileged_iq></iq>");
	act.way = WAY_PRIVILEGED_CAPS;
	encodes(&act,
	    "<iq type='get' id='q9' to='alice@HOME.TEST' from='presence.home.test'>"
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='get' "
	    "id='q9' to='alice@home.test'><blocklist xmlns='urn:xmpp:blocking'/></iq></privileged_iq></iq>");
}

static void
a_node_that_tells_nobody_is_configured_so(void **state)
{
	struct action act = publish(WAY_PRIVILEGED);

	(void)state;
	act.kind = ACTION_CONFIG_SET;
	act.config = (struct node_config){ACCESS_WHITELIST, true, true, true};
	encodes(&act,
	    "<iq type='set' id='q9' to='alice@home.test' from='presence.home.test'>"
	    "<privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='set' "
	    "id='q9' to='alice@home.test'>" OWNER(
		"<configure node='urn:x-polypresence:devices:0'>"
		"<x xmlns='jabber:x:data' type='submit'>"
		"<field var='FORM_TYPE' type='hidden'>"
		"<value>http://jabber.org/protocol/pubsub#node_config</value></field>"
		"<field var='pubsub#persist_items'><value>true</value></field>"
		"<field var='pubsub#access_model'><value>whitelist</value></field>"
		"<field var='pubsub#deliver_notifications'><value>false</value></field>"
		"<field var='pubsub#send_last_published_item'><value>never</value></field></x>"
		"</configure>") "</iq></privileged_iq></iq>");
}

static void
a_node_that_was_silenced_can_be_given_back_to_the_server(void **state)
{
	struct action act = publish(WAY_ORDINARY);

	(void)state;
	act.kind = ACTION_CONFIG_SET;
	act.config = (struct node_config){ACCESS_PRESENCE, false, false, true};
	encodes(&act,
	    ORDINARY("set",
		OWNER("<configure node='urn:x-polypresence:devices:0'>"
		      "<x xmlns='jabber:x:data' type='submit'>"
		      "<field var='FORM_TYPE' type='hidden'>"
		      "<value>http://jabber.org/protocol/pubsub#node_config</value></field>"
		      "<field var='pubsub#persist_items'><value>true</value></field>"
		      "<field var='pubsub#access_model'><value>presence</value></field>"
		      "<field var='pubsub#deliver_notifications'><value>true</value></field>"
		      "<field var='pubsub#send_last_published_item'><value>on_sub_and_presence</value></field></x>"
		      "</configure>")));
}

/* ---- hostile strings ---- */

static void
same_tree(const struct xml *a, const struct xml *b)
{
	const struct xml *x, *y;
	size_t i;

	assert_string_equal(a->ns, b->ns);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->text, b->text);
	assert_int_equal(a->nattrs, b->nattrs);
	for (i = 0; i < a->nattrs; i++) {
		assert_string_equal(a->attrs[i].name, b->attrs[i].name);
		assert_string_equal(a->attrs[i].value, b->attrs[i].value);
	}
	for (x = a->child, y = b->child; x != NULL && y != NULL; x = x->next, y = y->next)
		same_tree(x, y);
	assert_true(x == NULL && y == NULL);
}

/* Every text of a peer that reaches a stanza, in one; DIRTY goes in, and CLEAN has to come out. */
static void
hostile(const char *dirty, const char *clean)
{
	struct item_resource r = {"r1", SHOW_DND, dirty, "en", AT};
	struct item_device d = {dirty, KIND_FIXED, dirty, dirty, true, true, AT, &r, 1};
	struct stream *s = fixture_stream(), *t = fixture_stream();
	struct action act = publish(WAY_PRIVILEGED);
	struct action command = { .kind = ACTION_COMMAND_REPLY, .to = {"a@home.test", NULL} };
	struct buf expected = {0};
	const struct xml *x;

	act.publish.devices = &d;
	act.publish.ndevices = 1;
	buf_reset(&out);
	assert_int_equal(encode(&identity, &act, &out), 0);
	x = fixture_stanza(s, buf_text(&out));
	r.status = d.id = d.label = d.jid = clean;
	assert_int_equal(encode(&identity, &act, &expected), 0);
	same_tree(x, fixture_stanza(t, buf_text(&expected)));
	x = xml_child(x, "urn:xmpp:privilege:2", "privileged_iq");
	x = xml_child(x, "jabber:client", "iq");
	x = xml_child(x, "http://jabber.org/protocol/pubsub", "pubsub");
	x = xml_child(x, "http://jabber.org/protocol/pubsub", "publish");
	x = xml_child(x, "http://jabber.org/protocol/pubsub", "item");
	x = xml_child(x, NODE_DEVICES, "devices");
	x = xml_only_child(x);
	assert_string_equal(xml_attr(x, "id"), clean);
	assert_string_equal(xml_attr(x, "jid"), clean);
	assert_string_equal(xml_child_text(x, NODE_DEVICES, "label"), clean);
	assert_string_equal(xml_child_text(xml_child(x, NODE_DEVICES, "resource"), NODE_DEVICES, "status"), clean);

	command.id = dirty;
	command.reply = (struct command_reply){ dirty, dirty, STATUS_COMPLETED, *TEXT(TEXT_VERBATIM, dirty), NULL,
		NULL };
	buf_reset(&out);
	assert_int_equal(encode(&identity, &command, &out), 0);
	x = fixture_stanza(s, buf_text(&out));
	assert_string_equal(xml_attr(x, "id"), clean);
	x = xml_only_child(x);
	assert_string_equal(xml_attr(x, "node"), clean);
	assert_string_equal(xml_child_text(x, "http://jabber.org/protocol/commands", "note"), clean);
	buf_clear(&expected);
	stream_free(s);
	stream_free(t);
}

static void
hostile_strings_come_back_as_they_were_or_clean(void **state)
{
	(void)state;
	hostile("</x><iq type='set' from=\"a\"/>", "</x><iq type='set' from=\"a\"/>");
	hostile("]]><![CDATA[ &amp; &#1; -->", "]]><![CDATA[ &amp; &#1; -->");
	hostile("tab\tline\r\nend ", "tab\tline\r\nend ");
	hostile("bell\x07 escape\x1b[31m vt\x0b", "bell escape[31m vt");
	hostile("\xef\xbf\xbe fffe \xef\xbf\xbf ffff \xed\xa0\x80 surrogate", " fffe  ffff  surrogate");
	hostile("\xc0\xaf overlong \xff\xfe bytes \xf4\x90\x80\x80 far \xe2\x82", " overlong  bytes  far ");
	hostile("\xe2\x80\xa8\xe2\x80\xae \xf0\x9f\x93\x9e",
	    "\xe2\x80\xa8\xe2\x80\xae "
	    "\xf0\x9f\x93\x9e");
}

static void
without_memory_the_buffer_is_as_it_was(void **state)
{
	struct action act = publish(WAY_PRIVILEGED);
	unsigned long n;
	int status;

	(void)state;
	for (n = 1; n < 50; n++) {
		buf_clear(&out);
		buf_puts(&out, "before");
		mem_fail_at(n);
		status = encode(&identity, &act, &out);
		mem_fail_at(0);
		if (status == 0)
			break;
		assert_int_equal(status, ERR_NOMEM);
		assert_string_equal(buf_text(&out), "before");
		assert_false(out.failed);
	}
	assert_true(n > 1 && n < 50);
}

int
main(void)
{
#define T(name) cmocka_unit_test_teardown(name, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(the_largest_item_can_be_sent),
		T(the_item_is_published_as_an_affiliate),
		T(the_item_is_published_with_privilege),
		T(an_empty_set_is_published_into_the_private_node),
		T(nothing_is_published_wider_than_presence),
		T(capitals_are_for_the_domain_alone_and_for_ascii),
		T(an_event_goes_through_the_owners_domain),
		T(the_node_is_set_up_and_kept),
		T(a_block_list_is_asked_for_as_the_account_itself),
		T(a_node_that_tells_nobody_is_configured_so),
		T(a_node_that_was_silenced_can_be_given_back_to_the_server),
		T(hostile_strings_come_back_as_they_were_or_clean),
		T(without_memory_the_buffer_is_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
