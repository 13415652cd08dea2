"""What was lost is asked again: questions that servers drop or return, requests to accounts that are not there yet."""
import time
import pytest
from serverconf import WORK

QUESTION = "Answer yes"


def question(m):
    return QUESTION in m["body"]


async def agrees(scene, laptop, device, label, show):
    device.say(scene.bridge, "yes")
    device.presence(show=show)
    await laptop.sees(scene.alice, lambda i: i.state(label) == show, f"{label} as {show}", timeout=15)


def returned(scene, jid):
    return lambda s: s.name == "message" and s.type == "error" and s.sender == jid and s.to == scene.bridge


async def comes_back(scene, jid, since):
    await scene.tap.stanzas.until(lambda: scene.tap.received(returned(scene, jid), since), f"question to {jid}, returned", since=since)


@pytest.mark.variant("strangers")
@pytest.mark.timeout_s(120)
async def test_a_question_that_a_server_keeps_from_strangers_is_asked_with_the_approval(scene):
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    desk = await scene.desk_phone()
    asked = time.monotonic()
    await scene.link(laptop, scene.desk)
    await desk.request(scene.bridge)
    await desk.fence()
    assert scene.tap.sent(lambda s: s.name == "message" and s.to == scene.desk and s.has(QUESTION), scene.wire)
    assert not desk.messages.since(0, question), "this server does not take messages of strangers"
    desk.approve(scene.bridge)
    await desk.chat(scene.bridge, timeout=40, pred=question)
    if scene.lab.kind == "prosody":         # it says nothing: nobody knows that the first one did not get there
        assert time.monotonic() - asked > 25, "who has got the first one isn't asked twice in the same breath"
    else:                                   # it returns what it doesn't deliver
        assert scene.tap.received(returned(scene, scene.desk), scene.wire) and time.monotonic() - asked < 25
    await agrees(scene, laptop, desk, "Desk phone", "dnd")


@pytest.mark.timeout_s(120)
async def test_a_question_that_came_back_is_asked_at_once_when_the_account_is_there(scene):
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    jid, mark, asked = f"late{scene.n}@{WORK}", scene.tap.stanzas.mark(), time.monotonic()
    await scene.link(laptop, jid, label="Late phone")
    await comes_back(scene, jid, mark)
    late = await scene.client("late", "phone", host=WORK, kind="phone")
    logged = scene.component.log.mark()
    scene.tap.cut()
    await scene.component.event("ready", since=logged, timeout=20)
    await late.request(scene.bridge, timeout=20)
    assert not late.messages.since(0, question)
    late.approve(scene.bridge)
    await late.chat(scene.bridge, pred=question)
    assert time.monotonic() - asked < 29, "it is not the one that comes in any case"
    await agrees(scene, laptop, late, "Late phone", "away")


@pytest.mark.timeout_s(120)
async def test_link_asks_again_who_was_not_there(scene):
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    jid, mark = f"later{scene.n}@{WORK}", scene.tap.stanzas.mark()
    await scene.link(laptop, jid, label="Later phone")
    await comes_back(scene, jid, mark)
    later = await scene.client("later", "phone", host=WORK, kind="phone")
    answer = await scene.link(laptop, jid, label="Another name")
    assert "again" in " ".join(answer.notes), answer
    await later.request(scene.bridge)
    await later.chat(scene.bridge, pred=question)
    assert [d["label"] for d in (await laptop.command("devices")).items if d["jid"] == jid] == ["Later phone"]
    later.approve(scene.bridge)
    await agrees(scene, laptop, later, "Later phone", "dnd")
    answer = await laptop.command("link", {"jid": jid, "label": "x", "kind": "other", "visibility": "contacts"})
    assert not answer.done and "linked already" in " ".join(answer.notes), answer


async def test_link_asks_again_as_often_as_accounts_may_be_asked(scene):
    laptop = await scene.laptop()
    await scene.enrol(laptop)
    desk = await scene.desk_phone()
    for _ in range(3):
        await scene.link(laptop, scene.desk)
    answer = await laptop.command("link", {"jid": scene.desk, "label": "x", "kind": "other", "visibility": "contacts"})
    assert not answer.done and "ten minutes" in " ".join(answer.notes), answer
    await desk.chat(scene.bridge, pred=question)
    await desk.fence()
    assert len(desk.messages.since(0, question)) == 3
