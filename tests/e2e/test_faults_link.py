"""The link fails in every way (F3 to F7): whatever happens to it, it comes back, and what is shown is right."""
import asyncio, random, time
import pytest
import netns
from loner import Loner
from scene import SETTLE
from serverconf import PRESENCE
from story import Story
from tap import Tap
from waiting import Missed, eventually

pytestmark = pytest.mark.timeout_s(150)
SHUTDOWN = ("<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>")


async def test_input_split_at_every_byte_is_the_same(healed):
    healed.tap.piece = 1
    await healed.component.restart()
    story = await Story(healed).begin()
    for _ in range(3):
        await story.change()
        await story.converges()
    story.nothing_grew()


async def session_bytes(scene, story):
    """How much goes each way from a start until the newest state is there."""
    scene.component.kill()
    scene.component.start()
    await story.change()
    await story.converges()
    return max(scene.tap.connections_open(), key=lambda c: c.count[">"]).count


@pytest.mark.parametrize("places", [6, pytest.param(60, marks=[pytest.mark.slow, pytest.mark.timeout_s(600)])])
async def test_a_link_cut_at_any_byte_comes_back_and_the_newest_is_published(healed, places):
    story = await Story(healed).begin()
    length = await session_bytes(healed, story)
    dice = random.Random(places)
    for i in range(places):
        direction = "<>"[i % 2]
        healed.component.kill()
        story.since()
        # Each part of the session gets its share.
        healed.tap.cut_after = direction, 1 + int((i + dice.random()) / places * length[direction] * 0.9)
        cuts, changes = healed.tap.cuts, 1
        await story.change()
        healed.component.start()
        await story.converges(40)
        while healed.tap.cuts == cuts:      # sessions differ in length: it goes on until it is cut
            changes += 1
            await story.change()
            await story.converges(40)
        assert len(story.publishes()) <= 2 + 2 * changes, "each once, or again after the cut"
    story.nothing_grew()


# -- all of this happens at the same time, each with a component of its own

async def silence_is_given_up(scene, mute, text):
    with Loner(scene) as it:
        it.tap.mute = mute
        it.start()
        line = await it.down(20, reason="timeout")
        took = time.monotonic() - it.tap.attempts[0]
        assert 14 < took < 18 and text in line["text"], (took, line)
        it.tap.heal()
        await it.up()
        assert int(line["retry-ms"]) >= 1000
        it.never_faster_than_once_a_second()


async def half_open_is_noticed(scene, *directions):
    with Loner(scene) as it:
        await it.start().up()
        descriptors = it.component.descriptors()
        it.tap.lost = set(directions)
        began = time.monotonic()
        mark = it.component.log.mark()
        await it.down(60, since=mark, reason="timeout")
        assert time.monotonic() - began > 20, "a busy server is not a dead one"
        it.tap.heal()
        if ">" in directions:       # otherwise the server is told of the end
            await eventually(it.tap.ghosts, "ghost")
        if ">" in directions and scene.lab.kind == "prosody":     # to which the old one is still there
            line = await it.down(30, since=mark, reason="conflict")
            assert "noticed" in line["hint"], line
            it.tap.bury()
        await it.up(30)
        it.tap.bury()
        assert it.component.descriptors() == descriptors
        it.never_faster_than_once_a_second()


async def a_wrong_secret_is_said_once_with_what_to_change(scene):
    with Loner(scene) as it:
        it.component.secret.write_text("wrong\n")
        it.start()
        line = await it.down(10, reason="not-authorized")
        assert line["level"] == "error" and str(it.component.secret) in line["hint"], line
        mark = it.component.log.mark()
        again = await it.down(int(line["retry-ms"]) / 1000 + 10, since=mark)
        assert again["level"] == "debug" and "hint" not in again, again
        assert int(again["retry-ms"]) <= 20000
        it.component.secret.write_text("s3cret\n")
        await it.up(int(again["retry-ms"]) / 1000 + 10)
        assert len(it.told("error", "warn")) == 1
        it.never_faster_than_once_a_second()


async def an_unknown_domain_is_said_with_what_to_change(scene):
    with Loner(scene, "nobody.home.test") as it:
        line = await it.start().down(10)
        # ejabberd does not tell the two apart.
        assert line["reason"] == ("host-unknown" if scene.lab.kind == "prosody" else "not-authorized"), line
        assert line["level"] == "error" and "nobody.home.test" in line["hint"], line


async def a_second_one_of_the_same_domain_waits_for_its_turn(scene):
    with Loner(scene) as first, Loner(scene, first.domain) as second:
        await first.start().up()
        second.start()
        if scene.lab.kind == "prosody":
            line = await second.down(10, reason="conflict")
            assert line["level"] == "warn" and "connected already" in line["hint"] and int(line["retry-ms"]) >= 1000, line
            first.component.stop()
        await second.component.attached(70)         # ejabberd takes it at once
        second.never_faster_than_once_a_second()


async def a_server_that_shuts_down_is_waited_for(scene):
    with Loner(scene) as it:
        it.tap.rule = lambda direction, stanza: SHUTDOWN if (direction, stanza.name) == ("<", "iq") else None
        it.start()
        line = await it.down(10, reason="system-shutdown")
        assert 1000 <= int(line["retry-ms"]) <= 3000, line
        it.tap.heal()
        await it.up()
        it.never_faster_than_once_a_second()


async def nobody_listening_is_asked_no_faster_than_once_a_second(scene):
    with Loner(scene) as it:
        it.component.configure(jid=it.domain, port=9)       # discard: nobody's
        it.start()
        for n in range(1, 6):
            line = await it.down(20, attempts=str(n))
            assert line["reason"] == "refused" and 1000 <= int(line["retry-ms"]) <= min(2000 * 2 ** (n - 1), 15000), line
            assert ("hint" in line) == (n == 1)
        it.component.configure(jid=it.domain)
        it.component.process.send_signal(1)
        await it.up()


async def noticed(story, seconds):
    """The link is given up within this time; the desk phone changes meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await story.change()
        try:
            return await story.event("link.down", timeout=5)
        except Missed:
            pass
    raise Missed(f"link.down within {seconds} s")


async def lost_packets_are_noticed(scene, *directions):
    """No proxy's doing: packets are lost on the way between two kernels."""
    with netns.Network() as net:
        scene.component.kill()
        story_tap = scene.tap
        tap = scene.tap = Tap(scene.server.ports["component"], asyncio.get_running_loop(), net.tap, net.address)
        try:
            scene.component.port = tap.port
            scene.component.configure(server=net.address)
            scene.component.prefix = net.prefix
            scene.component.start()
            await scene.component.ready()
            story = await Story(scene).begin()
            net.lose(*directions)
            tap.lost = set(directions)          # an end that is told later doesn't get through either
            await noticed(story, 60)
            net.lose()
            tap.heal()
            # The ghost: Prosody takes no other beside it, ejabberd gives it half of what comes, the grants too.
            tap.cut()
            await story.event("ready", timeout=70)
            await story.change()
            await story.converges(60)
            story.nothing_grew()
        finally:
            scene.component.kill()
            scene.tap = story_tap
            tap.close()


async def all_of(*claims):
    names = [c.__name__ for c in claims]
    came = await asyncio.gather(*claims, return_exceptions=True)
    failed = [f"{name}: {e!r}".replace("\\n", "\n") for name, e in zip(names, came) if e is not None]
    assert not failed, "\n".join(failed)


async def test_every_kind_of_silence_and_refusal_has_its_time_and_its_word(healed):
    await all_of(
        silence_is_given_up(healed, "accept", "no stream header"),
        silence_is_given_up(healed, "header", "handshake"),
        a_wrong_secret_is_said_once_with_what_to_change(healed),
        an_unknown_domain_is_said_with_what_to_change(healed),
        a_second_one_of_the_same_domain_waits_for_its_turn(healed),
        a_server_that_shuts_down_is_waited_for(healed),
        nobody_listening_is_asked_no_faster_than_once_a_second(healed))


@pytest.mark.slow
async def test_a_server_that_is_not_heard_any_more_is_given_up_within_a_minute(healed):
    await all_of(half_open_is_noticed(healed, "<", ">"), half_open_is_noticed(healed, "<"))


@pytest.mark.slow
@pytest.mark.timeout_s(240)
async def test_a_relay_that_forwards_one_way_only_is_noticed_by_what_goes_unanswered(healed):
    """The server talks on, so that pings have no reason; every kernel acknowledges."""
    story = await Story(healed).begin()
    healed.tap.lost = {">"}
    await noticed(story, 120)
    await eventually(healed.tap.ghosts, "ghost")
    healed.tap.heal()
    healed.tap.bury()
    await story.event("ready", timeout=70)
    await story.change()
    await story.converges()


@pytest.mark.slow
@pytest.mark.timeout_s(300)
@pytest.mark.skipif(netns.missing() is not None, reason=str(netns.missing()))
@pytest.mark.parametrize("directions", ["<>", "<", ">"])
async def test_a_network_that_loses_every_packet_is_noticed_within_a_minute(healed, directions):
    await lost_packets_are_noticed(healed, *directions)
