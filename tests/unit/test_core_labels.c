/* What devices are called: contacts see labels, and no addresses.  And one account is one, however its domain is written. */
#include <stdio.h>
#include <string.h>

#include "core_fixture.h"

#define STRANGER "victim@ä.ö.far.test"
#define STRANGER_A "victim@xn--4ca.xn--nda.far.test"

static const char *
label_of(const char *jid)
{
	return registry_device(ALICE, jid)->label;
}

static void
what_has_no_label_is_called_by_its_kind_and_not_by_its_address(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	links(DESK, "");
	assert_string_equal(label_of(DESK), "device");
	runs(ALICE "/laptop", "link", "jid", "mobile@work.test", "label", "", "kind", "mobile", NULL);
	succeeds();
	assert_string_equal(label_of("mobile@work.test"), "mobile");
	assert_true(registry_device(ALICE, "mobile@work.test")->kind_given);
	approves(DESK);
	says_yes(DESK);
	says(DESK "/phone", "on");
	assert_publishes("device", "on");
}

static void
a_number_tells_one_from_the_other(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	links("a@work.test", "");
	links("b@work.test", "");
	links("c@work.test", "device 3");
	links("d@work.test", "");
	assert_string_equal(label_of("a@work.test"), "device");
	assert_string_equal(label_of("b@work.test"), "device 2");
	assert_string_equal(label_of("d@work.test"), "device 4");
}

static void
a_label_that_tells_the_address_is_refused(void **state)
{
	static const char *const bad[] = { DESK, "Alice@WORK.test", "xmpp:" DESK, " " DESK " ", DESK "/phone",
		"Desk (" DESK ")", "<" DESK ">", "my Alice@WORK.test phone", "alice\\40work.test", "alice @ work.test",
		"ali\u200bce@work.test", "0123456789012345678901234567890123456789012345678901234 " DESK };
	size_t i;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		runs(ALICE "/laptop", "link", "jid", DESK, "label", bad[i], NULL);
		fails_with("address");
	}
	assert_int_equal(registry_devices(), 0);
	links(DESK, "Desk phone");
	runs(ALICE "/laptop", "edit", "device", device_id("Desk phone"), "label", DESK, NULL);
	fails_with("address");
	assert_string_equal(label_of(DESK), "Desk phone");
	/* Nor with what is asked again only. */
	runs(ALICE "/laptop", "link", "jid", DESK, "label", "alice @ work.test", NULL);
	fails_with("address");
	assert_string_equal(label_of(DESK), "Desk phone");
	/* Somebody else's is a name like any other. */
	runs(ALICE "/laptop", "edit", "device", device_id("Desk phone"), "label", "at home.test", NULL);
	succeeds();
	assert_string_equal(label_of(DESK), "at home.test");
}

/* In whatever form its domain is, there and here. */
static void
nor_in_the_other_form_of_its_domain(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	runs(ALICE "/laptop", "link", "jid", STRANGER, "label", "my " STRANGER_A, NULL);
	fails_with("address");
	runs(ALICE "/laptop", "link", "jid", STRANGER_A, "label", "my " STRANGER, NULL);
	fails_with("address");
	assert_int_equal(registry_devices(), 0);
}

/* The label of a link that has ended is shown to nobody, and its row says no more. */
static void
what_has_ended_is_not_written_again(void **state)
{
	struct device_record d = { .primary = ALICE,
		.jid = DESK,
		.label = DESK,
		.id = "zz1",
		.state = LINK_REVOKED,
		.generation = 1 };
	struct user_record u = {.primary = ALICE, .approved = true, .generation = 1};

	(void)state;
	registry_holds(&u, &d);
	restart();
	passes(60000);
	assert_string_equal(label_of(DESK), DESK);
	assert_not_logged("device.renamed");
}

static void
what_the_roster_group_calls_by_its_address_is_called_by_its_kind(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	roster_has(ALICE, DESK, SUBSCRIPTION_NONE, "Devices"); /* without a name */
	passes(120000);
	assert_string_equal(label_of(DESK), "device");
}

/* Builds before this one made the label from the address; one that is long was cut. */
static void
row_of_an_earlier_version(const char *jid, const char *label)
{
	struct device_record d = { .primary = ALICE,
		.jid = jid,
		.label = label,
		.id = "zz1",
		.state = LINK_ACTIVE,
		.approved = true,
		.confirmed = true,
		.wide = true,
		.generation = 1 };
	struct user_record u = {.primary = ALICE, .approved = true, .generation = 1};

	registry_holds(&u, &d);
	restart();
	link_up();
	grant(GRANT_ALL);
	says(ALICE "/laptop", "on");
	answers_no_probe(jid, true);
	passes(60000);
	assert_null(device_in(node_item(ALICE, NODE_DEVICES), label));
	assert_non_null(device_in(node_item(ALICE, NODE_DEVICES), "device"));
	/* And nobody else finds it there, whatever he makes of it. */
	assert_logged("device.renamed");
	assert_string_equal(label_of(jid), "device");
}

static void
a_row_of_an_earlier_version_does_not_publish_its_address(void **state)
{
	(void)state;
	row_of_an_earlier_version(DESK, DESK);
}

static void
nor_the_beginning_of_a_long_one(void **state)
{
	char jid[LABEL_BYTES_MAX + 32], label[LABEL_BYTES_MAX + 1];

	(void)state;
	memset(jid, 'd', sizeof(jid));
	memcpy(jid + sizeof(jid) - sizeof("@work.test"), "@work.test", sizeof("@work.test"));
	memcpy(label, jid, LABEL_BYTES_MAX);
	label[LABEL_BYTES_MAX] = '\0';
	row_of_an_earlier_version(kept(jid), kept(label));
}

/* Names of resources are her own account's, whose contacts know its address. */
static void
a_resource_is_called_by_its_name(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	says(ALICE "/" ALICE, "on");
	assert_publishes(ALICE, "on");
}

/* Two forms for each label of a domain: all of them are one stranger (B5). */
static void
a_stranger_is_one_in_whatever_form_he_is_asked(void **state)
{
	static const char *const forms[] = { STRANGER, "victim@xn--4ca.ö.far.test", "victim@ä.xn--nda.far.test",
		STRANGER_A };
	unsigned asked = 0;
	size_t i, n;

	(void)state;
	has_enrolled(GRANT_ALL);
	for (i = 0; i < 4; i++)
		roster_has(ALICE, forms[i], SUBSCRIPTION_NONE, "Devices");
	forget_sent();
	for (n = 0; n < 4; n++) {
		passes(60000);
		runs(ALICE "/laptop", "leave", "sure", "1", NULL);
		passes(1000);
		enrols(ALICE);
		approves(ALICE);
	}
	for (i = 0; i < 4; i++)
		asked += presences_sent(PRESENCE_SUBSCRIBE, forms[i]);
	assert_int_equal(asked, 3);
}

static void
who_is_linked_in_one_form_is_in_the_other(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	roster_has(ALICE, STRANGER_A, SUBSCRIPTION_NONE, "Devices");
	passes(120000);
	assert_int_equal(registry_device(ALICE, STRANGER_A)->state, LINK_REQUESTED);
	runs(ALICE "/laptop", "link", "jid", STRANGER, NULL);
	succeeds(); /* it is asked again, as it was written */
	assert_int_equal(registry_devices(), 1);
	approves(STRANGER_A);
	says_yes(STRANGER_A);
	runs(ALICE "/laptop", "link", "jid", STRANGER, NULL);
	fails_with("linked already");
	ends(STRANGER_A);
	passes(1000);
	/* He has ended it: the group doesn't ask him again under another name. */
	roster_lacks(ALICE, STRANGER_A);
	roster_has(ALICE, STRANGER, SUBSCRIPTION_NONE, "Devices");
	passes(120000);
	assert_null(registry_device(ALICE, STRANGER));
}

#define OURS "präsenz.test"
#define OURS_A "xn--prsenz-cua.test"
#define OUR_ALICE "alice\\40home.test@" OURS
#define BRIDGE_A "bob\\40home.test@" OURS_A
#define ASKED_MAX 32

static unsigned told, told_ourselves; /* BOB; an address of our own, in A-labels */

/* Alice's: her bridge, another user's, whose domain her server writes in A-labels, and somebody who is none. */
static const struct roster_item roster_in_a_labels[] = {
	{.jid = OUR_ALICE, .subscription = SUBSCRIPTION_FROM},
	{.jid = BRIDGE_A, .subscription = SUBSCRIPTION_BOTH},
	{.jid = BOB, .subscription = SUBSCRIPTION_BOTH},
};

/* What ejabberd, and ALICE's client, say to ACT; false: it is nothing that has an answer. */
static bool
answer_of(const struct action *act, struct event *ev)
{
	*ev = (struct event){ .kind = EVENT_ANSWER,
		.from = {kept(act->to.bare), kept(act->to.resource)},
		.to = {kept(act->from.bare), kept(act->from.resource)} };
	if (act->kind == ACTION_PRESENCE && act->presence.type == PRESENCE_PROBE) {
		ev->kind = EVENT_PRESENCE;
		ev->from.resource = "x";
		ev->presence.type = PRESENCE_AVAILABLE;
		return true;
	}
	if (act->kind < ACTION_ROSTER_GET || act->kind > ACTION_INFO_GET)
		return false;
	ev->answer.id = kept(act->id);
	ev->answer.ok = true;
	ev->answer.wrapped = act->owner != NULL && act->way != WAY_ORDINARY;
	if (ev->answer.wrapped)
		ev->answer.inner_id = ev->answer.id;
	if (act->kind == ACTION_ROSTER_GET) {
		ev->answer.payload = PAYLOAD_ROSTER;
		ev->answer.roster.items = roster_in_a_labels;
		ev->answer.roster.nitems = sizeof(roster_in_a_labels) / sizeof(roster_in_a_labels[0]);
	} else if (act->kind == ACTION_INFO_GET) {
		ev->answer.payload = PAYLOAD_INFO;
		ev->answer.name = "ejabberd";
	}
	return true;
}

/* Feed EV, what is stored of it, and what is answered to it. */
static void
takes(struct core *c, const struct instant *now, const struct event *ev)
{
	struct event stored = {.kind = EVENT_STORED}, answers[ASKED_MAX];
	struct action act;
	size_t i, n = 0;

	assert_int_equal(core_feed(c, now, ev), 0);
	while (core_next(c, &act)) {
		if (act.ticket != 0)
			stored.ticket = act.ticket;
		assert_true(n < ASKED_MAX);
		n += answer_of(&act, &answers[n]);
		told += act.kind == ACTION_EVENT && strcmp(act.to.bare, BOB) == 0;
		told_ourselves += act.kind == ACTION_EVENT && strcmp(act.to.bare, BRIDGE_A) == 0;
	}
	if (stored.ticket != 0 && ev->kind != EVENT_STORED)
		takes(c, now, &stored);
	for (i = 0; i < n; i++)
		takes(c, now, &answers[i]);
}

/* ALICE has enrolled with a component of this name, and accepted its request. */
static void
has_a_bridge(struct core *c, const struct instant *now, const char *domain, const char *bridge)
{
	struct event ev = {.kind = EVENT_LOADED};

	takes(c, now, &ev);
	ev.kind = EVENT_LINK_UP;
	takes(c, now, &ev);
	ev = (struct event){ .kind = EVENT_COMMAND, .from = {ALICE, "x"}, .to = {domain, NULL} };
	ev.command.id = "c";
	ev.command.node = "enrol";
	ev.command.set = true;
	ev.command.action = COMMAND_EXECUTE;
	takes(c, now, &ev);
	ev = (struct event){ .kind = EVENT_PRESENCE, .from = {ALICE, NULL}, .to = {bridge, NULL} };
	ev.presence.type = PRESENCE_SUBSCRIBED;
	takes(c, now, &ev);
}

/* A component whose own domain has two forms, and what its user wants to link: the answer's text. */
static enum text_id
answer_to_link(struct core *c, const struct instant *now, const char *jid)
{
	struct form_value fields[] = { {"jid", jid} };
	struct event ev = { .kind = EVENT_COMMAND, .from = {ALICE, "x"}, .to = {OURS, NULL} };
	enum text_id said = TEXT_NONE;
	struct action act;

	ev.command.id = "c";
	ev.command.node = "link";
	ev.command.set = true;
	ev.command.action = COMMAND_EXECUTE;
	ev.command.fields = fields;
	ev.command.nfields = 1;
	assert_int_equal(core_feed(c, now, &ev), 0);
	while (core_next(c, &act)) {
		if (act.kind == ACTION_COMMAND_REPLY)
			said = act.reply.note.id;
	}
	return said;
}

static void
our_own_addresses_are_no_devices_in_either_form(void **state)
{
	static const char *const ours[] = {"x@" OURS_A, "x@" OURS, "x@sub." OURS_A, "x@sub." OURS};
	const struct instant now = {1000000, 1700000000000};
	struct core *c;
	size_t i;

	(void)state;
	settings.domain = OURS;
	c = another_core();
	has_a_bridge(c, &now, OURS, OUR_ALICE);
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert_int_equal(answer_to_link(c, &now, ours[i]), TEXT_LINK_SERVICE);
	/* It is written first, and no answer says anything yet. */
	assert_int_equal(answer_to_link(c, &now, "x@anderepräsenz.test"), TEXT_NONE);
	core_free(c);
	settings.domain = DOMAIN;
}

/* Bridges are in the rosters of accounts that are devices, and the server routes either form to us. */
static void
our_bridges_are_no_contacts_in_either_form(void **state)
{
	struct event tick = {.kind = EVENT_TICK}, ev;
	struct instant now = {1000000, 1700000000000};
	struct core *c;
	unsigned i;

	(void)state;
	settings.domain = OURS;
	c = another_core();
	told = told_ourselves = 0;
	has_a_bridge(c, &now, OURS, OUR_ALICE);
	ev = (struct event){ .kind = EVENT_GRANT, .from = {"home.test", NULL}, .to = {OURS, NULL} };
	ev.grant =
	    (struct grant_event){.version = 2, .roster = MAY_GET, .message = true, .iq_pubsub = MAY_GET | MAY_SET};
	takes(c, &now, &ev);
	for (i = 0; i < 6; i++) {
		now.mono_ms += 500;
		now.wall_ms += 500;
		takes(c, &now, &tick);
	}
	assert_true(told > 0);
	assert_int_equal(told_ourselves, 0);
	core_free(c);
	settings.domain = DOMAIN;
}

/* She was told that it is shown; she is told when it isn't any more. */
static void
whose_account_ends_it_is_told_once(void **state)
{
	(void)state;
	has_a_desk_phone(GRANT_ALL);
	forget_sent();
	ends(DESK);
	ends(DESK);
	writes(DESK "/phone", "no");
	assert_int_equal(times_told(ALICE, "has ended its link"), 1);
	assert_int_equal(messages_sent(ALICE), 1);
}

static void
whose_account_refuses_is_told(void **state)
{
	(void)state;
	has_enrolled(GRANT_ALL);
	links(DESK, "Desk phone");
	writes(DESK "/phone", "no");
	assert_told(ALICE, "not agreed to be your device \"Desk phone\"");
	links("carol@work.test", "Carol's");
	forget_sent();
	ends("carol@work.test");
	assert_told(ALICE, "not agreed");
}

static void
who_ends_it_herself_is_told_by_the_answer_alone(void **state)
{
	(void)state;
	has_a_desk_phone(GRANT_ALL);
	forget_sent();
	runs(ALICE "/laptop", "unlink", "device", device_id("Desk phone"), NULL);
	succeeds();
	assert_int_equal(messages_sent(ALICE), 0);
}

/* Whoever has her name by now: it is not told whose account was linked. */
static void
who_is_not_known_to_stand_is_not_told(void **state)
{
	(void)state;
	has_a_desk_phone(GRANT_ALL);
	answers_no_probe(ALICE, true);
	link_down();
	link_up();
	forget_sent();
	ends(DESK);
	assert_int_equal(messages_sent(ALICE), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_has_no_label_is_called_by_its_kind_and_not_by_its_address),
		TEST(a_number_tells_one_from_the_other),
		TEST(a_label_that_tells_the_address_is_refused),
		TEST(nor_in_the_other_form_of_its_domain),
		TEST(what_has_ended_is_not_written_again),
		TEST(what_the_roster_group_calls_by_its_address_is_called_by_its_kind),
		TEST(a_row_of_an_earlier_version_does_not_publish_its_address),
		TEST(nor_the_beginning_of_a_long_one),
		TEST(a_resource_is_called_by_its_name),
		TEST(a_stranger_is_one_in_whatever_form_he_is_asked),
		TEST(who_is_linked_in_one_form_is_in_the_other),
		TEST(our_own_addresses_are_no_devices_in_either_form),
		TEST(our_bridges_are_no_contacts_in_either_form),
		TEST(whose_account_ends_it_is_told_once),
		TEST(whose_account_refuses_is_told),
		TEST(who_ends_it_herself_is_told_by_the_answer_alone),
		TEST(who_is_not_known_to_stand_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
