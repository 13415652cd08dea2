"""The harness itself, without the component: the servers run, the clients hear, the tap listens."""
import pytest
from clients import bridge
from items import NODE
from serverconf import PRESENCE, HOME, PUBSUB
from stub import Stub

pytestmark = [pytest.mark.stub, pytest.mark.variant("full")]


ITEM = ("<devices xmlns='urn:x-polypresence:devices:0' updated='2026-01-01T00:00:00Z'>"
        "<device id='a' kind='fixed' since='2026-01-01T00:00:00Z'><label>Desk phone</label>"
        "<resource id='r1'><show>dnd</show></resource></device></devices>")


async def test_a_privileged_publish_of_a_component_reaches_the_contact(scene):
    stub = await Stub(scene.tap.port).connect()
    try:
        await stub.inbox.wait(lambda s: s.name == "message" and s.sender == HOME and s.has("urn:xmpp:privilege:2"), "grants")
        alice, bob = await scene.laptop(), await scene.contact()
        await alice.befriend(bob)
        bob.presence()          # ejabberd looks at the contact's caps only now
        await alice.saw(bob.me)
        stub.send(f"<iq type='set' id='p' from='{PRESENCE}' to='{alice.me.replace(HOME, HOME.upper())}'><privileged_iq xmlns='urn:xmpp:privilege:2'>"
                  f"<iq xmlns='jabber:client' type='set' id='i' to='{alice.me}'><pubsub xmlns='{PUBSUB}'><publish node='{NODE}'>"
                  f"<item id='current'>{ITEM}</item></publish></pubsub></iq></privileged_iq></iq>")
        answer = await stub.inbox.wait(lambda s: s.id == "p", "answer")
        assert "type='result'" in answer.raw or 'type="result"' in answer.raw, answer
        assert len(scene.tap.publishes(alice.me, NODE, scene.wire)) == 1
        assert (await alice.fetch(alice.me)).state("Desk phone") == "dnd"
        assert (await bob.fetch(alice.me)).state("Desk phone") == "dnd"
        if scene.lab.kind == "prosody":
            await bob.sees_states(alice.me, Desk_phone="dnd")
    finally:
        stub.close()


async def test_a_subscription_of_a_component_user_is_told_of_a_dropped_connection(scene):
    stub = await Stub(scene.tap.port).connect()
    try:
        alice, b = await scene.laptop(), bridge(scene.alice)
        stub.send(f"<presence type='subscribe' from='{b}' to='{alice.me}'/>")
        await alice.request(b)
        alice.approve(b)
        await stub.inbox.wait(lambda s: s.type == "subscribed", "approval")
        phone = await scene.phone(sm=True, show="dnd", idle=60)
        await stub.inbox.wait(lambda s: s.sender.endswith("/phone") and s.has("<show>dnd") and s.has("urn:xmpp:idle:1"), "presence of the phone")
        alice.drop()
        await stub.inbox.wait(lambda s: s.sender.endswith("/laptop") and s.type == "unavailable" and s.to != PRESENCE, "laptop gone", timeout=5)
        phone.drop()            # hibernates (XEP-0198) until the server gives it up
        await stub.inbox.wait(lambda s: s.sender.endswith("/phone") and s.type == "unavailable" and s.to != PRESENCE, "phone gone", timeout=15)
    finally:
        stub.close()
