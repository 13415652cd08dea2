"""Privileges that never came, or were lost: what the administrator is told, and that they are won back."""
import pytest
from serverconf import HOME, PRESENCE, WORK


def readies(scene):
    return [l for l in scene.component.log.since(scene.component.began) if l.get("event") == "ready"]


async def is_named(scene):
    line = await scene.component.event("grant.missing", timeout=20, since=scene.component.began)
    assert line["level"] == "warn" and line["host"] == WORK, line
    assert PRESENCE in line["prosody"] and "privileged_entities" in line["prosody"], line
    assert PRESENCE in line["ejabberd"] and "mod_privilege" in line["ejabberd"], line
    # Whoever can be served is, and nobody's connection is the price.
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    await laptop.sees_states(scene.alice, timeout=30, laptop="available")
    await scene.component.event("stats", timeout=70, since=scene.component.log.mark())
    assert len(readies(scene)) == 1, readies(scene)


@pytest.mark.variant("homeonly")
@pytest.mark.timeout_s(90)
async def test_a_host_that_grants_nothing_is_named_with_the_lines_to_add(scene):
    await is_named(scene)


@pytest.mark.slow
@pytest.mark.variant("homemod")
@pytest.mark.timeout_s(90)
async def test_so_is_one_that_has_only_the_module(scene):
    await is_named(scene)


@pytest.mark.variant("etc", "roster")
@pytest.mark.timeout_s(150)
async def test_an_advertisement_that_was_lost_is_won_back(healed):
    scene = healed
    laptop, desk, bob = await scene.set_up()
    mark = scene.component.log.mark()

    def no_grants(direction, stanza):
        return "" if direction == "<" and stanza.name == "message" and stanza.has("urn:xmpp:privilege") and stanza.has("<perm") else None

    scene.tap.rule = no_grants
    scene.tap.cut()
    await scene.component.event("ready", timeout=20, since=mark)
    desk.presence(show="dnd")
    missing = scene.component.log.mark()
    await scene.component.event("grant.missing", timeout=20, since=mark, host=HOME)
    scene.tap.rule = None
    again = await scene.component.event("ready", timeout=60, since=missing)
    assert again, "a new stream"
    await bob.sees_states(scene.alice, timeout=50, Desk_phone="dnd")
