"""One subscription shows every device: the whole story, with bob signed in throughout."""
import pytest
from clients import condition
from items import NODE, PRIVATE
from serverconf import HOME, WORK
from slixmpp.exceptions import IqError

SHOWS = ["available", "away", "chat", "dnd", "xa"]


@pytest.mark.variant("etc", "full")
async def test_who_subscribed_once_sees_every_device_with_kind_label_and_state(scene):
    laptop, bob = await scene.laptop(), await scene.contact()
    carol = await scene.contact("carol", host=WORK)
    await laptop.befriend(bob)
    await laptop.befriend(carol)
    await scene.enrol(laptop)
    await bob.sees_states(scene.alice, laptop="available")

    await scene.link(laptop, scene.desk, label="Desk phone", kind="fixed")
    desk = await scene.desk_phone(show="dnd")
    await scene.accept(desk)
    await scene.phone("phone", show="away")
    for contact in (bob, carol):
        await contact.sees_states(scene.alice, timeout=15, laptop="available", phone="away", Desk_phone="dnd")
        # The kinds of her own resources are asked for when they appear, and may come an item later.
        kinds = {"laptop": "computer", "phone": "mobile", "Desk phone": "fixed"}
        item = await contact.sees(scene.alice, lambda i: {d.label: d.kind for d in i.values()} == kinds, "kinds", timeout=15)
        assert [d.label for d in item.values() if d.preferred] == ["laptop"]
        assert item.updated is not None and item.expires > item.updated
        assert list(await contact.roster_items()) == [scene.alice], "alice is the only contact that it takes"


async def test_every_show_value_status_idle_and_unavailable_arrives(scene):
    laptop, first, bob = await scene.set_up()
    more = [await scene.desk_phone(f"r{i}", show=show) for i, show in enumerate(SHOWS[1:])]
    await bob.sees(scene.alice, lambda i: sorted(r.show for r in i["Desk phone"].resources) == SHOWS,
                   "all five shows, a resource each", timeout=15)

    first.presence(show="dnd", status="On the phone", idle=300)
    laptop.presence(status="at my desk", idle=600)
    item = await bob.sees(scene.alice, lambda i: i["Desk phone"].idle and i["laptop"].idle, "idle", timeout=15)
    assert "On the phone" in item["Desk phone"].statuses
    assert item["laptop"].statuses == ["at my desk"]

    for client in (first, *more[1:]):
        client.unavailable()
    await bob.sees(scene.alice, lambda i: [r.show for r in i["Desk phone"].resources] == ["away"], "one resource left", timeout=15)
    more[0].unavailable()
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="unavailable", laptop="available")


async def test_a_linked_accounts_status_text_is_shown_only_if_the_user_says_so(scene):
    laptop, desk, bob = await scene.set_up(status_text=False, show="dnd", status="secret words")
    item = await bob.sees_states(scene.alice, Desk_phone="dnd")
    assert "secret" not in item.xml
    device = (await scene.device_ids(laptop))["Desk phone"]
    answer = await laptop.command("edit", {"device": device, "label": "Desk phone", "kind": "fixed",
                                           "visibility": "contacts", "status-text": 1})
    assert answer.done, answer
    await bob.sees(scene.alice, lambda i: i["Desk phone"].statuses == ["secret words"], "status text", timeout=15)


@pytest.mark.variant("etc", "full")
async def test_a_connection_that_just_drops_is_seen_within_five_seconds(scene):
    laptop, desk, bob = await scene.set_up()
    phone = await scene.phone()
    await bob.sees_states(scene.alice, phone="available", laptop="available", Desk_phone="available")
    desk.drop()
    phone.drop()
    await bob.sees_states(scene.alice, timeout=5, Desk_phone="unavailable", phone="unavailable", laptop="available")


async def test_with_stream_management_a_dropped_connection_is_seen_when_the_server_gives_it_up(scene):
    laptop, desk, bob = await scene.set_up()
    tablet = await scene.desk_phone("sm", sm=True, show="dnd")
    await bob.sees(scene.alice, lambda i: len(i["Desk phone"].resources) == 2, "two resources")
    await tablet.iq("get", WORK, "<ping xmlns='urn:xmpp:ping'/>")
    tablet.drop()
    desk.presence(show="away")
    await bob.sees(scene.alice, lambda i: sorted(r.show for r in i["Desk phone"].resources) == ["away", "dnd"],
                   "the server's truth: still there", timeout=15)
    await bob.sees(scene.alice, lambda i: [r.show for r in i["Desk phone"].resources] == ["away"],
                   "given up by the server", timeout=25)


async def test_all_of_it_goes_on_while_alices_own_account_is_offline(scene):
    laptop, desk, bob = await scene.set_up(show="away")
    await laptop.sign_out()
    await bob.sees_states(scene.alice, timeout=15, laptop="unavailable", Desk_phone="away")
    desk.presence(show="dnd", status="still here")
    item = await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd")
    assert item["Desk phone"].statuses == ["still here"]
    desk.drop()
    await bob.sees_states(scene.alice, timeout=5, Desk_phone="unavailable")
    await scene.desk_phone(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")


async def test_a_contact_who_signs_in_later_gets_the_current_item(scene):
    laptop, desk, bob = await scene.set_up(show="away")
    carol = await scene.contact("carol")
    await laptop.befriend(carol)
    await carol.sign_out()
    desk.presence(show="dnd")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd")
    carol = await scene.contact("carol")
    await carol.sees_states(scene.alice, timeout=15, Desk_phone="dnd", laptop="available")


@pytest.mark.variant("etc", "full")
async def test_a_contact_who_signs_in_later_gets_it_with_only_the_desk_phone_on(scene):
    laptop, desk, bob = await scene.set_up(show="away")
    carol, dave = await scene.contact("carol"), await scene.contact("dave", host=WORK)
    await laptop.befriend(carol)
    await laptop.befriend(dave)
    desk.presence(show="chat")
    for contact in (bob, carol, dave):      # contacts known for long
        await contact.sees_states(scene.alice, timeout=15, Desk_phone="chat")
        if contact is not bob:
            await contact.sign_out()
    await laptop.sign_out()
    desk.presence(show="dnd")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd", laptop="unavailable")
    for who, host in (("carol", HOME), ("dave", WORK)):
        contact = await scene.contact(who, host=host)
        await contact.sees_states(scene.alice, timeout=15, Desk_phone="dnd")


async def test_alices_own_clients_get_the_item(scene):
    laptop, desk, bob = await scene.set_up(show="away")
    await laptop.sees_states(scene.alice, Desk_phone="away", laptop="available")
    desk.presence(show="xa")
    await laptop.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    tablet = await scene.client("alice", "tablet", notify=[NODE], kind="tablet")
    item = await tablet.sees_states(scene.alice, timeout=15, Desk_phone="xa", tablet="available")
    assert item["tablet"].kind == "tablet"


async def test_what_is_for_alice_alone_goes_to_her_own_clients_only(scene):
    laptop, desk, bob = await scene.set_up()
    pager = await scene.client("pager", "p", show="dnd")
    await scene.link(laptop, pager.me, label="Pager", kind="other", visibility="self")
    await scene.accept(pager)
    await laptop.sees_states(scene.alice, timeout=15, node=PRIVATE, Pager="dnd", Desk_phone="available", laptop="available")
    desk.presence(show="away")
    item = await bob.sees_states(scene.alice, timeout=15, Desk_phone="away")
    assert "Pager" not in item
    await bob.fence()
    assert not bob.items_of(scene.alice, PRIVATE)
    assert all("Pager" not in i for i in bob.items_of(scene.alice))
    with pytest.raises(IqError):
        await bob.fetch(scene.alice, PRIVATE)


async def test_a_stranger_gets_nothing_by_event_or_by_fetching(scene):
    laptop, desk, bob = await scene.set_up()
    eve = await scene.client("eve", "e", notify=[NODE, PRIVATE])
    mallory = await scene.client("mallory", "m", host=WORK, notify=[NODE, PRIVATE])
    for stranger in (eve, mallory):
        stranger.presence(to=scene.alice)
        stranger.presence(to=scene.bridge)
        stranger.presence(to=scene.bridge, type="probe")
        stranger.presence(to=scene.desk, type="probe")
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="xa")
    for stranger in (eve, mallory):
        await stranger.fence()
        assert stranger.events.things == []
        assert not [p for p in stranger.presences.things if p["from"].bare in (scene.bridge, scene.alice, scene.desk)
                    and p["type"] not in ("error", "unsubscribed", "unavailable")]
        for node in (NODE, PRIVATE):
            with pytest.raises(IqError) as refused:
                await stranger.fetch(scene.alice, node)
            assert condition(refused.value) in ("forbidden", "not-authorized", "item-not-found", "service-unavailable", "not-allowed")


async def test_the_commands_say_what_there_is(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    devices = {d["label"]: d for d in (await laptop.command("devices")).items}
    assert devices["Desk phone"]["kind"] == "fixed"
    assert devices["Desk phone"]["jid"] == scene.desk
    assert devices["Desk phone"]["visibility"] == "contacts"
    assert devices["laptop"]["kind"] == "computer"
