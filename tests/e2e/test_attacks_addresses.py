"""Who says it: rows 1 to 7 of doc/threats.md, by a local user, another component and a remote server."""
import pytest
from clients import bridge
from items import NODE
from remote import REMOTE
from serverconf import ECHO, HOME, PRESENCE, PUBSUB, WORK
from siege import Siege
from stanzas import attr

pytestmark = pytest.mark.variant("federated")

GRANT = "<privilege xmlns='urn:xmpp:privilege:{}'><perm access='{}' type='{}'/></privilege>"
DISCO = "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' type='{}'/></query>"


# -- 0: what all of it rests on
async def test_nobody_speaks_in_anothers_name(scene):
    siege = await Siege.begin(scene)
    await siege.quiet()
    for sender in (f"{scene.desk}/fixed", f"{scene.alice}/laptop", scene.alice, HOME, PRESENCE, f"x@{PRESENCE}", "x@other.test"):
        for who in (await scene.raw("eve"), await siege.remote(), await scene.other_component()):
            who.send(f"<presence from='{sender}' type='unavailable' to='{scene.bridge}'/>",
                     f"<message from='{sender}' to='{PRESENCE}'>{GRANT.format(1, 'roster', 'none')}</message>")
            await siege.fence(who, or_closed=True)
            who.abort()
    more = await siege.more()
    assert not siege.arrived(lambda s: s.name != "iq" and not s.sender.startswith("eve")), "the server believed it"
    came = [s.name for s in siege.from_("eve")]          # in her own name, if at all
    assert (more["strangers"], more["ignored"]) == (came.count("presence"), came.count("message"))
    await siege.unmoved()


# -- 1
async def test_a_prefixed_attribute_is_not_the_plain_one(scene):
    siege = await Siege.begin(scene)
    eve, link = await scene.raw("eve"), await siege.remote()
    await siege.quiet()
    forged = f"x:from='{scene.desk}/fixed' x:to='{scene.bridge}' x:type='unavailable'"
    for ns in ("urn:evil", "jabber:component:accept", "jabber:client", "jabber:server"):
        eve.send(f"<presence xmlns:x='{ns}' {forged} to='{scene.bridge}'><show>chat</show></presence>")
        link.send(f"<presence xmlns:x='{ns}' {forged} from='eve@{REMOTE}/x' to='{scene.bridge}'><show>chat</show></presence>")
    more = await siege.more(eve, link)
    came = siege.arrived(lambda s: s.name == "presence")
    assert len(came) == 8 and all(s.sender.startswith("eve") for s in came)
    with_forged = [s for s in came if s.has(":from=")]      # Prosody passes them on, in any order; ejabberd takes them off
    assert len(with_forged) == (8 if scene.lab.kind == "prosody" else 0)
    assert more["strangers"] == 8
    for ns in ("urn:evil", "jabber:component:accept"):          # and whatever a server makes of them
        for mine in (f"{forged} from='eve@{REMOTE}/x' to='{scene.bridge}'", f"from='eve@{REMOTE}/x' to='{scene.bridge}' {forged}"):
            scene.tap.whisper(f"<presence xmlns:x='{ns}' {mine}><show>chat</show></presence>")
    assert (await siege.more())["strangers"] == 12
    await siege.unmoved()


async def test_an_element_of_another_namespace_is_not_the_familiar_one(scene):
    siege = await Siege.begin(scene)
    eve = await scene.raw("eve")
    await siege.quiet()
    siege.desk.send_raw("<presence><show xmlns='urn:evil'>chat</show><x:status xmlns:x='urn:evil'>evil</x:status><show>dnd</show>"
                        "<idle xmlns='urn:evil' since='1999-01-01T00:00:00Z'/><priority xmlns='urn:evil'>127</priority></presence>")
    await siege.desk.fence(PRESENCE)
    refused = await eve.iq("set", PRESENCE, "<command xmlns='urn:evil' node='enrol' action='execute'/>")
    assert refused.type == "error"
    eve.send(f"<message to='{scene.bridge}'><body xmlns='urn:evil'>yes</body></message>")
    more = await siege.more(eve)
    assert (more["denied"], more["ignored"], more["users"], more["commands"]) == (1, 1, 0, 0)
    await siege.unmoved()


# -- 2
async def test_a_grant_counts_only_from_our_own_servers_bare_domain(scene):
    siege = await Siege.begin(scene)
    eve, link, other = await scene.raw("eve"), await siege.remote(), await scene.other_component()
    alike = await scene.client(HOME, HOME, host=WORK)       # home.test1@work.test/home.test
    below = await siege.remote(f"{HOME}.{REMOTE}")
    await siege.quiet()
    senders = [(eve, ""), (link, f" from='{REMOTE}'"), (link, f" from='{HOME}@{REMOTE}'"), (other, f" from='{ECHO}'"),
               (below, f" from='{HOME}.{REMOTE}'")]
    for version in (1, 2):
        for access, type in (("roster", "none"), ("message", "none"), ("presence", "roster")):
            for who, sender in senders:
                who.send(f"<message{sender} to='{PRESENCE}'>{GRANT.format(version, access, type)}</message>")
            alike.send_raw(f"<message to='{PRESENCE}'>{GRANT.format(version, access, type)}</message>")
    await alike.fence(PRESENCE)
    more = await siege.more(eve, link, other, below)
    n = 9 if scene.lab.kind == "prosody" else 18        # which keeps those of the newer version to itself
    assert len(siege.arrived(lambda s: s.name == "message")) == 2 * n
    assert (more["strangers"], more["ignored"]) == (n, n)       # of bare domains; of users, who can grant nothing at all
    told = scene.component.log.since(siege.logged, lambda l: l["event"].startswith("grant"))
    assert [l["event"] for l in told] == ["grant.ignored"], "once in a minute"
    await siege.unmoved()


# -- 3
async def test_a_roster_that_nobody_asked_for_is_nobodys(scene):
    siege = await Siege.begin(scene)
    eve, link, other = await scene.raw("eve"), await siege.remote(), await scene.other_component()
    await siege.quiet()
    evil = f"<query xmlns='jabber:iq:roster'><item jid='{scene.jid('mallory')}' subscription='both'><group>Devices</group></item></query>"
    n = 0
    for to in (PRESENCE, scene.bridge):
        for type in ("set", "result"):
            for who, sender in ((eve, ""), (link, f" from='{REMOTE}'"), (link, f" from='alice@{REMOTE}'"), (other, f" from='{ECHO}'")):
                n += 1
                who.send(f"<iq type='{type}' id='push{n}'{sender} to='{to}'>{evil}</iq>")
            siege.laptop.send_raw(f"<iq type='{type}' id='push{n}' to='{to}'>{evil}</iq>")      # a client is not its server
    await siege.laptop.fence(PRESENCE)
    more = await siege.more(eve, link, other)
    came = siege.arrived(lambda s: (s.id or "").startswith("push"))
    sets = [s for s in came if s.type == "set"]
    if scene.lab.kind == "prosody":         # which refuses roster sets for the addresses of a component's users
        assert len(came) == 15 and not [s for s in sets if s.to != PRESENCE]
    else:                                   # which drops a component's requests and full answers to another
        assert len(came) == 16 and not [s for s in came if s.sender == ECHO]
    assert (more["strangers"], more["denied"], more["devices"]) == (len(came), len(sets), 0)
    assert not siege.said_to(scene.jid("mallory")), "asked whether it would be a device"
    await siege.unmoved()


# -- 4
async def test_an_answer_counts_once_and_from_the_peer_that_was_asked(scene):
    siege = await Siege.begin(scene)
    eve, link = await scene.raw("eve"), await siege.remote()
    tablet = await scene.raw("alice", "tablet")
    question = await tablet.inbox.wait(lambda s: s != "closed" and s.name == "iq" and s.type == "get" and s.has("disco#info"), "the question")
    await siege.bob.sees_states(scene.alice, tablet="available", timeout=15)
    await siege.quiet()
    answer = "<iq type='result' id='%s'{} to='{}'>%s</iq>" % (question.id, DISCO)
    guessed = answer.replace(question.id, "a" * len(question.id))
    eve.send(answer.format("", question.sender, "phone"), guessed.format("", question.sender, "phone"))
    link.send(answer.format(f" from='{scene.alice.replace(HOME, REMOTE)}/tablet'", question.sender, "phone"))
    tablet.send(answer.format("", PRESENCE, "phone"), guessed.format("", question.sender, "phone"))
    siege.laptop.send_raw(answer.format("", question.sender, "phone"))
    await siege.laptop.fence(PRESENCE)
    more = await siege.more(eve, link, tablet)
    assert more["strangers"] == 6
    tablet.send(answer.format("", question.sender, "pc"), answer.format("", question.sender, "phone"))
    await siege.bob.sees(scene.alice, lambda i: i["tablet"].kind == "computer", "what the one that was asked says", timeout=15)
    more = await siege.more(tablet)
    assert more["strangers"] == 7, "and once"
    siege.wire = scene.tap.stanzas.mark()
    await siege.unmoved(calm={**siege.calm, "tablet": ("computer", siege.calm["tablet"][1])})


async def test_a_forged_answer_to_a_publish_is_a_strangers(scene):
    siege = await Siege.begin(scene)
    eve, link, other = await scene.raw("eve"), await siege.remote(), await scene.other_component()
    await siege.quiet()
    for publish in scene.tap.publishes(scene.alice, NODE)[-2:]:
        inner = f"<iq xmlns='jabber:client' type='error' id='{publish.id}' from='{scene.alice}' to='{scene.alice}'><error type='auth'><forbidden " \
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        for payload in (f"<pubsub xmlns='{PUBSUB}'/>", f"<privilege xmlns='urn:xmpp:privilege:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}"
                        "</forwarded></privilege>"):
            for type in ("result", "error"):
                for who, sender in ((eve, ""), (link, f" from='{REMOTE}'"), (other, f" from='{ECHO}'")):
                    who.send(f"<iq type='{type}' id='{publish.id}'{sender} to='{publish.sender}'>{payload}</iq>")
    more = await siege.more(eve, link, other)
    came = siege.arrived(lambda s: s.type in ("result", "error"))
    assert more["strangers"] == len(came) >= 10
    assert (more["errors"], more["blocked"]) == (0, 0)
    await siege.unmoved()


# -- 5
async def test_a_strangers_presence_makes_no_state_and_no_answer(scene):
    siege = await Siege.begin(scene)
    eve, link, other = await scene.raw("eve"), await siege.remote(), await scene.other_component()
    await siege.quiet()
    for to in (scene.bridge, f"{scene.bridge}/x", PRESENCE, f"{PRESENCE}/x", f"nobody@{PRESENCE}", bridge(eve.me)):
        for type in ("", "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error", "invisible"):
            for who, sender in ((eve, ""), (link, f" from='eve@{REMOTE}/x'"), (other, f" from='eve@{ECHO}/x'")):
                who.send(f"<presence{sender}" + (f" type='{type}'" if type else "") + f" to='{to}'><show>chat</show></presence>")
    more = await siege.more(link, other, eve)
    came = siege.from_("eve")
    presences = [s for s in came if s.name == "presence"]
    unknown = [s for s in presences if s.type == "invisible"]
    assert len([s for s in presences if REMOTE in s.sender]) >= 40, "the server lets most of it through"
    assert more["strangers"] == len(presences) - len(unknown) and more["ignored"] == len(unknown)
    assert not any(more[k] for k in ("users", "devices", "resources", "queries", "published", "denied"))
    assert not siege.said_to("eve"), "an answer"
    await siege.unmoved()


# -- 6
async def test_a_device_belongs_to_the_user_whose_address_the_stanza_names(scene):
    siege = await Siege.begin(scene)
    mallory = await scene.client("mallory", "m", notify=[NODE])
    await scene.enrol_other(mallory)
    await mallory.sees(mallory.me, lambda i: set(i) == {"m"}, "her own client", timeout=15)
    link = await siege.remote()
    await siege.quiet()
    for to in (bridge(mallory.me), bridge(mallory.me) + "/x", PRESENCE, PRESENCE + "/x", bridge(scene.bob)):
        siege.desk.presence(to=to, show="chat", status="not hers")
        siege.desk.presence(to=to, type="unavailable")
    mallory.presence(to=scene.bridge, show="chat")
    link.send(f"<presence from='{scene.alice.replace(HOME, REMOTE)}/laptop' to='{PRESENCE}'><show>chat</show></presence>")
    for client in (siege.desk, mallory):
        await client.fence(PRESENCE)
    more = await siege.more(link)
    assert more["strangers"] == 12 and more["resources"] == more["devices"] == 0
    await siege.unmoved()
    assert set(await mallory.fetch(mallory.me)) == {"m"}


# -- 7
BAD = [         # from, to; {} is the remote server, [] alice's bridge
    ("{}", "[]"),
    ("{}/x", "[]"),
    ("ALICE\\40HOME.TEST@{}/x", "[]"),
    ("eve@{}/x", "alice\\40\u0440@" + PRESENCE),
    ("eve@{}/x", PRESENCE + "."),
    ("a@b@{}/x", "[]"),         # from here on they are no addresses
    ("@{}/x", "[]"),
    ("a@{}/", "[]"),
    ("a b@{}/x", "[]"),
    ("<&'>@{}", "[]"),
    ("a\u200b@{}/\ue000", "[]"),
    ("a" * 1024 + "@{}/x", "[]"),
    ("a@{}/" + "r" * 1024, "[]"),
    ("eve@{}/x", ""),
    ("eve@{}/x", "@" + PRESENCE),
    ("eve@{}/x", "a@b@" + PRESENCE),
    ("eve@{}/x", PRESENCE + "/"),
    ("eve@{}/x", "b" * 1024 + "@" + PRESENCE),
]
STANZAS = ("<presence from={} to={}><show>chat</show></presence>", "<message from={} to={}><body>yes</body></message>",
           "<iq type='get' id='bad' from={} to={}><ping xmlns='urn:xmpp:ping'/></iq>")


def bad(scene):
    return [tuple(attr(x.replace("{}", REMOTE).replace("[]", scene.bridge)) for x in pair) for pair in BAD]


async def test_of_bad_addresses_the_server_lets_few_through_and_those_are_strangers(scene):
    siege = await Siege.begin(scene)
    await siege.quiet()
    for pair in bad(scene):
        link = await siege.remote()
        link.send(*(s.format(*pair) for s in STANZAS))
        await siege.fence(link, or_closed=True)         # a server may end the connection for that
    more = await siege.more()
    came = siege.arrived(lambda s: REMOTE in s.sender)
    through = 4 if scene.lab.kind == "ejabberd" else 5      # and Prosody takes off the dot at the end of ours
    assert len(came) == 3 * through, [s.raw[:200] for s in came]
    assert more["strangers"] == 2 * through and more["ignored"] == 0
    await siege.unmoved()


async def test_a_bad_address_that_came_through_costs_its_stanza_and_nothing_else(scene):
    """As if our own server had let all of them pass, and stanzas without addresses."""
    siege = await Siege.begin(scene)
    stanzas = [s.format(*pair) for pair in bad(scene)[5:] for s in STANZAS]
    stanzas += [s.replace(" from={}", "").format(attr(scene.bridge)) for s in STANZAS]
    stanzas += [s.replace(" to={}", "").format(attr(scene.desk)) for s in STANZAS]
    await siege.quiet()
    for s in stanzas:
        scene.tap.whisper(s)
    more = await siege.more()
    assert more["ignored"] == len(stanzas)
    await siege.unmoved()


async def test_one_account_is_one_account_however_it_is_written(scene):
    siege = await Siege.begin(scene)
    link = await siege.remote()
    dev = f"dev{scene.n}@{REMOTE}"
    await scene.link(siege.laptop, dev, label="Far phone")
    link.send(f"<presence type='subscribed' from='{dev}' to='{scene.bridge}'/>",
              f"<message type='chat' from='{dev}/x' to='{scene.bridge}'><body>yes</body></message>",
              f"<presence from='{dev}/x' to='{scene.bridge}'><show>away</show></presence>")
    await siege.bob.sees_states(scene.alice, Far_phone="away", timeout=15)
    await siege.quiet()
    fullwidth = "".join(chr(ord(c) + 0xfee0) for c in "DEV") + f"{scene.n}@{REMOTE}"
    for account, show in ((dev.upper(), "away"), (fullwidth, "away"), (dev.replace("e", "\u0435", 1), "chat"), (dev.replace("@", "\\40x@"), "chat"),
                          ("x" + dev, "chat"), (dev.replace("dev", "d\u0117v"), "chat")):
        link = await siege.remote()
        link.send(f"<presence from='{account}/x' to='{scene.bridge.upper()}'><show>{show}</show></presence>")
        await siege.fence(link, or_closed=True)
    more = await siege.more()
    assert len(siege.arrived(lambda s: s.name == "presence")) == 6 and more["strangers"] == 4
    await siege.unmoved()
