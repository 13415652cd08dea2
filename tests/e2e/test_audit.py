"""A server that freezes takes nobody away, whatever was asked meanwhile (F19; gateways and clusters have tests of their own)."""
import os, signal
import pytest
from scene import SETTLE
from waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout_s(400)]


async def test_a_server_that_freezes_for_80_s_takes_nobody_away(healed):
    component, server = healed.component, healed.server
    component.stop()
    component.configure(extra='presence { audit = "30s" }\n')
    component.start()
    await component.ready()
    laptop, desk, bob = await healed.set_up(show="dnd")
    await healed.tap.stanzas.wait(lambda t: t[0] == ">" and t[1].name == "presence" and t[1].type == "probe", "an audit",
                                  timeout=60, since=healed.tap.stanzas.mark())
    mark, log = bob.events.mark(), component.log.mark()
    os.kill(server.pid, signal.SIGSTOP)
    await component.event("link.down", timeout=80, since=log)           # after a minute at most
    tried, attempts = component.log.mark(), len(healed.tap.attempts)
    await eventually(lambda: len(healed.tap.attempts) >= attempts + 2, "a second attempt", timeout=60)    # 80 s by now
    os.kill(server.pid, signal.SIGCONT)
    await component.event("ready", timeout=90, since=tried)
    desk.presence(show="xa")
    await bob.sees_states(healed.alice, timeout=SETTLE + 30, since=mark, Desk_phone="xa", laptop="available")
    for item in bob.items_of(healed.alice, since=mark):
        for label in ("Desk phone", "laptop"):
            assert item.state(label) not in (None, "unavailable"), str(item)
