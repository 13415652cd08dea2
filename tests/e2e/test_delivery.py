"""On ejabberd too bob gets every change, once."""
import pytest
from items import NODE
from serverconf import PUBSUB, WORK
from slixmpp.exceptions import IqError


async def test_a_change_just_after_the_subscription_arrives(scene):
    laptop, desk, _ = await scene.set_up(bob=False)
    bob = await scene.contact()
    await laptop.befriend(bob)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")


async def test_a_change_while_one_of_alices_sessions_has_sent_no_presence_arrives(scene):
    laptop, desk, bob = await scene.set_up()
    await scene.client("alice", "zzz-last", available=False)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    await laptop.sees_states(scene.alice, timeout=15, Desk_phone="xa")


async def test_a_change_while_alice_is_offline_arrives(scene):
    laptop, desk, bob = await scene.set_up()
    dave = await scene.contact("dave", host=WORK)
    await laptop.befriend(dave)
    await laptop.sign_out()
    await bob.sees_states(scene.alice, timeout=15, laptop="unavailable")
    desk.presence(show="xa")
    for contact in (bob, dave):
        await contact.sees_states(scene.alice, timeout=15, Desk_phone="xa")


@pytest.mark.servers("ejabberd-24.12", "ejabberd-26.07")
async def test_each_change_comes_once(scene):
    laptop, desk, bob = await scene.set_up()
    bob.presence()                          # now the server knows what bob wants to be told
    await laptop.saw(bob.me)
    await bob.fence()
    mark = bob.events.mark()
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    laptop.presence(show="away")
    await bob.sees_states(scene.alice, timeout=15, laptop="away")
    await bob.fence()
    seen = [i.xml for i in bob.items_of(scene.alice, since=mark)]
    assert len(seen) == len(set(seen)), seen


async def test_who_comes_back_with_the_same_resource_while_alice_is_offline_gets_the_item(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd")
    await laptop.sign_out()
    await bob.sees_states(scene.alice, timeout=15, laptop="unavailable")
    for _ in range(2):
        resource = bob.boundjid.resource
        bob.drop()                          # of which ejabberd tells no component
        bob = await scene.contact(resource=resource)
        await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd", laptop="unavailable")


async def test_who_is_no_contact_any_more_can_fetch_nothing(scene):
    laptop, desk, bob = await scene.set_up()
    carol = await scene.contact("carol")
    await laptop.befriend(carol)
    await laptop.remove_contact(bob.me)
    await bob.presences.wait(lambda p: p["type"] == "unsubscribed" and p["from"].bare == scene.alice, "end of the friendship")
    with pytest.raises(IqError):
        await bob.fetch(scene.alice)


@pytest.mark.timeout_s(120)
async def test_who_is_no_contact_any_more_gets_nothing_once_the_roster_was_read_again(scene):
    laptop, desk, bob = await scene.set_up()
    carol = await scene.contact("carol")
    await laptop.befriend(carol)
    await laptop.remove_contact(bob.me)
    if scene.lab.kind == "ejabberd":        # on Prosody the server itself decides
        wire = scene.tap.stanzas.mark()
        desk.presence(show="away")          # what is to be sent is a reason to read it again
        await scene.tap.stanzas.wait(lambda d: d[0] == "<" and not isinstance(d[1], str) and d[1].type == "result"
                                     and d[1].has("jabber:iq:roster") and d[1].sender.split("@")[0] == scene.alice.split("@")[0],
                                     "answer to a roster get", timeout=75, since=wire)
        await carol.sees_states(scene.alice, timeout=20, Desk_phone="away")
    mark = bob.events.mark()
    desk.presence(show="xa")
    await carol.sees_states(scene.alice, timeout=20, Desk_phone="xa")
    await bob.fence()
    assert bob.items_of(scene.alice, since=mark) == []


@pytest.mark.variant("nomessage")
@pytest.mark.servers("ejabberd-24.12", "ejabberd-26.07")
async def test_without_the_message_privilege_the_server_delivers_what_it_can(scene):
    laptop, desk, _ = await scene.set_up(bob=False)
    bob = await scene.contact()
    await laptop.befriend(bob)
    bob.presence()
    await laptop.saw(bob.me)
    await bob.fence()
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")


@pytest.mark.slow                       # it waits for the roster of a minute later
@pytest.mark.timeout_s(120)
async def test_an_explicit_subscription_ends_with_the_friendship(scene):
    laptop, desk, bob = await scene.set_up()
    carol = await scene.contact("carol")
    await laptop.befriend(carol)
    await bob.iq("set", scene.alice, f"<pubsub xmlns='{PUBSUB}'><subscribe node='{NODE}' jid='{bob.me}'/></pubsub>")
    desk.presence(show="chat")
    await carol.sees_states(scene.alice, timeout=20, Desk_phone="chat")
    wire = scene.tap.stanzas.mark()
    await laptop.remove_contact(bob.me)
    await scene.tap.stanzas.wait(lambda d: d[0] == ">" and not isinstance(d[1], str) and d[1].has("subscription='none'")
                                 and d[1].has(bob.me), "end of the subscription", timeout=90, since=wire)
    mark = bob.events.mark()
    desk.presence(show="xa")
    await carol.sees_states(scene.alice, timeout=20, Desk_phone="xa")
    await bob.fence()
    assert bob.items_of(scene.alice, since=mark) == []
