"""Each way of publishing, on each server that can do it."""
import pytest
from items import NODE

AFFILIATE = ("prosody", "ejabberd-26.07")       # 24.12 drops the ordinary IQs of components beside mod_privilege


@pytest.mark.servers(*AFFILIATE)
async def test_set_up_with_privilege_it_publishes_as_an_affiliate(scene):
    laptop, desk, bob = await scene.set_up()
    assert (await laptop.affiliations(NODE)).get(scene.bridge) == "publisher"
    wire = scene.tap.stanzas.mark()
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    publishes = scene.tap.publishes(scene.alice, NODE, wire)
    assert publishes
    for p in publishes:
        assert p.sender.lower() == scene.bridge.lower() and not p.has("privileged_iq"), p
        assert p.has("publish-options") and p.has("pubsub#access_model"), p


@pytest.mark.variant("pubsub-only")
async def test_where_only_pubsub_is_granted_each_publish_is_privileged(scene):
    laptop, desk, bob = await scene.set_up(bob=False)
    bob = await scene.contact()
    await laptop.befriend(bob)
    bob.presence()              # ejabberd learns only now what bob wants to be told
    await laptop.saw(bob.me)
    await bob.fence()
    wire = scene.tap.stanzas.mark()
    desk.presence(show="xa")
    await laptop.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    publishes = scene.tap.publishes(scene.alice, NODE, wire)
    assert publishes
    for p in publishes:
        assert p.has("privileged_iq") and p.has("publish-options") and p.has("pubsub#access_model"), p
    assert (await bob.fetch(scene.alice)).state("Desk phone") == "xa"
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")


@pytest.mark.servers("ejabberd-24.12")
async def test_ejabberd_24_12_is_served_by_privileged_publishes(scene):
    laptop, desk, bob = await scene.set_up()
    wire = scene.tap.stanzas.mark()
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    assert all(p.has("privileged_iq") for p in scene.tap.publishes(scene.alice, NODE, wire))


@pytest.mark.variant("nomod")
@pytest.mark.servers("prosody", "ejabberd")
@pytest.mark.timeout_s(120)
async def test_invited_it_publishes_without_any_privilege(scene):
    laptop, bob = await scene.laptop(), await scene.contact()
    await laptop.befriend(bob)
    await laptop.create_node(NODE, access_model="presence", persist_items="true")
    await laptop.affiliate(NODE, scene.bridge, "publisher")
    await scene.enrol(laptop)
    await laptop.sees_states(scene.alice, timeout=40, laptop="available")
    desk = await scene.desk_phone(show="dnd")
    await scene.link(laptop, scene.desk)
    await scene.accept(desk)
    bob.presence()              # ejabberd learns only now what bob wants to be told
    await laptop.saw(bob.me)
    await laptop.sees_states(scene.alice, timeout=20, Desk_phone="dnd")
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=20, Desk_phone="xa")
    assert (await bob.fetch(scene.alice)).state("Desk phone") == "xa"
    for p in scene.tap.publishes(scene.alice, NODE, scene.wire):
        assert not p.has("privileged_iq"), p


@pytest.mark.variant("nomod")
@pytest.mark.servers("prosody", "ejabberd")
@pytest.mark.timeout_s(150)
async def test_not_invited_yet_the_user_is_told_how_and_the_invitation_is_noticed(scene):
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    await scene.component.event("user.blocked", timeout=60, since=scene.logged)
    told = await laptop.chat(scene.bridge)
    assert told["body"]
    await laptop.create_node(NODE, access_model="presence", persist_items="true")
    await laptop.affiliate(NODE, scene.bridge, "publisher")
    laptop.presence(show="dnd")
    await laptop.sees_states(scene.alice, timeout=70, laptop="dnd")


@pytest.mark.variant("nomod")
@pytest.mark.servers("prosody", "ejabberd")
@pytest.mark.timeout_s(180)
async def test_an_item_of_another_publisher_is_named_and_deleted_by_its_owner_makes_room(scene):
    laptop = await scene.laptop()
    await laptop.create_node(NODE, access_model="presence", persist_items="true")
    await laptop.publish(f"<devices xmlns='{NODE}' updated='2026-11-01T00:00:00Z' expires='2026-11-02T00:00:00Z'/>")
    await laptop.affiliate(NODE, scene.bridge, "publisher")
    await scene.enrol(laptop)
    if scene.server.kind == "ejabberd":
        line = await scene.component.event("user.blocked", timeout=60, since=scene.logged)
        assert line["error"] == "forbidden" and "another publisher's item" in line["reason"], line
        told = await laptop.chat(scene.bridge, pred=lambda m: "publisher" in m["body"])
        assert "delete that item" in told["body"]
        await laptop.retract("current", NODE)
        laptop.presence(show="dnd")
        await laptop.sees_states(scene.alice, timeout=90, laptop="dnd")
    else:
        await laptop.sees_states(scene.alice, timeout=60, laptop="available")


@pytest.mark.variant("nomod")
@pytest.mark.servers("prosody", "ejabberd")
@pytest.mark.timeout_s(90)
async def test_invited_into_an_open_node_it_refuses(scene):
    laptop = await scene.laptop()
    await laptop.create_node(NODE, access_model="open", persist_items="true")
    await laptop.affiliate(NODE, scene.bridge, "publisher")
    await scene.enrol(laptop)
    await scene.component.event("user.blocked", timeout=60, since=scene.logged)
    assert await laptop.fetch(scene.alice) is None


@pytest.mark.variant("noiq")
@pytest.mark.timeout_s(90)
async def test_without_a_way_the_user_is_blocked_with_a_reason(scene):
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    line = await scene.component.event("user.blocked", timeout=60, since=scene.logged)
    assert line["user"] == scene.alice and line["reason"], line
