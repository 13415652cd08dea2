"""Rosters of any size: twenty thousand contacts are read and told, more than is read harms nobody."""
import re
import pytest
from clients import bridge
from crowd import COMMAND, Member
from items import NODE
from serverconf import HOME, PRESENCE

pytestmark = [pytest.mark.variant("crowded"), pytest.mark.timeout_s(240)]

MANY = 20000
BEYOND = 6500       # in twenty groups each: more elements than are read


async def with_contacts(scene, n, **more):
    """carol has so many; alice, bob and the desk phone are as in any other test.  Returns carol's laptop and the rest."""
    carol = scene.jid("carol")
    log = scene.component.log.mark()
    scene.server.stop()
    scene.server.has_contacts(carol, [f"contact-number-{i}-of-many@{HOME}" for i in range(n)], **more)
    scene.server.start()
    await scene.component.event("ready", timeout=60, since=log)
    laptop, desk, bob = await scene.set_up()
    c = await Member(f"{carol}/laptop", scene.server.ports["c2s"], scene.component.loop).sign_in()
    scene.clients.append(Leaving(c))
    answer = await c.iq("set", PRESENCE, COMMAND.format("enrol", ""), "e", timeout=60)
    assert answer.has("completed"), answer
    return c, laptop, desk, bob


class Leaving:
    """A Member among a scene's clients."""

    def __init__(self, member):
        self.abort, self.inbox = member.drop, member.inbox


def link_losses(scene, since):
    return [l for l in scene.component.log.since(since) if l.get("event") in ("link.down", "privilege.lost", "privilege.refused")]


async def all_are_told(scene, owner, n, since, timeout):
    """The component sends events of OWNER to N accounts; each stanza is looked at once."""
    told, at = set(), since

    def enough():
        nonlocal at
        for direction, s in scene.tap.stanzas.things[at:]:
            at += 1
            if direction == ">" and s.name == "message" and s.has("pubsub#event") and s.has(f"from='{owner}'"):
                told.update(re.findall(r" to='([^'@]+@[^']+)'", s.raw))
        return len(told) >= n
    await scene.tap.stanzas.until(enough, f"events of {owner} to {n} accounts", timeout)


async def test_twenty_thousand_contacts_are_told_and_hold_up_nobody(scene):
    wire, since = scene.tap.stanzas.mark(), scene.component.log.mark()
    c, laptop, desk, bob = await with_contacts(scene, MANY, groups=lambda i: ["Devices" if i == MANY - 1 else f"Group {i}"])
    carol = scene.jid("carol")
    c.presence("chat", "hello")             # and accepts the request of her bridge
    await scene.component.event("user.approved", timeout=60, since=since, user=carol)
    # her roster is read up to its last contact, who is in the group
    await scene.component.event("device.asked", timeout=90, since=since, user=carol,
                                account=f"contact-number-{MANY - 1}-of-many@{HOME}")
    since = scene.component.log.mark()
    # bob and she become contacts of each other
    mark = bob.presences.mark()
    c._send(f"<presence type='subscribe' to='{bob.me}'/>")
    await bob.request(carol, since=mark, timeout=60)
    bob.approve(carol)
    bob.presence(type="subscribe", to=carol)
    # her server takes its time with a roster of this size; a change before that reaches him by the next poll only
    await bob.presences.wait(lambda p: p["type"] == "subscribed" and p["from"].bare == carol, "carol's approval", 60, mark)
    c.presence("away", "one of many")
    await bob.sees(carol, lambda i: i.state("laptop") == "away", "carol's laptop", timeout=60)
    # a change of hers, and while her contacts are told of it one of alice's
    c.presence("dnd", "still one of many")
    await bob.sees(carol, lambda i: i.state("laptop") == "dnd", "carol's change", timeout=90)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=8, Desk_phone="xa")
    assert (await laptop.command("devices")).done
    if scene.lab.kind == "ejabberd":        # elsewhere the server tells them
        await all_are_told(scene, carol, MANY, wire, 120)
    assert not link_losses(scene, since)
    assert not [l for l in scene.component.log.since(since) if l["event"] in ("roster.too_large", "contacts.left_out")]


async def test_a_roster_beyond_the_bound_is_said_and_harms_nobody(scene):
    since = scene.component.log.mark()
    c, laptop, desk, bob = await with_contacts(scene, BEYOND, groups=lambda i: [f"Group {g}" for g in range(20)])
    carol = scene.jid("carol")
    c.presence("away", "one of too many")
    line = await scene.component.event("roster.too_large", timeout=60, since=since, user=carol)
    assert int(line["read"]) > 6000
    said = await c.inbox.wait(lambda s: s.name == "message" and s.sender == bridge(carol) and "larger" in str(s), "the word", 20)
    assert "contact list" in str(said)
    # her devices are published all the same
    await scene.tap.stanzas.until(lambda: any(i.state("laptop") == "away" for i in scene.tap.items(carol)), "carol's item", 60)
    ready = [i for i, l in enumerate(scene.component.log.things) if l.get("event") == "ready"][-1]
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=8, Desk_phone="xa")
    c.presence("dnd", "still")
    desk.presence(show="away")
    await bob.sees_states(scene.alice, timeout=8, Desk_phone="away")
    assert not link_losses(scene, ready)
    assert len([l for l in scene.component.log.since(since) if l["event"] == "roster.too_large"]) == 1
