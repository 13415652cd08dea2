"""Who else is on our line: a second connection of the same component, stanzas that are not for us; and that we are heard of."""
import asyncio, time
import pytest
from scene import SETTLE
from serverconf import ECHO, PRESENCE, SPARES
from stub import Stub
from waiting import eventually

pytestmark = pytest.mark.timeout_s(150)


def headlines(stanzas):
    return [s for s in stanzas if s.name == "message" and s.type == "headline" and s.to.startswith(PRESENCE + "/")]


async def anew(scene):
    """A new stream."""
    log = scene.component.log.mark()
    scene.tap.cut()
    await scene.component.event("link.down", since=log)
    await scene.component.event("ready", timeout=30, since=log)
    return log


def lines(scene, name, since):
    return [l for l in scene.component.log.since(since) if l.get("event") == name]


async def test_what_we_send_to_ourselves_comes_back_in_order(scene):
    wire = scene.tap.stanzas.mark()
    log = await anew(scene)
    await scene.tap.stanzas.until(lambda: len(headlines(scene.tap.received(since=wire))) >= 8, "eight headlines", 15, wire)
    sent, back = headlines(scene.tap.sent(since=wire)), headlines(scene.tap.received(since=wire))
    assert [s.to for s in sent[:8]] == [s.to for s in back[:8]] and len({s.to for s in sent}) == len(sent)
    assert {s.sender for s in back} == {PRESENCE}
    assert (await scene.component.stats())["shared"] == 0
    assert not lines(scene, "link.shared", log)


async def made_good(scene, ghost, laptop, desk, bob):
    """The other connection ends: that is noticed, and what changes then is seen within a minute."""
    log, began = scene.component.log.mark(), time.monotonic()
    ghost.close()
    desk.presence(show="xa")
    await scene.component.event("link.alone", timeout=40, since=log)
    await scene.component.event("link.down", since=log)
    await scene.component.event("ready", timeout=20, since=log)
    await bob.sees_states(scene.alice, timeout=60 - (time.monotonic() - began), Desk_phone="xa", laptop="available")
    assert (await scene.component.stats())["shared"] == 0
    desk.presence(show="away")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="away")


@pytest.mark.servers("ejabberd")
async def test_a_second_connection_is_said_and_its_end_made_good(scene):
    laptop, desk, bob = await scene.set_up()
    ghost = await Stub(scene.server.ports["component"]).connect()
    log = await anew(scene)                 # so that it is looked for at once
    line = await scene.component.event("link.shared", timeout=20, since=log)
    assert line["level"] == "warn" and "global_routes: false" in line["text"], line
    assert (await scene.component.stats())["shared"] == 1
    await made_good(scene, ghost, laptop, desk, bob)
    assert len(lines(scene, "link.shared", log)) == 1


@pytest.mark.slow
@pytest.mark.timeout_s(300)
@pytest.mark.servers("ejabberd")
async def test_a_second_connection_that_comes_later_is_said_within_seventy_seconds(scene):
    laptop, desk, bob = await scene.set_up()
    log = scene.component.log.mark()
    ghost = await Stub(scene.server.ports["component"]).connect()
    await scene.component.event("link.shared", timeout=70, since=log)
    await made_good(scene, ghost, laptop, desk, bob)


@pytest.mark.servers("prosody")
async def test_where_the_server_refuses_a_second_connection_nothing_is_said(scene):
    laptop, desk, bob = await scene.set_up()
    wire, log = scene.tap.stanzas.mark(), await anew(scene)
    with pytest.raises(AssertionError):
        await Stub(scene.server.ports["component"]).connect()
    await scene.tap.stanzas.until(lambda: len(headlines(scene.tap.received(since=wire))) >= 8, "eight headlines", 15, wire)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, Desk_phone="xa")
    assert not [l for l in scene.component.log.since(log) if l["event"].startswith(("link.shared", "link.foreign", "link.alone"))]


@pytest.mark.servers("ejabberd")
async def test_two_components_in_one_listener_are_told_of(healed):
    """ejabberd_service has the routes of all its hosts for each of its connections."""
    component = healed.component
    component.stop()
    component.configure(jid=SPARES[0], port=healed.server.ports["echo"], registry=component.directory / "spare.db")
    other = await healed.other_component()
    component.start()
    await component.ready()
    bob = await healed.contact()
    for _ in range(16):                     # each goes to any of the two
        bob.say(ECHO, "hello")
    line = await component.event("link.foreign", timeout=20, since=component.began)
    # Perhaps what a host grants to one that isn't even connected.
    assert line["level"] == "warn" and line["domain"] in (ECHO, *SPARES[1:]) and "global_routes: false" in line["text"], line
    await component.event("link.shared", timeout=20, since=component.began)
    other.close()


async def test_a_stanza_to_another_domain_is_said_once_and_moves_nothing(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    log = scene.component.log.mark()
    for _ in range(20):
        scene.tap.whisper(f"<presence from='{scene.desk}/fixed' to='{scene.bridge.replace(PRESENCE, 'other.test')}'/>")
    line = await scene.component.event("link.foreign", since=log)
    assert line["domain"] == "other.test" and line["count"] == "1", line
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    assert len(lines(scene, "link.foreign", log)) == 1


async def test_when_nothing_was_sent_for_twenty_seconds_a_blank_is(scene):
    """Which the server takes: what changes after it is seen."""
    laptop, desk, bob = await scene.set_up()
    other = await scene.other_component()
    wire = scene.tap.stanzas.mark()
    (connection,) = scene.tap.connections_open()

    def blanks():
        """The server speaks; of what we send so much was no stanza."""
        other.send(f"<message from='eve@{ECHO}/x' to='{PRESENCE}'/>")
        return connection.count[">"] - before - sum(len(str(s).encode()) for s in scene.tap.sent(since=wire))

    # Bytes are counted before the stanza that they belong to has been read: begin where that makes no difference.
    for _ in range(500):
        wire, before = scene.tap.stanzas.mark(), connection.count[">"]
        await laptop.fence(PRESENCE)
        if blanks() == 0:
            break
    else:
        raise AssertionError("never a moment in which bytes and stanzas agree")
    assert await eventually(lambda: blanks() == 1, "a blank", 50, every=0.5)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    assert scene.tap.connections_open() == [connection] and not scene.tap.malformed(wire)
