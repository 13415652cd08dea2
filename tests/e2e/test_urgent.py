"""What is not to be seen any more goes at once, also when nothing is known yet."""
import time
import pytest
from scene import SETTLE
from serverconf import WORK

pytestmark = pytest.mark.timeout_s(150)

SOON = 3        # a second or two, on a machine that has more to do


async def with_a_cell(scene):
    """alice has a second linked account, whose server will be silent."""
    laptop, desk, bob = await scene.set_up(show="dnd", status="On the phone")
    cell = await scene.client("cell", "phone", host=WORK, kind="phone")
    await scene.link(laptop, cell.me, label="Cell", kind="mobile")
    await scene.accept(cell)
    await bob.sees_states(scene.alice, timeout=15, Cell="available", Desk_phone="dnd")

    def silent(direction, stanza):
        return "" if direction == ">" and stanza.name == "presence" and stanza.type == "probe" and stanza.to == cell.me else None
    scene.tap.rule = silent
    return laptop, desk, cell, bob


async def came_back(scene, how):
    if how == "restart":
        await scene.component.restart()
    else:
        log = scene.component.log.mark()
        scene.tap.cut()
        await scene.component.event("ready", timeout=30, since=log)


@pytest.mark.parametrize("how", ["restart", "cut"])
async def test_a_device_is_hidden_right_after_a_start(healed, how):
    scene = healed
    laptop, desk, cell, bob = await with_a_cell(scene)
    id = (await scene.device_ids(laptop))["Desk phone"]
    await came_back(scene, how)
    mark, began = bob.events.mark(), time.monotonic()
    answer = await laptop.command("edit", {"device": id, "visibility": "hidden"})
    assert answer.done, answer
    await bob.sees(scene.alice, lambda i: "Desk phone" not in i, "item without the desk phone", timeout=SETTLE + 15, since=mark)
    assert time.monotonic() - began < SOON
    for item in bob.items_of(scene.alice, since=mark):
        assert item.state("Cell") == ("unknown" if how == "restart" else "available") and item["Cell"].stale, item
    scene.tap.rule = None
    cell.presence(show="away")
    item = await bob.sees_states(scene.alice, timeout=SETTLE + 15, since=mark, Cell="away", laptop="available")
    assert not item["Cell"].stale and "Desk phone" not in item, item
    assert "Desk phone" not in await bob.fetch(scene.alice)


async def test_its_text_goes_right_after_a_start(healed):
    scene = healed
    laptop, desk, cell, bob = await with_a_cell(scene)
    id = (await scene.device_ids(laptop))["Desk phone"]
    answer = await laptop.command("edit", {"device": id, "status-text": 1})
    assert answer.done, answer
    await bob.sees(scene.alice, lambda i: i["Desk phone"].statuses == ["On the phone"], "its text", timeout=15)
    await scene.component.restart()
    mark, began = bob.events.mark(), time.monotonic()
    answer = await laptop.command("edit", {"device": id, "status-text": 0})
    assert answer.done, answer
    await bob.sees(scene.alice, lambda i: not i["Desk phone"].statuses, "item without its text", timeout=SETTLE + 15, since=mark)
    assert time.monotonic() - began < SOON
    assert all(not i["Desk phone"].statuses for i in bob.items_of(scene.alice, since=mark))


async def test_an_end_goes_right_after_a_start(healed):
    scene = healed
    laptop, desk, cell, bob = await with_a_cell(scene)
    await scene.component.restart()
    mark, began = bob.events.mark(), time.monotonic()
    desk.refuse(scene.bridge)
    await bob.sees(scene.alice, lambda i: "Desk phone" not in i, "item without the desk phone", timeout=SETTLE + 15, since=mark)
    assert time.monotonic() - began < SOON
    assert all(i.state("Cell") != "unavailable" for i in bob.items_of(scene.alice, since=mark))
