"""Whom alice blocks is told nothing where we are the one who tells; Prosody's own PEP goes on telling him."""
import pytest
from serverconf import BLOCKING, WORK


async def blocks(laptop, *jids):
    items = "".join(f"<item jid='{jid}'/>" for jid in jids)
    await laptop.iq("set", None, f"<block xmlns='{BLOCKING}'>{items}</block>")


async def unblocks(laptop, *jids):
    items = "".join(f"<item jid='{jid}'/>" for jid in jids)
    await laptop.iq("set", None, f"<unblock xmlns='{BLOCKING}'>{items}</unblock>")


async def with_carol(scene):
    laptop, desk, bob = await scene.set_up()
    carol = await scene.contact("carol")
    await laptop.befriend(carol)
    desk.presence(show="chat")
    for contact in (bob, carol):
        await contact.sees_states(scene.alice, timeout=20, Desk_phone="chat")
    return laptop, desk, bob, carol


async def list_is_read(scene, laptop, desk):
    """A list of the last minute is used as it is: with whom she has just accepted a newer one has come."""
    erin = await scene.contact("erin")
    await laptop.befriend(erin)
    desk.presence(show="chat", status="who is new is told this")
    await erin.sees_states(scene.alice, timeout=75, Desk_phone="chat")


@pytest.mark.servers("ejabberd-24.12", "ejabberd-26.07")
async def test_who_is_blocked_gets_no_event_and_unblocked_gets_them_again(scene):
    laptop, desk, bob, carol = await with_carol(scene)
    await blocks(laptop, bob.me)
    await list_is_read(scene, laptop, desk)
    mark = bob.events.mark()
    for show in ("away", "xa"):
        desk.presence(show=show)
        await carol.sees_states(scene.alice, timeout=20, Desk_phone=show)
    await bob.fence()
    assert bob.items_of(scene.alice, since=mark) == []
    await unblocks(laptop, bob.me)
    desk.presence(show="dnd")
    await bob.sees_states(scene.alice, timeout=75, Desk_phone="dnd")


@pytest.mark.servers("ejabberd-24.12", "ejabberd-26.07")
async def test_a_blocked_domain_stands_for_everybody_there(scene):
    laptop, desk, bob, carol = await with_carol(scene)
    dave = await scene.contact("dave", host=WORK)
    await laptop.befriend(dave)
    await blocks(laptop, WORK)
    mark = dave.events.mark()
    # work.test is alice's desk phone's as well: what she blocks is what goes to her own account, not to her bridge.
    desk.presence(show="xa")
    await carol.sees_states(scene.alice, timeout=20, Desk_phone="xa")
    await dave.fence()
    assert dave.items_of(scene.alice, since=mark) == []


@pytest.mark.servers("ejabberd-24.12", "ejabberd-26.07")
async def test_who_is_blocked_and_signs_in_is_not_greeted(scene):
    laptop, desk, bob, carol = await with_carol(scene)
    await blocks(laptop, bob.me)
    await list_is_read(scene, laptop, desk)
    desk.presence(show="xa")
    await carol.sees_states(scene.alice, timeout=20, Desk_phone="xa")
    again = await scene.contact(resource="another")
    greeted = await scene.contact("carol", resource="another")
    await greeted.sees_states(scene.alice, timeout=20, Desk_phone="xa")
    await again.fence()
    assert again.items_of(scene.alice, since=0) == []


@pytest.mark.servers("prosody")
async def test_what_prosody_delivers_itself_goes_to_the_blocked_as_well(scene):
    """No wish of ours: README says so, and should this fail one day, it is to say something better."""
    laptop, desk, bob, _ = await with_carol(scene)
    await blocks(laptop, bob.me)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=20, Desk_phone="xa")


@pytest.mark.variant("noblocking")
@pytest.mark.servers("ejabberd-26.07")
async def test_without_the_privilege_he_gets_them_and_the_log_has_a_hint(scene):
    laptop, desk, bob, _ = await with_carol(scene)
    await blocks(laptop, bob.me)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=20, Desk_phone="xa")
    line = await scene.component.event("advice", since=scene.component.began)
    assert BLOCKING in line["text"] and line["level"] == "info", line
