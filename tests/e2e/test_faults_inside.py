"""Calls fail inside the program, at random and many of them (F1, F2): it lives, and is right when they work again.

Each single failing call is the business of tests/unit; here it is the whole program with a real server, every
library included.
"""
import pytest
import faults
from slixmpp.exceptions import IqError, IqTimeout
from story import Story

pytestmark = [pytest.mark.timeout_s(240),
              pytest.mark.skipif(faults.missing() is not None, reason=str(faults.missing()))]


async def asks_for_writes(story, n):
    """Commands that the registry has a part in; they may be refused, and their answers be lost."""
    jid, label = f"nobody{n}@work.test", f"Nobody {n}"
    try:
        await story.laptop.command("link", {"jid": jid, "label": label, "kind": "other", "visibility": "self"}, timeout=1)
        for d in (await story.laptop.command("devices", timeout=1)).items:
            if d["jid"].startswith("nobody"):
                await story.laptop.command("unlink", {"device": d["id"]}, timeout=1)
    except (IqError, IqTimeout, AssertionError, AttributeError):    # an error has no form
        pass


async def bad_times(healed, which, rates, rounds, changes):
    shim = faults.Shim(healed.component.directory)
    healed.component.environment = shim.environment
    await healed.component.restart()
    story = await Story(healed).begin()
    pid = healed.component.process.pid
    for seed, rate in enumerate(rates * rounds, 1):
        shim.seed = seed * 0x9e3779b97f4a7
        for name in which:
            setattr(shim, name, rate)
        for i in range(changes):
            await story.change()
            await asks_for_writes(story, i % 8)
        shim.heal()
        assert healed.component.alive(), f"died in round {seed}: {shim}"
        await healed.component.attached()
        await story.change()
        await story.converges(60)
    assert healed.component.process.pid == pid
    story.nothing_grew()
    healed.component.stop()         # status 0
    return shim


async def test_allocations_fail_at_random_and_it_goes_on(healed):
    shim = await bad_times(healed, ["memory"], [2000, 20000, 100000], 1, 10)
    assert shim.failed_memory >= 3, shim        # each costs the link


async def test_sockets_fail_at_random_and_no_stanza_is_torn(healed):
    shim = await bad_times(healed, ["sockets"], [20000, 100000], 1, 15)
    assert shim.failed_sockets > 5 and shim.cut_short > 1, shim


async def test_files_fail_at_random_and_bridging_goes_on(healed):
    shim = await bad_times(healed, ["files"], [20000, 200000], 1, 10)
    assert shim.failed_files > 5, shim
    log = healed.component.log.things           # lines of it were torn on purpose
    log[:] = [l for l in log if "event" in l]


@pytest.mark.slow
@pytest.mark.timeout_s(600)             # each lost link costs a backoff of up to 15 s
async def test_everything_fails_at_random_for_a_long_time(healed):
    await bad_times(healed, ["memory", "sockets", "files"], [500, 2000, 10000, 50000], 3, 20)
