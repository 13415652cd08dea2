"""Who is shown anything: nobody but the owner where the administrator says so; and nobody for being linked."""
import sqlite3
import pytest
from clients import Client
from items import NODE, PRIVATE
from scene import SETTLE
from serverconf import PRESENCE, WORK
from slixmpp.exceptions import IqError
from stub import Stub
from test_profanity import Profanity, needs_profanity
from waiting import eventually


def told(scene, who, since=0):
    """Events that the component has sent to this account itself."""
    return scene.tap.sent(lambda s: s.name == "message" and s.has(f"to='{who}") and s.has(NODE), since)


def refusals(scene, who, since=0):
    return scene.tap.sent(lambda s: s.name == "presence" and s.type == "unsubscribed" and s.to == who, since)


async def refused(client, bridge, since=0):
    return await client.presences.wait(lambda p: p["type"] == "unsubscribed" and p["from"].bare == bridge.lower(),
                                       f"refusal by {bridge}", since=since)


# -- what one contact has got

@pytest.mark.variant("etc", "full")
async def test_what_she_sends_to_one_contact_is_shown_to_nobody_else(scene):
    """ejabberd's privilege `roster' hands on what a contact has received: his alone."""
    laptop, bob, carol = await scene.laptop(), await scene.contact(), await scene.contact("carol")
    await laptop.befriend(bob)
    await laptop.befriend(carol)
    await scene.enrol(laptop)
    await bob.sees_states(scene.alice, laptop="available")
    phone = await scene.phone("phone", show="away")
    await bob.sees_states(scene.alice, phone="away", laptop="available")
    mark = scene.tap.stanzas.mark()

    async def all_others_see(show, **states):
        """What bob is told, with something that is meant for all."""
        phone.presence(show=show)
        await bob.sees_states(scene.alice, phone=show, **states)
        assert not [s for s in scene.tap.sent(since=mark) if "alone" in s.raw], "it has left the component"

    laptop.presence(to=carol.me, show="dnd", status="for carol alone")
    await carol.presences.wait(lambda p: p["status"] == "for carol alone", "presence for carol alone")
    await all_others_see("xa", laptop="available")
    await laptop.remove_contact(carol.me)
    await carol.presences.wait(lambda p: p["type"] == "unavailable" and p["from"] == f"{scene.alice}/laptop", "end of it")
    await all_others_see("dnd", laptop="available")
    # Nor when it is all that there is.
    laptop.unavailable()
    await bob.sees_states(scene.alice, laptop="unavailable")
    laptop.presence(to=bob.me, show="chat", status="for bob alone")
    await bob.presences.wait(lambda p: p["status"] == "for bob alone", "presence for bob alone")
    await all_others_see("away", laptop="unavailable")


# -- access = whitelist

@pytest.mark.timeout_s(120)
async def test_what_is_its_owners_alone_no_contact_is_told(healed):
    scene = healed
    await scene.component.access("whitelist")
    laptop, bob, carol = await scene.laptop(), await scene.contact(), await scene.contact("carol", host=WORK)
    await laptop.befriend(bob)
    await laptop.befriend(carol)
    await scene.enrol(laptop)
    desk = await scene.desk_phone()
    await scene.link(laptop, scene.desk)
    question = await scene.accept(desk)
    assert "own clients" in question["body"] and "contacts of" not in question["body"], question
    desk.presence(show="dnd")
    for node in (NODE, PRIVATE):            # her own clients have both nodes
        await laptop.sees_states(scene.alice, timeout=15, node=node, Desk_phone="dnd")
    carol = await scene.contact("carol", host=WORK, resource="another")
    await laptop.sign_out()
    desk.presence(show="xa")                # where the server delivers nothing then
    laptop = await scene.laptop()
    await laptop.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    for contact in (bob, carol):
        await contact.fence()
        assert contact.items_of(scene.alice) == [] and told(scene, contact.me) == []
        with pytest.raises(IqError):
            await contact.fetch(scene.alice)
    # The desk phone has agreed to less.  A yes right after the question may be to the one before.
    asked = desk.messages.mark()
    await scene.component.access("presence")
    await desk.chat(scene.bridge, since=asked, pred=lambda m: "to the contacts of" in m["body"])
    assert not any("Desk phone" in item for item in bob.items_of(scene.alice)), "it is shown before it has agreed"
    desk.say(scene.bridge, "yes")
    await desk.chat(scene.bridge, since=asked, pred=lambda m: "too soon after the last question" in m["body"])

    def agreed():
        desk.say(scene.bridge, "yes")
        return desk.messages.since(asked, lambda m: "shows this account" in m["body"])
    await eventually(agreed, "it has agreed to be shown to contacts", every=1)
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    await carol.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    await scene.component.access("whitelist")

    async def narrowed():
        return (await laptop.node_config(NODE)).get("access_model") == "whitelist"
    while not await narrowed():
        await laptop.fence()
    mark, wire = bob.events.mark(), scene.tap.stanzas.mark()
    desk.presence(show="away")
    await laptop.sees_states(scene.alice, timeout=15, Desk_phone="away")
    await bob.fence()
    assert bob.items_of(scene.alice, since=mark) == [] and told(scene, bob.me, wire) == []
    with pytest.raises(IqError):
        await bob.fetch(scene.alice)


# -- a linked account

@pytest.mark.timeout_s(90)
async def test_a_linked_account_that_asks_for_the_bridge_is_refused_and_still_shown(scene):
    laptop, desk, bob = await scene.set_up()
    mark, wire = desk.presences.mark(), scene.tap.stanzas.mark()
    desk.presence(to=scene.bridge, type="subscribe")
    await refused(desk, scene.bridge, mark)
    for _ in range(5):
        desk.presence(to=scene.bridge, type="subscribe")
    assert (await desk.roster_items())[scene.bridge.lower()] == "from"
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    assert len(refusals(scene, scene.desk, wire)) == 1
    await scene.component.restart()
    desk.presence(show="away")
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, Desk_phone="away")
    await desk.sign_out()
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="unavailable")


async def test_her_own_account_may_have_the_bridge(scene):
    laptop, desk, bob = await scene.set_up()
    mark = laptop.presences.mark()
    laptop.presence(to=scene.bridge, type="subscribe")
    await laptop.presences.wait(lambda p: p["type"] == "subscribed" and p["from"].bare == scene.bridge.lower(), "approval", since=mark)
    assert (await laptop.roster_items())[scene.bridge.lower()] == "both"


async def test_a_client_that_accepts_all_and_asks_back_is_linked_without_a_storm(scene):
    laptop, bob = await scene.laptop(), await scene.contact()
    await laptop.befriend(bob)
    await scene.enrol(laptop)
    desk = Client(f"{scene.desk}/fixed", scene.server.ports["c2s"], kind="phone")
    scene.clients.append(desk)
    desk.auto_authorize = desk.auto_subscribe = True
    asks_again = lambda p: p["from"].bare == scene.bridge.lower() and desk.presence(to=scene.bridge, type="subscribe")
    desk.add_event_handler("presence_unsubscribed", asks_again)         # and one that doesn't take no for an answer
    await desk.sign_in(show="dnd")
    await scene.link(laptop, scene.desk)
    question = await desk.chat(scene.bridge)
    desk.say(question["from"], "yes")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd")
    await refused(desk, scene.bridge)
    for show in ("away", "xa", "chat"):
        desk.presence(show=show)
        await bob.sees_states(scene.alice, timeout=15, Desk_phone=show)
    assert len(refusals(scene, scene.desk)) <= 2        # with the request, and to the first that it has asked


@needs_profanity
async def test_profanity_as_the_linked_account(scene):
    laptop, bob = await scene.laptop(), await scene.contact()
    await laptop.befriend(bob)
    await scene.enrol(laptop)
    scene.desk
    p = Profanity()
    try:
        await p.start()
        p.types(f"/connect {scene.desk} server 127.0.0.1 port {scene.server.ports['c2s']} tls disable")
        await p.shows("password")
        p.types("pw")
        await p.shows("logged in successfully")
        await scene.link(laptop, scene.desk)
        await p.shows("authorization request from " + scene.bridge.lower())
        p.types(f"/sub allow {scene.bridge}")
        p.types(f"/sub request {scene.bridge}")
        await scene.tap.stanzas.wait(lambda d: d[0] == "<" and not isinstance(d[1], str) and d[1].name == "presence"
                                     and d[1].type == "subscribe" and d[1].sender.startswith(scene.desk), "request", since=scene.wire)
        p.types(f"/msg {scene.bridge} yes")
        await bob.sees_states(scene.alice, timeout=15, Desk_phone="available")
        p.types("/status set away")
        await bob.sees_states(scene.alice, timeout=15, Desk_phone="away")
        assert len(refusals(scene, scene.desk)) <= 2
    finally:
        p.close()


def of_an_earlier_version(component):
    with sqlite3.connect(component.registry, isolation_level=None) as db:
        db.executescript("ALTER TABLE device DROP COLUMN withdrawn; ALTER TABLE device DROP COLUMN suspended_ms;"
                         "ALTER TABLE user DROP COLUMN suspended_ms; ALTER TABLE user DROP COLUMN owes; PRAGMA user_version = 1")
    db.close()


@pytest.mark.timeout_s(150)
async def test_what_an_earlier_version_approved_is_taken_back_once(healed):
    scene, component = healed, healed.component
    laptop, desk, bob = await scene.set_up(show="dnd")
    component.stop()
    of_an_earlier_version(component)
    earlier = await Stub(scene.server.ports["component"], PRESENCE).connect()
    mark = desk.presences.mark()
    desk.presence(to=scene.bridge, type="subscribe")
    await earlier.inbox.wait(lambda s: s.type == "subscribe", "request")
    earlier.send(f"<presence type='subscribed' from='{scene.bridge}' to='{scene.desk}'/>")
    await desk.presences.wait(lambda p: p["type"] == "subscribed", "approval", since=mark)
    assert (await desk.roster_items())[scene.bridge.lower()] == "both"
    earlier.close()
    mark, wire = desk.presences.mark(), scene.tap.stanzas.mark()
    component.start()
    await component.ready()
    await refused(desk, scene.bridge, mark)
    assert (await desk.roster_items())[scene.bridge.lower()] == "from"
    for show in ("xa", "away"):             # the first may have been sent before it was told
        desk.presence(show=show)
        await bob.sees_states(scene.alice, timeout=SETTLE + 15, Desk_phone=show)
    await component.restart()
    desk.presence(show="chat")
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, Desk_phone="chat")
    assert len(refusals(scene, scene.desk, wire)) == 1
