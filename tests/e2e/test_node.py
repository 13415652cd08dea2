"""A node that is wider than configured is never published into."""
import pytest
from items import NODE
from slixmpp.exceptions import IqError


async def scene_with_open_node(scene):
    laptop, bob = await scene.laptop(), await scene.contact()
    await laptop.befriend(bob)
    await laptop.create_node(NODE, access_model="open", persist_items="true")
    assert (await laptop.node_config(NODE))["access_model"] == "open"
    return laptop, bob


@pytest.mark.variant("pubsub-only")
async def test_an_open_node_is_never_published_into_and_the_user_is_blocked(scene):
    laptop, bob = await scene_with_open_node(scene)
    eve = await scene.client("eve", "e", notify=[NODE])
    await scene.enrol(laptop)
    await scene.component.event("user.blocked", timeout=20, since=scene.logged)
    assert (await scene.component.stats())["blocked"] > 0
    laptop.presence(show="dnd", status="secret")
    await laptop.fence()
    assert await laptop.fetch(scene.alice) is None
    assert await eve.fetch(scene.alice) is None
    assert bob.items_of(scene.alice) == []
    assert (await laptop.node_config(NODE))["access_model"] == "open", "not ours to change here"
    for publish in scene.tap.publishes(scene.alice, NODE, scene.wire):
        assert publish.has("publish-options") and publish.has("pubsub#access_model"), publish


async def test_with_the_owners_rights_it_is_repaired_and_verified_first(scene):
    laptop, bob = await scene_with_open_node(scene)
    eve = await scene.client("eve", "e", notify=[NODE])
    await scene.enrol(laptop)
    await bob.sees_states(scene.alice, timeout=20, laptop="available")
    assert (await laptop.node_config(NODE))["access_model"] == "presence"
    with pytest.raises(IqError):
        await eve.fetch(scene.alice)
    assert eve.events.things == []


async def test_a_node_opened_later_is_not_published_into_before_it_is_repaired(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    eve = await scene.client("eve", "e", notify=[NODE])
    await laptop.iq("set", None, "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure node='%s'>"
                    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
                    "<value>http://jabber.org/protocol/pubsub#node_config</value></field>"
                    "<field var='pubsub#access_model'><value>open</value></field></x></configure></pubsub>" % NODE)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=20, Desk_phone="xa")
    assert (await laptop.node_config(NODE))["access_model"] == "presence"
    with pytest.raises(IqError):
        await eve.fetch(scene.alice)


async def test_a_fresh_node_is_for_contacts_only(scene):
    laptop, desk, bob = await scene.set_up()
    config = await laptop.node_config(NODE)
    assert config["access_model"] == "presence"
    assert config["persist_items"] in ("1", "true")
