"""Over a restart nobody sees a device flap that didn't, and the item is right in the end."""
import pytest
from scene import SETTLE
from stub import Stub

pytestmark = pytest.mark.timeout_s(150)


def assert_no_flap(items, *labels):
    for item in items:
        for label in labels:
            assert item.state(label) not in (None, "unavailable"), f"{label} flapped: {item}"


async def assert_right_after(scene, laptop, desk, bob, mark):
    """Nothing flapped, and changes arrive as before."""
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, since=mark, Desk_phone="xa", laptop="away", phone="available")
    assert_no_flap(bob.items_of(scene.alice, since=mark), "Desk phone", "laptop", "phone")


async def with_phone(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    phone = await scene.phone()
    laptop.presence(show="away")
    await bob.sees_states(scene.alice, timeout=15, laptop="away", phone="available", Desk_phone="dnd")
    return laptop, desk, phone, bob


@pytest.mark.variant("etc", "full")
@pytest.mark.parametrize("how", ["stop", "kill -9"])
async def test_the_component_restarts_and_nobody_sees_it(scene, how):
    laptop, desk, phone, bob = await with_phone(scene)
    mark = bob.events.mark()
    await scene.component.restart(kill=how != "stop")
    await assert_right_after(scene, laptop, desk, bob, mark)


async def test_its_connection_is_cut_and_nobody_sees_it(scene):
    laptop, desk, phone, bob = await with_phone(scene)
    mark, log = bob.events.mark(), scene.component.log.mark()
    scene.tap.cut()
    await scene.component.event("link.down", since=log)
    await scene.component.event("ready", timeout=30, since=log)
    await assert_right_after(scene, laptop, desk, bob, mark)


@pytest.mark.parametrize("how", ["stop", "kill -9"])
async def test_the_server_restarts_and_the_item_is_right(scene, how):
    laptop, desk, phone, bob = await with_phone(scene)
    if how == "kill -9":
        scene.server.at_rest()
    log = scene.component.log.mark()
    scene.tap.refuse = True                 # it comes back when everyone is signed in again
    try:
        scene.server.kill() if how == "kill -9" else scene.server.stop()
        await scene.component.event("link.down", since=log)
        wire = scene.tap.stanzas.mark()     # a server that stops may say, truly, that everyone is gone
        scene.server.start()
        bob = await scene.contact()
        await scene.laptop(show="away")
        await scene.phone()
        desk = await scene.desk_phone(show="dnd")
    finally:
        scene.tap.refuse = False
    await scene.component.event("ready", timeout=60, since=log)
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, Desk_phone="xa", laptop="away", phone="available")
    assert_no_flap(scene.tap.items(scene.alice, since=wire), "Desk phone", "laptop", "phone")


async def test_what_changed_while_it_was_down_is_right_within_the_settle_time(scene):
    laptop, desk, phone, bob = await with_phone(scene)
    mark = bob.events.mark()
    scene.component.stop()
    await desk.sign_out()
    phone.presence(show="dnd")
    scene.component.start()
    await scene.component.ready()
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, since=mark, Desk_phone="unavailable", phone="dnd", laptop="away")
    assert_no_flap(bob.items_of(scene.alice, since=mark), "laptop", "phone")


async def test_an_unchanged_item_is_not_published_again(scene):
    laptop, desk, phone, bob = await with_phone(scene)
    wire = scene.tap.stanzas.mark()
    await scene.component.restart()
    desk.presence(show="xa")
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, Desk_phone="xa")
    for item in scene.tap.items(scene.alice, since=wire):      # more than one only where a way of publishing is found by trying
        assert item.state("Desk phone") == "xa", item


@pytest.mark.servers("ejabberd-24.12", "ejabberd-26.07")
async def test_privileges_taken_away_by_a_ghost_come_back(scene):
    """ejabberd takes a second connection of the same component, and everybody's privileges when it closes."""
    laptop, desk, bob = await scene.set_up()
    ghost = await Stub(scene.server.ports["component"]).connect()
    ghost.close()
    log = scene.component.log.mark()
    desk.presence(show="xa")
    await scene.component.event("privilege.lost", timeout=60, since=log)
    await scene.component.event("ready", timeout=30, since=log)
    desk.presence(show="away")
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, Desk_phone="away")
