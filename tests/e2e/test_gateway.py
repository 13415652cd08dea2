"""Gateways and telephone systems: an entity without resources, from a domain that is trusted, is a device like any other."""
import time
import pytest
from gateway import Gateway
from serverconf import ECHO

TRUSTED = f'consent {{ trusted = {{"{ECHO}"}} }}\n'
pytestmark = pytest.mark.timeout_s(200)


async def with_gateway(scene, extra=""):
    """alice's laptop, bob who sees it, and her extension at the gateway, which is linked and on the phone."""
    component = scene.component
    component.stop()
    component.configure(extra=TRUSTED + extra)
    component.start()
    await component.ready()
    gateway = Gateway(scene.server.ports["echo"])
    scene.clients.append(gateway)
    await gateway.connect()
    extension = f"{scene.n}12@{ECHO}"
    laptop, bob = await scene.laptop(), await scene.contact()
    await laptop.befriend(bob)
    await scene.enrol(laptop)
    await scene.link(laptop, extension, label="Telephone")
    gateway.presence(extension, "dnd")
    await bob.sees_states(scene.alice, timeout=15, Telephone="dnd", laptop="available")
    return laptop, bob, gateway, extension


async def test_what_an_entity_without_resources_says_is_shown(healed):
    laptop, bob, gateway, extension = await with_gateway(healed)
    gateway.presence(extension, "")
    await bob.sees_states(healed.alice, Telephone="available")
    gateway.presence(extension, None)
    await bob.sees_states(healed.alice, Telephone="unavailable")
    gateway.presence(extension, "away")
    item = await bob.sees(healed.alice, lambda i: i.state("Telephone") == "away", "away")
    assert len(item["Telephone"].resources) == 1

    # A resource with a name takes the place of the one without.
    gateway.send(f"<presence from='{extension}/line1' to='{healed.bridge}'><show>xa</show></presence>")
    item = await bob.sees(healed.alice, lambda i: i.state("Telephone") == "xa", "xa")
    assert [r.show for r in item["Telephone"].resources] == ["xa"]
    gateway.presence(extension, "chat")     # beside it the bare JID means nothing
    gateway.send(f"<presence from='{extension}/line1' to='{healed.bridge}'><show>dnd</show></presence>")
    item = await bob.sees(healed.alice, lambda i: i.state("Telephone") == "dnd", "dnd")
    assert [r.show for r in item["Telephone"].resources] == ["dnd"]
    gateway.presence(extension, None)       # it clears all
    await bob.sees_states(healed.alice, Telephone="unavailable")


async def test_a_restart_asks_it_and_waits_for_nothing_else(healed):
    laptop, bob, gateway, extension = await with_gateway(healed)
    component = healed.component
    component.stop()
    gateway.states[extension] = "xa"
    mark, began = bob.events.mark(), time.monotonic()
    component.start()
    await component.ready()
    await bob.sees_states(healed.alice, timeout=25, since=mark, Telephone="xa", laptop="available")
    assert time.monotonic() - began < 15, "that is as long as an answer is waited for"
    assert not [i for i in bob.items_of(healed.alice, since=mark) if i.state("Telephone") == "unavailable"]
