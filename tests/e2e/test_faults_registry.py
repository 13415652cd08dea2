"""The registry and the end of the process (F12, F13): nothing that was seen is lost, nothing is invented."""
import asyncio, random, resource, signal, sqlite3
import pytest
from faults import SmallDisk
from items import NODE
from scene import SETTLE
from serverconf import WORK
from slixmpp.exceptions import IqError, IqTimeout
from story import Story
from waiting import eventually

pytestmark = pytest.mark.timeout_s(180)
EX_IOERR = 74
SOON = 10


async def listed(alice):
    """The accounts that alice's list shows, with what they are; not those whose link has ended."""
    return {d["jid"]: d for d in (await alice.command("devices")).items if d["jid"] and d["consent"] != "ended"}


def ended(scene):
    """Has the link ended, by the registry?  An end is in force before it is written."""
    db = sqlite3.connect(scene.component.registry)
    n = db.execute("SELECT count(*) FROM device WHERE user = ? AND state = 'revoked'", (scene.alice,)).fetchone()[0]
    db.close()
    return n > 0


async def killed(scene):
    scene.component.kill()
    scene.component.start()
    await scene.component.ready()


# -- F12

async def test_killed_as_soon_as_something_is_seen_it_is_still_so_afterwards(healed):
    laptop = await healed.laptop()
    assert (await laptop.command("enrol")).done
    await killed(healed)
    await laptop.request(healed.bridge)             # asked again, or still there
    laptop.approve(healed.bridge)
    await laptop.sees_states(healed.alice, timeout=SETTLE + 15, laptop="available")
    desk = await healed.desk_phone(show="dnd")

    await healed.link(laptop, healed.desk)          # the answer has come
    await killed(healed)
    assert healed.desk in await listed(laptop)

    await desk.request(healed.bridge)
    asked = desk.messages.mark()
    desk.approve(healed.bridge)
    await desk.chat(healed.bridge, since=asked)     # a yes counts for what was asked since the start
    log = healed.component.log.mark()
    yes = asyncio.ensure_future(healed.says_yes(desk))
    await healed.component.event("device.linked", since=log)
    yes.cancel()
    await killed(healed)
    await laptop.sees_states(healed.alice, timeout=SETTLE + 15, Desk_phone="dnd")

    desk.presence(to=healed.bridge, type="unsubscribed")        # the device's side ends it
    await eventually(lambda: ended(healed), "the end of the link in the registry", every=0.005)
    await killed(healed)
    laptop.presence(show="xa")
    mark = laptop.events.mark()
    await laptop.sees_states(healed.alice, timeout=SETTLE + 15, since=mark, laptop="xa")
    for item in laptop.items_of(healed.alice, since=mark):
        assert "Desk phone" not in item, item
    await killed(healed)
    laptop.presence(show="dnd")
    await laptop.sees(healed.alice, lambda i: i.state("laptop") == "dnd" and "Desk phone" not in i, timeout=SETTLE + 15)


@pytest.mark.parametrize("kills", [6, pytest.param(40, marks=[pytest.mark.slow, pytest.mark.timeout_s(400)])])
async def test_killed_at_any_moment_what_was_answered_is_kept_and_nothing_else_is_there(healed, kills):
    laptop = await healed.laptop()
    await healed.enrol(laptop)
    await laptop.sees_states(healed.alice, timeout=20, laptop="available")
    dice, kept, open_ = random.Random(kills), set(), set()
    for i in range(kills):
        jid = f"device{healed.n}x{i}@{WORK}"
        asked = asyncio.ensure_future(laptop.command("link", {"jid": jid, "label": f"number {i}", "kind": "other"}, timeout=2))
        moment = dice.random() * 0.03
        _, pending = await asyncio.wait([asked], timeout=moment)
        healed.component.process.send_signal(signal.SIGKILL)
        healed.component.kill()
        try:
            answer = await asked
            (kept if answer.done else open_).add(jid)
        except (IqError, IqTimeout):
            open_.add(jid)                          # it may have been done, and nobody heard of it
        healed.component.start()
        await healed.component.ready()
        now = set(await listed(laptop)) - {healed.alice}
        assert kept <= now <= kept | open_, (kept, open_, now)
        for item in healed.tap.items(healed.alice, since=healed.wire):
            assert not [label for label in item if label.startswith("number")], "shown without consent"
        kept |= now
        open_ -= now
        if i % 3 == 2 and kept:                     # and the end of one of them is an end
            gone = sorted(kept)[0]
            id = (await listed(laptop))[gone]["id"]
            assert (await laptop.command("unlink", {"device": id})).done
            await killed(healed)
            kept.discard(gone)
            assert gone not in await listed(laptop)


# -- F13

async def on_a_small_disk(healed):
    disk = SmallDisk(healed.component.directory / "disk")
    component = healed.component
    component.stop()
    component.prefix = disk.prefix
    component.configure(registry=disk / "registry.db")
    component.start()
    await component.ready()
    return disk, await Story(healed).begin()


async def nothing_can_be_changed_and_bridging_goes_on(healed, story, log):
    await story.change()
    await story.converges(SOON)
    carol = await healed.contact("carol")
    answer = await carol.command("enrol")
    assert not answer.done and answer.notes and answer.notes[0], answer
    line = await healed.component.event("store.error", since=log)
    assert line["level"] == "error" and line["reason"] and "memory" in line["text"], line
    await story.change()
    await story.converges(SOON)
    return carol


async def everything_can_be_changed_again(healed, story, carol, log):
    assert (await carol.command("enrol")).done
    await healed.component.event("store.recovered", since=log)
    await story.change()
    await story.converges(SOON)
    story.nothing_grew()
    healed.component.stop()                         # status 0


async def test_a_full_disk_stops_changes_and_no_bridging(healed):
    disk, story = await on_a_small_disk(healed)
    log = healed.component.log.mark()
    disk.fill(healed.component)
    carol = await nothing_can_be_changed_and_bridging_goes_on(healed, story, log)
    disk.empty(healed.component)
    await everything_can_be_changed_again(healed, story, carol, log)


async def test_a_registry_that_can_no_longer_be_written_stops_changes_and_no_bridging(healed):
    story, component = await Story(healed).begin(), healed.component
    log = component.log.mark()
    # Every write to a file fails from here on; a remount is refused while the file is open.
    limits = resource.prlimit(component.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    carol = await nothing_can_be_changed_and_bridging_goes_on(healed, story, log)
    resource.prlimit(component.process.pid, resource.RLIMIT_FSIZE, limits)
    await everything_can_be_changed_again(healed, story, carol, log)


async def test_a_locked_registry_stops_changes_and_no_bridging(healed):
    story = await Story(healed).begin()
    log = healed.component.log.mark()
    db = sqlite3.connect(healed.component.registry, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    carol = await nothing_can_be_changed_and_bridging_goes_on(healed, story, log)
    db.execute("ROLLBACK")
    db.close()
    await everything_can_be_changed_again(healed, story, carol, log)


def damage(path, how):
    data = path.read_bytes()
    if how == "cut short":
        path.write_bytes(data[:len(data) // 2])
    elif how == "overwritten":
        path.write_bytes(b"\0" * 100 + data[100:])
    elif how == "scribbled on":
        path.write_bytes(data[:4096] + b"\xa5" * 2048 + data[6144:])
    elif how == "emptied":
        path.write_bytes(b"")
    elif how == "of a newer version":
        db = sqlite3.connect(path)
        db.execute("PRAGMA user_version = 9999")
        db.commit()
        db.close()


@pytest.mark.parametrize("how", ["cut short", "overwritten", "scribbled on", "emptied", "of a newer version"])
async def test_a_damaged_registry_is_refused_with_the_way_to_restore_and_left_alone(healed, how):
    component = healed.component
    laptop = await healed.laptop()
    await healed.enrol(laptop)
    await laptop.sees_states(healed.alice, timeout=20, laptop="available")
    component.stop()
    sound = component.registry.read_bytes()
    damage(component.registry, how)
    damaged = component.registry.read_bytes()
    text, status = component.start_refused()
    assert status == EX_IOERR, (status, text)
    assert str(component.registry) in text and ("backup" in text or "newer" in text), text
    assert component.registry.read_bytes() == damaged, "touched"
    component.registry.write_bytes(sound)           # restored, as it was told
    for name in ("-wal", "-shm"):
        component.registry.with_name(component.registry.name + name).unlink(missing_ok=True)
    component.start()
    await component.ready()
    mark = laptop.events.mark()
    laptop.presence(show="dnd")
    await laptop.sees_states(healed.alice, timeout=SETTLE + 15, since=mark, laptop="dnd")


async def test_a_registry_that_can_not_be_written_is_refused_at_the_start(healed):
    component = healed.component
    component.stop()
    component.prefix = ["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                        'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec "$@"', str(component.directory)]
    text, status = component.start_refused()
    assert status == EX_IOERR and "must be able to write" in text, (status, text)


async def test_a_second_one_with_the_same_registry_is_refused(healed):
    text, status = None, None
    component = healed.component
    first = component.process
    try:
        text, status = component.start_refused()
    finally:
        component.process = first
    assert status == EX_IOERR and "another polypresence" in text, (status, text)
    laptop = await healed.laptop()
    await healed.enrol(laptop)
    assert NODE in (await laptop.sees_states(healed.alice, timeout=20, laptop="available")).xml
    await eventually(component.alive, "the first one")
