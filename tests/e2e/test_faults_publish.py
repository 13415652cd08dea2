"""Answers and privileges fail (F8 to F10): what is shown converges to the newest, and never goes back."""
import asyncio
import pytest
from items import NODE
from scene import SETTLE
from story import Story, number
from tap import is_publish

pytestmark = pytest.mark.timeout_s(150)
INTERNAL = "<error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


class Answers:
    """A rule for the tap: what happens to the next N answers to publishes for alice."""

    def __init__(self, scene, instead, n=1):
        self.alice, self.instead, self.left = scene.alice, instead, n
        self.asked, self.met, self.through = set(), [], 0       # let through since one was met

    def __call__(self, direction, stanza):
        if direction == ">" and is_publish(stanza, self.alice):
            self.asked.add(stanza.id)
        elif direction == "<" and stanza.id in self.asked and self.left:
            self.left, self.through = self.left - 1, 0
            self.met.append(stanza)
            return self.instead(stanza)
        elif direction == "<" and stanza.id in self.asked:
            self.through += 1
        return None


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_a_publish_cut_off_from_its_answer_is_published_again_and_nothing_goes_back(healed, lost):
    story = await Story(healed).begin()
    tap = healed.tap

    def cut(stanza):
        tap.rule = None
        tap.cut()
        return ""

    for _ in range(3):
        log = healed.component.log.mark()
        if lost == "answer":
            tap.rule = Answers(healed, cut)
        else:
            tap.rule = lambda direction, s: cut(s) if direction == ">" and is_publish(s, healed.alice) else None
        await story.change()
        await healed.component.event("link.down", timeout=15, since=log)
        await story.change()        # newer than what may have been executed
        await story.converges()
    story.nothing_grew()


@pytest.mark.slow
async def test_an_answer_that_comes_too_late_counts_as_none_and_does_no_harm(healed):
    story = await Story(healed).begin()
    rule = healed.tap.rule = Answers(healed, lambda s: "")
    await story.change()
    await healed.tap.stanzas.until(lambda: rule.met, "publish")
    await story.change()
    await story.converges()         # ten seconds later, by another request
    published = len(story.publishes())
    late = rule.met[0].raw
    healed.tap.rule = lambda direction, s: s.raw + late if direction == "<" and s.name == "presence" else None
    await story.change()
    await story.converges()
    assert len(story.publishes()) <= published + 2, "the late answer started something"
    assert healed.component.complaints(story.logged) == []
    story.nothing_grew()


async def test_an_answer_that_comes_twice_counts_once(healed):
    story = await Story(healed).begin()
    rule = healed.tap.rule = Answers(healed, lambda s: s.raw + s.raw, n=100)
    for _ in range(3):
        await story.change()
        await story.converges()
    await healed.tap.stanzas.until(lambda: len(rule.met) >= 3, "the third answer")
    assert len(story.publishes()) == 3


async def test_a_publish_that_is_refused_once_is_tried_again(healed):
    story = await Story(healed).begin()
    rule = healed.tap.rule = Answers(healed, lambda s: f"<iq type='error' id='{s.id}' from='{s.sender}' to='{s.to}'>{INTERNAL}</iq>")
    await story.change()
    await story.converges(15)
    await is_tried_again(healed, rule)
    for _ in range(3):              # and the newest wins while it is refused
        rule.left = 1
        await story.change(5)
        await story.converges(20)
        await is_tried_again(healed, rule)


async def is_tried_again(scene, rule):
    """The contact may be told before the answer comes: here it has come and was refused, and the one after it wasn't."""
    await scene.tap.stanzas.until(lambda: not rule.left and rule.through, "answer to the publish after the one refused")


async def is_kept(story, timeout):
    """The account's server has the newest, whoever is told."""
    end = asyncio.get_running_loop().time() + timeout
    while number(kept := await story.laptop.fetch(story.scene.alice) or {}) != story.n:
        assert asyncio.get_running_loop().time() < end, f"not {story.n} within {timeout} s: {kept}"
        await story.bob.fence()


@pytest.mark.parametrize("left", [pytest.param("none", marks=pytest.mark.slow), "noiq"])
async def test_privileges_that_are_taken_away_and_given_back_are_noticed(healed, left):
    story = await Story(healed).begin()
    component = healed.component
    healed.server.restart(variant=left)
    await story.sign_in_again()
    await component.attached()
    grants = [l for l in component.log.since(story.logged) if l.get("event") == "grant"]
    assert all(l["pubsub"] == "none" for l in grants), grants
    await story.change()
    if healed.lab.kind == "prosody" or (left == "noiq" and healed.lab.name != "ejabberd-24.12"):
        await is_kept(story, SETTLE + 15)           # as the publisher that it was made
    else:                                           # where ordinary requests of components are dropped
        line = await component.event("user.blocked", timeout=SETTLE + 30, since=story.logged, user=healed.alice)
        assert "privilege" in line["reason"], line
    log = component.log.mark()
    healed.server.restart(variant=healed.lab.made)
    await story.sign_in_again()
    line = await component.event("grant", timeout=60, since=log, host="home.test")
    assert line["pubsub"] == "both", line
    await story.change()
    await story.bob.sees(healed.alice, lambda i: number(i) == story.n, "the newest", timeout=60)
    assert number(await story.laptop.fetch(healed.alice)) == story.n
    assert healed.tap.malformed(story.wire) == []
    story.nothing_grew()


@pytest.mark.slow
@pytest.mark.variant("none")
async def test_without_privileges_what_to_grant_is_said_and_used_within_a_minute_of_the_grant(healed):
    laptop, component = await healed.laptop(), healed.component
    log = component.log.things
    advice = [l for l in log if l.get("event") == "advice"]
    assert any("pubsub" in l["text"] for l in advice) or not [l for l in log if l.get("event") == "grant"], advice
    await healed.enrol(laptop)
    line = await component.event("user.blocked", timeout=60, since=healed.logged)
    assert line["user"] == healed.alice and "privilege" in line["reason"], line
    healed.server.restart(variant="etc")
    await healed.laptop(show="dnd")
    mark = component.log.mark()
    await component.event("ready", timeout=30, since=mark)
    for client in healed.clients[-1:]:
        await client.sees_states(healed.alice, timeout=60, laptop="dnd")
    assert NODE in (await healed.clients[-1].fetch(healed.alice)).xml
