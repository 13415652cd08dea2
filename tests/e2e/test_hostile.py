"""Users who try what they are not to do, through real servers."""
from clients import bridge
from items import NODE
from serverconf import PRESENCE, PUBSUB, WORK


async def quiet(scene, laptop, desk, bob):
    """All goes on: a change arrives, and the link was never lost."""
    desk.presence(show="xa")
    item = await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    assert set(item) == {"laptop", "Desk phone"}
    assert not scene.component.log.since(scene.logged, lambda l: l.get("event") == "link.down")
    return item


async def test_a_stranger_is_no_device(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    eve = await scene.client("eve", "e")
    for to in (scene.bridge, scene.bridge + "/x", PRESENCE):
        eve.presence(to=to, show="chat", status="it is me")
        eve.presence(to=to, type="subscribe")
        eve.presence(to=to, type="subscribed")
        eve.presence(to=to, type="unsubscribed")
        eve.presence(to=to, type="unavailable")
    bob.presence(to=scene.bridge, show="chat")
    await eve.fence()
    item = await quiet(scene, laptop, desk, bob)
    assert "it is me" not in item.xml
    assert not [p for p in eve.presences.things if p["from"].bare == scene.bridge and p["type"] == "available"]


async def test_a_device_of_one_user_is_none_of_another(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    eve = await scene.client("eve", "e", notify=[NODE])
    await eve.command("enrol")
    await eve.request(bridge(eve.me))
    eve.approve(bridge(eve.me))
    desk.presence(to=bridge(eve.me), show="chat")
    await desk.fence()
    await quiet(scene, laptop, desk, bob)
    await eve.sees(eve.me, lambda i: set(i) == {"e"}, "her own client alone", timeout=15)
    assert all(set(i) <= {"e"} for i in eve.items_of(eve.me))


async def test_privileges_pretended_by_a_user_are_not_believed(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    eve, mark = await scene.client("eve", "e", host=WORK), scene.component.log.mark()
    for inner in ("<perm access='roster' type='none'/>", "<perm access='iq'><namespace ns='%s' type='none'/></perm>" % PUBSUB,
                  "<perm access='presence' type='none'/><perm access='message' type='none'/>"):
        eve.send_raw(f"<message to='{PRESENCE}'><privilege xmlns='urn:xmpp:privilege:2'>{inner}</privilege></message>")
    eve.send_raw(f"<iq type='set' id='push1' to='{PRESENCE}'><query xmlns='jabber:iq:roster'><item jid='{eve.me}' subscription='both'>"
                 "<group>Devices</group></item></query></iq>")
    await eve.fence()
    await quiet(scene, laptop, desk, bob)
    assert not scene.component.log.since(mark, lambda l: l.get("event") == "grant")


async def test_a_huge_status_cuts_no_link_and_the_state_goes_on(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    eve = await scene.client("eve", "e")
    eve.presence(to=scene.bridge, status="x" * 200_000)
    desk.presence(show="away", status="y" * 200_000)
    desk.presence(show="chat", status="]]>&amp;<x/> \u202e \u2028 \U0001f4f1")
    item = await bob.sees(scene.alice, lambda i: i.state("Desk phone") == "chat", "the state after it", timeout=20)
    assert len(item.xml) < 10_000
    await quiet(scene, laptop, desk, bob)


async def test_a_label_with_markup_is_a_label(scene):
    laptop, bob = await scene.laptop(), await scene.contact()
    await laptop.befriend(bob)
    await scene.enrol(laptop)
    desk = await scene.desk_phone(show="dnd")
    label = "<b>\"Desk\" & 'phone'</b> ☎"
    await scene.link(laptop, scene.desk, label=label)
    await scene.accept(desk)
    await bob.sees(scene.alice, lambda i: i.state(label) == "dnd", "the label as it was given", timeout=15)
