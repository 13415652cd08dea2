"""Nothing of a linked account is published before both sides have said so, nor after either ended it."""
import asyncio
import pytest


async def fence(scene, alice, bob, word, **states):
    """A change of alice's own, seen by bob: whatever came before it has been dealt with.  The item that bob has then."""
    alice.presence(status=word)
    item = await bob.sees(scene.alice, lambda i: i["laptop"].statuses == [word], f"status {word}", timeout=20)
    return item


async def linked_with_bob(scene):
    laptop, bob = await scene.laptop(), await scene.contact()
    await laptop.befriend(bob)
    await scene.enrol(laptop)
    await bob.sees_states(scene.alice, laptop="available")
    desk = await scene.desk_phone(show="dnd")
    await scene.link(laptop, scene.desk)
    await desk.request(scene.bridge)
    return laptop, desk, bob


def never_showed(scene, bob, label="Desk phone", since=0):
    return not any(label in i for i in bob.items_of(scene.alice, since=since))


async def test_nothing_is_published_before_both_consents(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    await fence(scene, laptop, bob, "not approved")
    desk.approve(scene.bridge)
    question = await desk.chat(scene.bridge)
    assert scene.alice in question["body"], "it says who will be shown to others"
    desk.presence(show="away")
    await fence(scene, laptop, bob, "approved, not confirmed")
    assert never_showed(scene, bob)
    desk.say(question["from"], "yes")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="away")


async def test_the_request_names_the_primary_and_the_audience(scene):
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    desk = await scene.desk_phone()
    await scene.link(laptop, scene.desk)
    request = await desk.request(scene.bridge)
    assert scene.alice in request["status"]
    assert request.xml.find("{http://jabber.org/protocol/nick}nick") is not None


async def test_a_yes_without_an_approved_subscription_is_not_enough(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    desk.say(scene.bridge, "yes")
    desk.presence(show="away")
    await fence(scene, laptop, bob, "said yes only")
    assert never_showed(scene, bob)


async def test_no_means_no(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    desk.approve(scene.bridge)
    question = await desk.chat(scene.bridge)
    desk.say(question["from"], "no")
    desk.presence(show="away")
    await fence(scene, laptop, bob, "refused")
    desk.say(question["from"], "yes")       # too late: this link has ended
    desk.presence(show="xa")
    await fence(scene, laptop, bob, "still refused")
    assert never_showed(scene, bob)


async def test_a_refused_subscription_is_the_end_of_it(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    desk.refuse(scene.bridge)
    desk.say(scene.bridge, "yes")
    desk.presence(show="away")
    await fence(scene, laptop, bob, "refused")
    assert never_showed(scene, bob)


async def test_the_confirm_command_does_as_well_as_the_reply(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    desk.approve(scene.bridge)
    await desk.chat(scene.bridge)
    answer = await desk.command("confirm")
    assert answer.done, answer
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd")


async def test_the_account_ends_it_by_command_as_by_removing_the_contact(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    desk.approve(scene.bridge)
    question = await desk.chat(scene.bridge)
    desk.say(question["from"], "yes")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd")
    assert "agreed already" in " ".join((await desk.command("confirm")).notes)
    assert "others show this account" in " ".join((await desk.command("link")).notes)
    answer = await desk.command("unlink", {"device": scene.alice})
    assert answer.done, answer
    await bob.sees_states(scene.alice, timeout=15, Desk_phone=None)
    assert not (await desk.command("unlink")).done


async def test_a_stranger_confirms_nothing(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    desk.approve(scene.bridge)
    await desk.chat(scene.bridge)
    eve = await scene.client("eve", "e")
    eve.say(scene.bridge, "yes")
    assert not (await eve.command("confirm")).done
    bob.say(scene.bridge, "yes")
    laptop.say(scene.bridge, "yes")
    await fence(scene, laptop, bob, "others said yes")
    assert never_showed(scene, bob)


@pytest.mark.parametrize("how", ["unlink", "unsubscribed", "roster removal"])
async def test_nothing_is_published_after_either_side_ended_it(scene, how):
    laptop, desk, bob = await scene.set_up(show="dnd")
    mark = bob.events.mark()
    if how == "unlink":
        answer = await laptop.command("unlink", {"device": (await scene.device_ids(laptop))["Desk phone"]})
        assert answer.done, answer
    elif how == "unsubscribed":
        desk.refuse(scene.bridge)
    else:
        await desk.remove_contact(scene.bridge)
    await bob.sees(scene.alice, lambda i: "Desk phone" not in i, "item without the desk phone", timeout=15, since=mark)
    mark = bob.events.mark()
    desk.presence(show="away")
    item = await fence(scene, laptop, bob, "ended")
    assert "Desk phone" not in item
    assert never_showed(scene, bob, since=mark)
    assert "Desk phone" not in await bob.fetch(scene.alice)


@pytest.mark.timeout_s(120)
async def test_nothing_is_published_after_a_restart_in_between(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    await scene.component.restart()
    await fence(scene, laptop, bob, "restarted before the approval")
    desk.approve(scene.bridge)
    question = await desk.chat(scene.bridge)
    await scene.component.restart(kill=True)
    desk.presence(show="away")
    await fence(scene, laptop, bob, "restarted before the yes")
    assert never_showed(scene, bob)
    asked = desk.messages.mark()
    desk.say(question["from"], "yes")
    await desk.chat(scene.bridge, since=asked)  # what it was asked before the start isn't known: once more
    assert never_showed(scene, bob)
    await scene.says_yes(desk)
    await bob.sees_states(scene.alice, timeout=20, Desk_phone="away")


@pytest.mark.timeout_s(120)
async def test_after_a_restart_confirm_asks_in_its_answer(scene):
    laptop, desk, bob = await linked_with_bob(scene)
    desk.approve(scene.bridge)
    await desk.chat(scene.bridge)
    await fence(scene, laptop, bob, "approved")
    await scene.component.restart(kill=True)
    await fence(scene, laptop, bob, "restarted")
    answer = await desk.command("confirm")
    while "Just after this service has started" in " ".join(answer.notes):     # until the test's own time is over
        await asyncio.sleep(0.1)
        answer = await desk.command("confirm")
    assert "to the contacts of" in " ".join(answer.notes), answer.notes
    await fence(scene, laptop, bob, "asked once more")
    assert never_showed(scene, bob)
    answer = await desk.command("confirm")
    while not answer.done:                      # in the first five seconds
        await asyncio.sleep(0.5)
        answer = await desk.command("confirm")
    assert "to the contacts of" not in " ".join(answer.notes), answer.notes
    await bob.sees_states(scene.alice, timeout=20, Desk_phone="dnd")


@pytest.mark.timeout_s(120)
async def test_what_was_ended_stays_ended_over_a_restart(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    mark = bob.events.mark()
    desk.refuse(scene.bridge)
    await bob.sees(scene.alice, lambda i: "Desk phone" not in i, "item without the desk phone", timeout=15, since=mark)
    mark = bob.events.mark()
    await scene.component.restart(kill=True)
    desk.approve(scene.bridge)              # a late approval revives nothing
    desk.presence(show="away")
    await fence(scene, laptop, bob, "restarted")
    assert never_showed(scene, bob, since=mark)


async def test_what_can_be_no_device_is_refused(scene):
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    for jid in (scene.alice, scene.bridge, "presence.home.test", "someone@presence.home.test", "work.test", "not an address", ""):
        answer = await laptop.command("link", {"jid": jid, "label": "No", "kind": "other", "visibility": "contacts"})
        assert answer.status == "completed" and not answer.done, f"{jid}: {answer}"
    assert [d["label"] for d in (await laptop.command("devices")).items] == ["laptop"]
    assert not scene.tap.sent(lambda s: s.name == "presence" and s.type == "subscribe" and s.sender.startswith(scene.bridge)
                              and not s.to.startswith(scene.alice), scene.wire)


async def test_who_is_not_enrolled_can_link_nothing(scene):
    eve = await scene.client("eve", "e")
    for command in ("link", "edit", "unlink", "leave", "devices"):
        answer = await eve.command(command)
        assert answer.status == "completed" and not answer.done, f"{command}: {answer}"


async def test_who_leaves_is_shown_no_more(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    mark = bob.events.mark()
    answer = await laptop.command("leave", {})
    assert answer.done, answer
    await scene.component.event("user.left", since=scene.logged)
    await bob.sees(scene.alice, lambda i: not i, "empty item", timeout=15, since=mark)
    mark = bob.events.mark()
    desk.presence(show="away")
    laptop.presence(show="xa")
    await desk.fence()
    await bob.fence()
    assert bob.items_of(scene.alice, since=mark) == []
