"""Who may agree, end, enrol and command: rows 8, 9, 11 to 13 and 24 of doc/threats.md."""
import asyncio, re
import pytest
from clients import COMMANDS, DATA, bridge
from items import NODE
from remote import REMOTE
from serverconf import ECHO, HOME, PRESENCE
from siege import Siege

pytestmark = pytest.mark.variant("federated")

EXECUTES = 10_000


def command(node, id="c", action="execute", session="", **fields):
    form = "".join(f"<field var='{k}'><value>{v}</value></field>" for k, v in fields.items())
    return (f"<iq type='set' id='{id}'{{}} to='{PRESENCE}'><command xmlns='{COMMANDS}' node='{node}' action='{action}'"
            + (f" sessionid='{session}'" if session else "") + ">" + (f"<x xmlns='{DATA}' type='submit'>{form}</x>" if fields else "")
            + "</command></iq>")


class Far:
    """alice has linked an account of the remote server, which has agreed."""

    @classmethod
    async def linked(cls, siege):
        self, scene = cls(), siege.scene
        self.link, self.jid, self.bridge = await siege.remote(), f"far{scene.n}@{REMOTE}", scene.bridge
        await scene.link(siege.laptop, self.jid, label="Far phone")
        self.agrees()
        await siege.bob.sees_states(scene.alice, Far_phone="away", timeout=15)
        return self

    def says(self, type, show=""):
        self.link.send(f"<presence{type and f' type={type!r}'} from='{self.jid}/x' to='{self.bridge}'>{show and f'<show>{show}</show>'}</presence>")

    def agrees(self):
        self.link.send(f"<presence type='subscribed' from='{self.jid}' to='{self.bridge}'/>",
                       f"<message type='chat' from='{self.jid}/x' to='{self.bridge}'><body>yes</body></message>")
        self.says("", "away")


# -- 8
async def test_nobody_else_agrees_for_an_account(scene):
    siege = await Siege.begin(scene)
    carol = await scene.raw("carol")
    eve, link, other, false = await scene.raw("eve"), await siege.remote(), await scene.other_component(), await siege.remote()
    await scene.link(siege.laptop, carol.me, label="Carol's")
    await carol.inbox.wait(lambda s: s != "closed" and s.type == "subscribe", "the request")
    await siege.quiet()
    name = carol.me.partition("@")[0]
    for who, sender in ((eve, ""), (link, f" from='{name}@{REMOTE}/x'"), (link, f" from='{HOME}@{REMOTE}'"), (other, f" from='{name}@{ECHO}/x'")):
        who.send(f"<presence{sender} type='subscribed' to='{scene.bridge}'/>",
                 f"<message{sender} type='chat' to='{scene.bridge}'><body>yes</body></message>",
                 command("confirm").format(sender), command("confirm", account=scene.alice).format(sender),
                 f"<presence{sender} to='{scene.bridge}'><show>chat</show></presence>")
    carol.send(f"<message type='groupchat' to='{scene.bridge}'><body>yes</body></message>",
               f"<message type='chat' to='{scene.bridge}'><subject>yes</subject></message>")
    for address in (carol.me, scene.desk, scene.alice, HOME):       # what isn't its own domain a server may not say
        false.send(f"<presence from='{address}/x' type='subscribed' to='{scene.bridge}'/>")
    await siege.fence(false, or_closed=True)
    more = await siege.more(eve, link, other, carol)
    came = siege.from_("eve", name, HOME + "@")
    asked = [s for s in came if s.name == "iq"]
    assert len(asked) == (8 if scene.lab.kind == "prosody" else 6), "ejabberd drops a component's requests to another"
    approvals = [s for s in came if s.type == "subscribed"]
    assert not [s for s in approvals if s.sender.startswith(carol.me)], "what another server says in carol's name"
    assert more["commands"] == more["denied"] == len(asked), "nobody waits for their answer"
    assert more["strangers"] == len([s for s in came if s.name == "presence"]) + 4 + 1
    assert (await siege.laptop.command("devices")).items[-1]["label"]
    await siege.unmoved()


# -- 9
async def test_an_end_twice_is_an_end_and_nothing_revives_it(scene):
    siege = await Siege.begin(scene)
    far = await Far.linked(siege)
    await siege.quiet()
    for type in ("unsubscribed", "unsubscribed", "unsubscribe", "unavailable", "unsubscribed", "unsubscribe"):
        far.says(type)
    await siege.bob.sees(scene.alice, lambda i: "Far phone" not in i, "item without the far phone", timeout=15)
    far.agrees()
    far.says("", "chat")
    more = await siege.more(far.link)
    ended = scene.component.log.since(siege.logged, lambda l: l["event"] == "device.ended")
    assert len(ended) == 1 and (more["devices"], more["resources"]) == (-1, -1)
    assert more["strangers"] == 9, "all but the first"
    siege.wire = scene.tap.stanzas.mark()
    calm = {k: v for k, v in siege.calm.items() if k != "Far phone"}
    await siege.unmoved(calm=calm)


async def test_a_deleted_account_is_shown_no_more(scene):
    siege = await Siege.begin(scene)
    siege.desk.send_raw("<iq type='set' id='bye'><query xmlns='jabber:iq:register'><remove/></query></iq>")
    await siege.bob.sees(scene.alice, lambda i: "Desk phone" not in i, "item without the desk phone", timeout=15)
    await scene.component.event("device.ended", account=scene.desk, by="account", since=siege.logged)
    assert (await siege.more())["devices"] == -1
    siege.laptop.presence(show="away")
    assert "Desk phone" not in await siege.bob.sees_states(scene.alice, laptop="away", timeout=15)
    siege.intact()


# -- 24: what one user does is not what all have to bear
async def test_an_item_that_its_devices_flood_is_still_published(scene):
    siege = await Siege.begin(scene)
    mallory = await scene.client("mallory", "m", notify=[NODE])
    await scene.enrol_other(mallory)
    link, mine = await siege.remote(), bridge(mallory.me)
    await siege.quiet()
    for d in range(4):
        far = f"far{d}x{scene.n}@{REMOTE}"
        await scene.link(mallory, far, label=f"Far {d}", status_text=1)
        link.send(f"<presence type='subscribed' from='{far}' to='{mine}'/>",
                  f"<message type='chat' from='{far}/x' to='{mine}'><body>yes</body></message>",
                  *(f"<presence from='{far}/{r}' to='{mine}'><show>dnd</show><status>{'&apos;' * 1024}</status></presence>" for r in range(40)))
    item = await mallory.sees(mallory.me, lambda i: all(i.state(f"Far {d}") == "dnd" for d in range(4)), "all four devices", timeout=20)
    assert len(item.xml) < 250_000 and item.state("m") == "available"
    more = await siege.more(link)
    assert (more["users"], more["blocked"], more["errors"], more["dropped"]) == (0, 0, 0, 0) and more["resources"] <= 4 * 16
    await siege.unmoved()


async def test_who_blocks_the_component_cuts_nobody_off(scene):
    siege = await Siege.begin(scene)
    mallory = await scene.raw("mallory")
    await siege.quiet()
    mallory.send(f"<iq type='set' id='enrol' to='{PRESENCE}'><command xmlns='{COMMANDS}' node='enrol' action='execute'/></iq>",
                 f"<iq type='set' id='block'><block xmlns='urn:xmpp:blocking'><item jid='{PRESENCE}'/></block></iq>")
    await scene.component.event("user.enrolled", user=mallory.me, since=siege.logged)
    roster = await scene.tap.stanzas.wait(lambda d: d[0] == "<" and not isinstance(d[1], str) and d[1].sender == mallory.me
                                          and d[1].type in ("result", "error"), "her roster, or none", since=siege.wire)
    assert roster[1].type == ("error" if scene.lab.kind == "prosody" else "result")
    await siege.unmoved()


# -- 11
def swapped(raw):
    """A stanza sent back to where it came from."""
    tag, end, rest = raw.partition(">")
    tag = re.sub(r"\b(from|to)=", lambda m: "to=" if m[1] == "from" else "from=", tag)
    return tag + end + rest


async def test_a_device_that_sends_everything_back_feeds_nothing(scene):
    siege = await Siege.begin(scene)
    link, inbox, mirror = await siege.remote(), scene.lab.remote.inbox, f"mirror{scene.n}@{REMOTE}"
    at = inbox.mark()

    async def reflect():
        nonlocal at
        while True:
            s = await inbox.wait(lambda s: True, "anything", 60, at)
            at += 1
            link.send(swapped(s.raw))
    task = asyncio.ensure_future(reflect())
    await siege.quiet()
    await scene.link(siege.laptop, mirror, label="Mirror")
    await scene.tap.stanzas.wait(lambda d: d[0] == "<" and not isinstance(d[1], str) and d[1].has("Answer yes") and d[1].sender == mirror,
                                 "our question, back", since=siege.wire)
    said = None
    while said != len(siege.said_to(mirror)):           # until a round brings nothing more
        said = len(siege.said_to(mirror))
        await siege.fence(link)
        assert said < 20, [str(s) for s in siege.said_to(mirror)]
    task.cancel()
    await siege.unmoved()


async def test_two_accounts_are_not_each_others_devices(scene):
    siege = await Siege.begin(scene)
    mallory = await scene.client("mallory", "m")
    await scene.enrol_other(mallory)
    await scene.link(siege.laptop, mallory.me, label="Hers")
    await siege.quiet()
    for jid in (scene.alice, scene.alice.upper(), scene.bridge, f"x@{PRESENCE}", f"x@sub.{PRESENCE}", PRESENCE):
        answer = await mallory.command("link", {"jid": jid, "label": "x", "kind": "other", "visibility": "contacts"})
        assert not answer.done, answer
    more = await siege.more()
    assert (more["denied"], more["devices"]) == (6, 0)
    await siege.unmoved()


# -- 12
async def test_whatever_a_form_says_the_sender_commands_his_own(scene):
    siege = await Siege.begin(scene)
    mallory = await scene.client("mallory", "m")
    await scene.enrol_other(mallory)
    eve, link, other = await scene.raw("eve"), await siege.remote(), await scene.other_component()
    hers = await scene.device_ids(siege.laptop)
    await siege.quiet()
    named = {k: scene.alice for k in ("primary", "user", "account", "from", "owner", "accountjid", "FORM_TYPE")}
    for node in ("enrol", "link", "edit", "unlink", "leave", "confirm", "devices"):
        for id in hers.values():
            fields = dict(named, device=id, jid="x@" + REMOTE, label="Stolen", kind="other", visibility="contacts")
            if node != "enrol":             # that, she may
                eve.send(command(node, **fields).format(""))
            link.send(command(node, **fields).format(f" from='{scene.alice.replace(HOME, REMOTE)}/laptop'"))
            if node in ("edit", "unlink", "devices"):
                mallory.send_raw(command(node, **fields).format(""))
    await mallory.fence(PRESENCE)
    more = await siege.more(eve, link, other)
    assert (more["commands"], more["denied"]) == (32, 30), "all but mallory's own list"
    assert more["users"] == more["devices"] == 0
    assert await scene.device_ids(siege.laptop) == hers
    await siege.unmoved()


# -- 13
async def test_a_session_is_its_clients_alone(scene):
    siege = await Siege.begin(scene)
    tablet, eve, link = await scene.raw("alice", "tablet"), await scene.raw("eve"), await siege.remote()
    answer = await siege.laptop.command("leave")
    assert answer.status == "executing"
    await siege.quiet()
    for n, (node, action) in enumerate((n, a) for n in ("leave", "unlink") for a in ("execute", "complete", "cancel", "next", "prev", "evil")):
        for who, sender in ((tablet, ""), (eve, ""), (link, f" from='{scene.alice.replace(HOME, REMOTE)}/laptop'")):
            who.send(command(node, f"c{n}", action, answer.session, confirm="1").format(sender))
            who.send(command(node, f"c{n}", action, "a" * len(answer.session), confirm="1").format(sender))
    more = await siege.more(tablet, eve, link)
    assert more["commands"] == more["denied"] == 72 and more["users"] == 0
    canceled = await siege.laptop.iq("set", PRESENCE, f"<command xmlns='{COMMANDS}' node='leave' action='cancel' sessionid='{answer.session}'/>")
    assert canceled.find("{%s}command" % COMMANDS).get("status") == "canceled", "it was still hers"
    siege.calm["tablet"] = ("other", [("available", "")])
    await siege.unmoved()


@pytest.mark.timeout_s(90)
async def test_ten_thousand_commands_take_no_memory_and_nobodys_session(scene):
    siege = await Siege.begin(scene)
    mallory, eve = await scene.raw("mallory"), await scene.raw("eve")
    await mallory.iq("set", PRESENCE, f"<command xmlns='{COMMANDS}' node='enrol' action='execute'/>")
    mallory.send(f"<presence type='subscribed' to='{bridge(mallory.me)}'/>")
    answer = await siege.laptop.command("leave")
    mallory.send(command("link", "m").format("") * 1000)       # what buffers take, they have taken
    await siege.fence(mallory, timeout=60)
    await siege.quiet()
    for who, n in ((mallory, EXECUTES // 10), (eve, EXECUTES - EXECUTES // 10)):
        who.send(command("link", "m").format("") * n)
    more = await siege.more(mallory, eve, timeout=60)
    assert more["commands"] == EXECUTES and more["denied"] == EXECUTES - EXECUTES // 10
    assert more["rss-kib"] < 1024, more
    canceled = await siege.laptop.iq("set", PRESENCE, f"<command xmlns='{COMMANDS}' node='leave' action='cancel' sessionid='{answer.session}'/>")
    assert canceled.find("{%s}command" % COMMANDS).get("status") == "canceled"
    await siege.unmoved()
