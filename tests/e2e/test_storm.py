"""A device that flaps does not flood the server, and its last state wins."""
from items import NODE


async def test_a_hundred_changes_in_a_second_end_in_a_handful_of_publishes_the_last_of_which_is_the_last_state(scene):
    laptop, desk, bob = await scene.set_up()
    wire, before = scene.tap.stanzas.mark(), await scene.component.stats()
    for i in range(100):
        desk.presence(show=("away", "dnd", "xa", "chat")[i % 4], status=f"change {i}")
    desk.presence(show="dnd", status="the last")
    await bob.sees(scene.alice, lambda i: i["Desk phone"].statuses == ["the last"], "the last state", timeout=30)
    publishes = scene.tap.publishes(scene.alice, NODE, wire)
    changes = [s for s in scene.tap.received(lambda s: s.name == "presence" and s.sender.startswith(scene.desk), wire)]
    assert len(changes) >= 100, "the storm did not reach the component"
    assert 1 <= len(publishes) <= 8, f"{len(publishes)} publishes"
    after = await scene.component.stats()
    assert after["presences"] - before["presences"] >= 100 and after["published"] - before["published"] <= 16
    assert publishes[-1].has("the last")
    assert (await bob.fetch(scene.alice))["Desk phone"].statuses == ["the last"]
