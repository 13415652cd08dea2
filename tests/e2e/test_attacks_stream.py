"""What is said: rows 14 to 17, 19 and 20 of doc/threats.md."""
import itertools, time, unicodedata
import pytest
from items import NODE
from remote import REMOTE
from serverconf import ECHO, PRESENCE, WORK
from siege import Siege
from test_watch import WATCH, watcher

pytestmark = pytest.mark.variant("federated")

STANZAS, SENDERS = 20_000, 2_000


# -- 14
def huge():
    """Stanzas beyond a bound, each as what stands behind its address and what stands in it."""
    yield "bytes", "", f"<status>{'x' * 70_000}</status>"
    yield "more bytes", "", f"<status>{'&amp;' * 60_000}</status>"
    yield "depth", "", "<a xmlns='urn:evil'>" + "<a>" * 2_000 + "</a>" * 2_000 + "</a>"
    yield "elements", "", "<a xmlns='urn:evil'/>" + "<b/>" * 1_000
    yield "attributes", "".join(f" a{i}=''" for i in range(200)), ""
    yield "attributes inside", "", "<a xmlns='urn:evil'" + "".join(f" a{i}=''" for i in range(100)) + "/>"


async def test_what_is_huge_is_skipped_and_cuts_no_link(scene):
    siege = await Siege.begin(scene)
    await siege.quiet()
    for what, attrs, inside in huge():
        eve, link = await scene.raw(f"eve", what.replace(" ", "")), await siege.remote()
        eve.send(f"<presence to='{scene.bridge}'{attrs}>{inside}</presence>")
        link.send(f"<presence from='huge@{REMOTE}/{what}' to='{scene.bridge}'{attrs}>{inside}</presence>")
        await siege.fence(eve, link, or_closed=True)
    more = await siege.more()
    came = siege.arrived(lambda s: s.name == "presence" and s.to == scene.bridge)
    if scene.lab.kind == "ejabberd":        # which takes unknown attributes off a stanza
        came = [s for s in came if not s.sender.endswith("/attributes")]
    assert len(came) >= 9, "all but what is longer than a client may send"
    assert more["skipped"] == len(came)
    await siege.unmoved()


@pytest.mark.timeout_s(90)
async def test_what_is_more_than_huge_is_skipped_even_from_our_own_server(scene):
    """What the servers keep from us: as if they had let it pass."""
    siege = await Siege.begin(scene)
    await siege.quiet()
    sender = f"from='{scene.desk}/fixed' to='{scene.bridge}'"
    for stanza in (f"<presence {sender}>" + "<a>" * 100_000 + "</a>" * 100_000 + "</presence>",
                   f"<presence {sender}" + "".join(f" a{i}=''" for i in range(10_000)) + "/>",
                   f"<presence {sender}" + "".join(f" xmlns:a{i}='urn:{i}'" for i in range(10_000)) + "/>",
                   f"<presence {sender}><{'n' * 70_000} xmlns='urn:evil'/></presence>",
                   f"<presence {sender}><status>" + "x" * 8_000_000 + "</status></presence>",
                   f"<presence {sender}>" + "<x/>" * 200_000 + "</presence>"):
        scene.tap.whisper(stanza)
        await siege.laptop.fence(PRESENCE)
    more = await siege.more()
    assert more["skipped"] == 6 and more["rss-kib"] < 2048, more
    await siege.unmoved()


async def test_what_never_ends_does_not_arrive(scene):
    siege = await Siege.begin(scene)
    eve, link = await scene.raw("eve"), await siege.remote()
    await siege.quiet()
    eve.send(f"<message to='{scene.bridge}'><body>" + "x" * 100_000)
    link.send(f"<message from='eve@{REMOTE}' to='{scene.bridge}'><body>" + "x" * 400_000)
    await siege.remote()        # the server has read it, as far as it will, when it talks to us again
    more = await siege.more()
    assert not siege.from_("eve") and more["skipped"] == 0 and more["bytes-in"] < 10_000
    await siege.unmoved()


# -- 15
async def test_text_comments_and_instructions_between_stanzas_are_passed_over(scene):
    siege = await Siege.begin(scene)
    await siege.quiet()
    stray = ("302", "<!-- <presence/> -->", "<?evil <presence/>?>", "&lt;presence/&gt;", "<![CDATA[<presence/>]]>", "\u2028\u202e")
    for s in stray:
        scene.tap.whisper(s)
        await siege.laptop.fence(PRESENCE)
    more = await siege.more()
    assert more["stray"] == len(stray) and more["ignored"] == more["skipped"] == 0
    await siege.unmoved()


@pytest.mark.parametrize("markup", ["<!DOCTYPE x [<!ENTITY e 'evil'>]>", "<message><body>&evil;</body></message>"], ids=["doctype", "entity"])
async def test_a_document_type_or_an_entity_ends_the_stream_and_the_next_is_right(scene, markup):
    siege = await Siege.begin(scene)
    scene.tap.whisper(markup)
    down = await scene.component.event("link.down", since=siege.logged)
    assert down["reason"] == "protocol"
    await scene.component.event("ready", timeout=20, since=siege.logged)
    siege.desk.presence(show="xa")
    item = await siege.bob.sees_states(scene.alice, timeout=45, Desk_phone="xa")
    assert set(item) == {"laptop", "Desk phone"} and scene.component.process.pid == siege.pid
    await scene.component.restart()         # a new one waits less for its next connection


async def test_a_users_or_a_servers_markup_ends_their_own_stream(scene):
    siege = await Siege.begin(scene)
    await siege.quiet()
    for markup in ("<!DOCTYPE x [<!ENTITY e 'evil'>]>", "<!-- x -->", "<?evil x?>", "<presence to='{}'><status>&evil;</status></presence>"):
        eve, link = await scene.raw("eve"), await siege.remote()
        eve.send(markup.format(scene.bridge))
        link.send(markup.format(scene.bridge).replace("<presence", f"<presence from='eve@{REMOTE}'"))
        await siege.fence(eve, link, or_closed=True)
    more = await siege.more()
    assert not [s for s in siege.from_("eve") if s.to == scene.bridge] and more["stray"] == 0
    await siege.unmoved()


# -- 16
NASTY = [       # (bytes of an XML text, what is left of it); None: the server ends the stream of who says it
    (b"]]&gt;&lt;/status&gt;&lt;/resource&gt;&lt;/device&gt;&amp;amp;&#38;#60;", "]]></status></resource></device>&amp;&#60;"),
    (b"<![CDATA[</status><x/>&amp;]]>", "</status><x/>&amp;"),
    (b"'\"&apos;&quot;\\\\ %s %n ${x}", "'\"'\"\\\\ %s %n ${x}"),
    ("\u202eabc\u2066\u200f\U0001f4f1\U0010ffff\ufffd".encode(), "\u202eabc\u2066\u200f\U0001f4f1\U0010ffff\ufffd"),
    (b"a&#x1;b", None), (b"a\x01b", None), (b"a\x00b", None), (b"a&#0;b", None), (b"a\xed\xa0\x80b", None), (b"a\xc0\x80b", None), (b"a\xffb", None),
    (b"a&#xd800;b", None), (b"a&#xfffe;b", None), (b"a\xef\xbf\xbeb", None), (b"a\xef\xbf\xbfb", None), (b"</status></show>", None),
]


async def test_nasty_text_comes_out_as_it_was_or_clean(scene):
    siege = await Siege.begin(scene)
    await siege.quiet()
    for text, _ in (x for x in NASTY if x[1] is None):
        evil, link = await scene.raw("alice", "evil", host=WORK, available=False), await siege.remote()
        evil.send(f"<presence to='{scene.bridge}'><status>", text, "</status></presence>")
        link.send(f"<presence from='eve@{REMOTE}/x' to='{scene.bridge}'><status>", text, "</status></presence>")
        await evil.closed()
        await link.closed()
    await siege.more()
    assert not siege.arrived(lambda s: s.to == scene.bridge and s.name == "presence" and s.type is None)
    whole = b"".join(x for x, y in NASTY if y is not None)
    evil = await scene.raw("alice", "evil", host=WORK)
    evil.send("<presence><show>chat</show><status>", whole, "\u0085\u009b".encode(), "</status></presence>")
    item = await siege.bob.sees(scene.alice, lambda i: len(i["Desk phone"].statuses) == 1, "the status", timeout=15)
    (status,) = item["Desk phone"].statuses
    assert status.startswith("".join(y for _, y in NASTY if y is not None))
    evil.send("<presence type='unavailable'/>")
    await siege.bob.sees(scene.alice, lambda i: not i["Desk phone"].statuses, "the resource gone", timeout=20)
    siege.wire = scene.tap.stanzas.mark()
    await siege.unmoved()


async def test_a_nasty_label_is_a_label(scene):
    siege = await Siege.begin(scene)
    raw = await scene.raw("alice", "evil", available=False)
    device = (await scene.device_ids(siege.laptop))["Desk phone"]
    await siege.quiet()
    nasty = b"]]&gt;<![CDATA[</label>]]>&lt;x/&gt; &amp;amp;"
    raw.send(f"<iq type='set' id='l' to='{PRESENCE}'><command xmlns='http://jabber.org/protocol/commands' node='edit' action='execute'>"
             f"<x xmlns='jabber:x:data' type='submit'><field var='device'><value>{device}</value></field><field var='label'><value>",
             nasty, "</value></field></x></command></iq>")
    await siege.bob.sees(scene.alice, lambda i: "Desk phone" not in i, "another label", timeout=15)
    label = "]]></label><x/> &amp;"
    item = await siege.bob.sees(scene.alice, lambda i: label in i, f"the label {label}", timeout=1)
    assert set(item) == {label, "laptop"} and item.state(label) == "dnd"
    siege.intact()


# -- 17
def unprintable(text):
    return [c for c in text if not c.isprintable()]


async def test_no_line_of_the_log_moves_the_cursor_or_tells_a_status(scene):
    siege = await Siege.begin(scene)
    far, evil = f"far{scene.n}@{REMOTE}", "\u009b31m\u2028\u202e\u2066\u0085\n\r\t\u200b\u00ad"
    presence = "<presence{} from='%s' to='%s'><show>%s</show><status>secret words %s</status></presence>" % (far, scene.bridge, evil, evil)
    command = f"<command xmlns='http://jabber.org/protocol/commands' node='{evil}'/>"
    try:
        await scene.component.level("debug")
        await siege.quiet()
        await scene.link(siege.laptop, far, label="x" + evil)
        for stanza in (*(presence.format(type and f" type='{type}'") for type in ("subscribed", "error", "", "unsubscribed")),
                       presence.format("").replace(far, far + f"/{evil}"),
                       f"<message from='{REMOTE}' to='{PRESENCE}'><privilege xmlns='urn:xmpp:privilege:2'/>{evil}</message>",
                       f"<message type='chat' from='{far}' to='{scene.bridge}'><body>no{evil}</body></message>",
                       f"<iq type='set' id='{evil}' from='{far}/y' to='{PRESENCE}'>{command}</iq>"):
            link = await siege.remote()
            link.send(stanza)
            await siege.fence(link, or_closed=True)
        errors = "xmlns='urn:ietf:params:xml:ns:xmpp-streams'"
        scene.tap.whisper(f"<stream:error><system-shutdown {errors}/><text {errors}>{evil} event=ready {evil}</text></stream:error>")
        down = await scene.component.event("link.down", since=siege.logged)
        assert down["reason"] == "system-shutdown" and "event=ready" in down["text"]
    finally:
        await scene.component.level("info")
        await scene.component.restart()
    lines = [l[""] for l in scene.component.log.since(siege.logged)]
    assert len(lines) > 5 and not [l for l in lines if unprintable(l)]
    assert not [l for l in lines if "secret words" in l]


@pytest.mark.skipif(WATCH is None, reason="no polypresence-watch program; build it or set POLYPRESENCE_WATCH")
async def test_what_the_watcher_prints_moves_no_cursor(scene, tmp_path):
    siege = await Siege.begin(scene)
    evil = "\u009b31m\u009d0;x\u202e\u2066\u2028\u0085\u200f end"
    siege.desk.presence(show="away", status=evil)
    await siege.bob.sees(scene.alice, lambda i: any("end" in s for s in i["Desk phone"].statuses), "the status", timeout=15)
    async with watcher(scene, scene.bob, tmp_path, "--once") as run:
        out, err = await run.communicate()
    assert run.returncode == 0, err
    assert "end" in out.decode()
    assert not [c for c in out.decode() if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"], out


# -- 19, 20
def cpu(pid):
    """Processor time of a process, in seconds."""
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def crafted(n):
    """Localparts that collide in every table with a hash of the form h * 33 + c."""
    return ["".join(p) for p in itertools.islice(itertools.product(("ez", "fy"), repeat=12), n)]


STATE = "users", "devices", "resources", "published"


@pytest.mark.timeout_s(90)
async def test_a_flood_of_strangers_takes_no_memory_and_hides_nothing(scene):
    siege = await Siege.begin(scene)
    other = await scene.other_component()

    def flood(names, n):
        names = itertools.cycle(names)
        return "".join(f"<presence from='{next(names)}@{ECHO}/r' to='{scene.bridge}'><show>chat</show></presence>" for _ in range(n))
    usual = [f"stranger{i:06}" for i in range(SENDERS)]
    other.send(flood(usual, 1_000))         # what buffers take, they have taken
    await siege.fence(other)
    await siege.still(*STATE)
    took = []
    for names in (usual, crafted(SENDERS)):
        began = cpu(siege.pid)
        other.send(flood(names, STANZAS // 2))
        await siege.fence(other, timeout=40)
        took.append(cpu(siege.pid) - began)
    more = await siege.more()
    assert more["strangers"] == more["presences"] == STANZAS
    assert more["rss-kib"] < 512
    moved = {k: more[k] for k in (*STATE, "queued-bytes") if more[k]}
    assert not moved, f"{moved}\n" + scene.component.text(30)
    assert took[1] < 3 * took[0] + 0.1, f"{took} s"
    other.send(flood(usual, STANZAS // 5))
    await siege.unmoved()               # in the middle of it
    await siege.fence(other, timeout=40)
