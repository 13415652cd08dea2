"""With many users: a restart of the server, a stop, a server that stops reading (F11, F15, F17).

300 devices: as many as a run of the tests can wait for.  More of them, on a server of the tests' own, are the business
of the soak.
"""
import asyncio, time
import pytest
from crowd import Crowd
from story import number

USERS, PROBES = 100, 100        # three devices each; probes a second
TRUSTED = f'presence {{ probes-per-second = {PROBES} }}\nconsent {{ trusted = {{"work.test"}} }}\npublish {{ rate-ms = 500 }}\n'
pytestmark = [pytest.mark.slow, pytest.mark.timeout_s(400)]


async def crowded(healed):
    component = healed.component
    component.stop()
    component.configure(extra=TRUSTED)
    component.start()
    await component.ready()
    crowd = await Crowd(healed, USERS).sign_in()
    await crowd.enrol()
    await crowd.converges(90)
    return crowd


def probes(healed, since):
    return [s.t for s in healed.tap.sent(lambda s: s.name == "presence" and s.type == "probe", since)]


def assert_paced(times):
    """No second holds more than the rate, and its burst of one user's."""
    for i, t in enumerate(times):
        j = i
        while j < len(times) and times[j] < t + 1:
            j += 1
        assert j - i <= PROBES * 1.1 + 4, f"{j - i} probes in a second"


def assert_nobody_flapped(crowd, since):
    for name in crowd.names:
        for item in crowd.published(name, since):
            for label in ("Desk phone", "laptop", "phone"):
                assert item.state(label) not in (None, "unavailable"), f"{name}: {label} flapped: {item}"
        seen = [number(i) for i in crowd.published(name, since)]
        assert seen == sorted(seen), (name, seen)


async def test_with_many_users(healed):
    crowd, component = await crowded(healed), healed.component
    descriptors, rss = component.descriptors(), component.rss_kib()

    # F11: the server restarts; its people are back before the component is.
    healed.tap.refuse = True
    log = component.log.mark()
    crowd.leave()
    healed.server.restart()
    crowd.n += 1
    await crowd.sign_in()
    wire = healed.tap.stanzas.mark()
    healed.tap.refuse = False
    began = time.monotonic()
    await component.event("ready", timeout=60, since=log)
    await crowd.converges(300)
    took = time.monotonic() - began
    assert took < 120, f"{took:.0f} s"
    assert len(probes(healed, wire)) >= 2 * USERS
    assert_paced(probes(healed, wire))
    assert_nobody_flapped(crowd, wire)

    # F17: it stops reading while everything changes, again and again.
    wire = healed.tap.stanzas.mark()
    healed.tap.hold = {">"}
    for _ in range(20):
        crowd.change()
        await crowd.laptops[crowd.names[0]].iq("get", "home.test", "<ping xmlns='urn:xmpp:ping'/>", "p")
    healed.tap.hold = set()
    await crowd.converges(120)
    assert_nobody_flapped(crowd, wire)
    assert component.descriptors() == descriptors
    assert component.rss_kib() < rss + 8192, f"{component.rss_kib()} KiB, {rss} before"

    # F15: a stop while everybody has just changed.
    wire = healed.tap.stanzas.mark()
    crowd.change()
    await crowd.desks[crowd.names[-1]].iq("get", "work.test", "<ping xmlns='urn:xmpp:ping'/>", "p")
    began = time.monotonic()
    component.stop()                    # status 0
    stopped = time.monotonic() - began
    assert stopped < 10, f"{stopped:.1f} s; the unit's stop time is 15"
    said = sum(any(number(i) == crowd.n for i in crowd.published(name, wire)) for name in crowd.names)
    for name in crowd.names:            # what could not be said expires
        item = await crowd.laptops[name].item(crowd.owner(name))
        assert number(item) == crowd.n or item.expires is not None
    print(f"restart {took:.1f} s, stop {stopped:.2f} s, {said} of {USERS} published at the stop")
    component.start()
    await component.ready()
    await crowd.converges(90)
    assert_nobody_flapped(crowd, wire)
    crowd.leave()


async def test_a_stop_of_a_silent_server_ends_in_time(healed):
    crowd, component = await crowded(healed), healed.component
    healed.tap.frozen = True
    crowd.change()
    began = time.monotonic()
    await asyncio.get_running_loop().run_in_executor(None, component.stop)
    assert time.monotonic() - began < 12
    healed.tap.heal()
    crowd.leave()
