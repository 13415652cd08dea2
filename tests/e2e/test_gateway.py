"""Gateways and telephone systems: an entity without resources, from a domain that is trusted, is a device like any other;
and when the gateway dies nobody says so (F19)."""
import time
import pytest
from gateway import Gateway
from serverconf import ECHO, SPARES

FROZEN, PBX = SPARES[:2]
TRUSTED = f'consent {{ trusted = {{"{ECHO}", "{FROZEN}", "{PBX}"}} }}\n'
AUDIT, ANSWER = 30, 10      # seconds: the least that can be configured; how long an answer is waited for
AUDITED = f'presence {{ audit = "{AUDIT}s" }}\n'
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


async def test_a_gateway_that_goes_makes_its_users_stale_and_not_unavailable(healed):
    laptop, bob, gateway, extension = await with_gateway(healed, AUDITED)
    mark = bob.events.mark()
    gateway.abort()
    await bob.sees(healed.alice, lambda i: i["Telephone"].stale, "Telephone stale", timeout=2 * AUDIT, since=mark)
    gateway = Gateway(healed.server.ports["echo"])
    healed.clients.append(gateway)
    gateway.states[extension] = "dnd"
    await gateway.connect()
    await bob.sees(healed.alice, lambda i: not i["Telephone"].stale, "Telephone there again", timeout=2 * AUDIT, since=mark)
    for item in bob.items_of(healed.alice, since=mark):
        assert item.state("Telephone") == "dnd" and item.state("laptop") == "available", str(item)
        assert not item["laptop"].stale


async def telephones(scene, laptop, gateway, n, answering=True):
    """N users of this gateway, on the phone, which are alice's devices: their labels, and the address of the first."""
    jids = [f"{scene.n}-{i}@{gateway.domain}" for i in range(n)]
    labels = [f"{i} of {gateway.domain}" for i in range(n)]
    for jid, label in zip(jids, labels):
        gateway.states[jid] = "dnd"
        if not answering:
            gateway.silent.add(jid)
        await scene.link(laptop, jid, label=label)
    return labels, jids[0]


async def another(scene, domain):
    gateway = Gateway(scene.server.ports["echo"], domain)
    scene.clients.append(gateway)
    return await gateway.connect()


@pytest.mark.slow
@pytest.mark.timeout_s(400)
async def test_who_falls_silent_goes_and_who_lives_stays(healed):
    laptop, bob, gateway, extension = await with_gateway(healed, AUDITED)
    frozen, pbx = await another(healed, FROZEN), await another(healed, PBX)
    (dead, *alive), its_address = await telephones(healed, laptop, gateway, 5)
    cold, _ = await telephones(healed, laptop, frozen, 3)
    deaf, _ = await telephones(healed, laptop, pbx, 3, answering=False)
    everyone = [dead, *alive, *cold, *deaf]
    await bob.sees(healed.alice, lambda i: all(i.state(j) == "dnd" for j in everyone), "all of them", timeout=40)
    assert (await healed.component.stats())["audit"] == AUDIT
    mark = bob.events.mark()

    # One dies without a word, a gateway freezes, and the telephones of a third one never answered anything.
    gateway.silent.add(its_address)
    frozen.frozen = True
    await bob.sees(healed.alice, lambda i: i[dead].stale, "the dead one stale", timeout=AUDIT + 5 * ANSWER, since=mark)
    await bob.sees(healed.alice, lambda i: i.state(dead) == "unavailable", "the dead one unavailable",
                   timeout=AUDIT + 5 * ANSWER, since=mark)
    await bob.sees(healed.alice, lambda i: all(i[j].stale for j in cold), "the frozen ones stale",
                   timeout=2 * AUDIT + 5 * ANSWER, since=mark)
    probed = len(frozen.probed)
    await frozen.inbox.until(lambda: len(frozen.probed) >= probed + 2 * len(cold), "more probes", 3 * AUDIT)
    frozen.thaw()
    await bob.sees(healed.alice, lambda i: not any(i[j].stale for j in cold), "the frozen ones there again", since=mark)

    seen = bob.items_of(healed.alice, since=mark)
    for item in seen:
        for living in [*alive, *deaf, "Telephone"]:
            assert item.state(living) == "dnd" and not item[living].stale, f"{living}: {item}"
        assert all(item.state(j) == "dnd" for j in cold), f"a frozen gateway took somebody away: {item}"
        assert item.state("laptop") == "available" and not item["laptop"].stale, str(item)
    assert len(seen) <= 2 + 2 * len(cold), "a storm"

