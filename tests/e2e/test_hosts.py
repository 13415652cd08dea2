"""A host that is taken out of the configuration, and comes back; a component that is renamed."""
import signal
import pytest
from scene import SETTLE
from clients import bridge
from items import NODE
from serverconf import BOOKS, BOOKS_ASCII, HOME, PRESENCE, SPARES, WORK

pytestmark = pytest.mark.timeout_s(150)


async def reloads(component, **changes):
    log = component.log.mark()
    component.configure(**changes)
    component.process.send_signal(signal.SIGHUP)
    await component.event("reload", since=log)
    return log


def requests(client, since):
    return [p for p in client.presences.since(since) if p["type"] in ("subscribe", "unsubscribe", "unsubscribed")]


async def test_of_a_removed_host_nothing_is_shown_and_when_it_returns_nothing_is_asked_anew(healed):
    laptop, desk, bob = await healed.set_up(show="dnd")
    component = healed.component
    await bob.sees_states(healed.alice, timeout=15, Desk_phone="dnd", laptop="available")
    marks = laptop.presences.mark(), desk.presences.mark()
    log = await reloads(component, hosts=(WORK,))
    line = await component.event("host.removed", since=log, host=HOME)
    assert line["level"] == "warn" and int(line["users"]) >= 1, line
    await bob.sees(healed.alice, lambda i: not i, "an empty item", timeout=15)
    # Neither what changes nor a restart shows anything, and nobody is asked.
    wire, events = healed.tap.stanzas.mark(), bob.events.mark()
    desk.presence(show="xa")
    laptop.presence(show="away")
    await component.restart()
    line = await component.event("host.removed", since=component.began, host=HOME)
    await healed.tap.stanzas.until(lambda: healed.tap.received(lambda s: s.type == "headline", wire), "a stream in use", 15, wire)
    await laptop.fence(PRESENCE)
    assert not [s for s in healed.tap.sent(lambda s: s.name == "presence", wire)]
    assert not [i for i in bob.items_of(healed.alice, since=events) if i]
    # And as before.
    log = await reloads(component, hosts=(HOME, WORK))
    await component.event("ready", timeout=20, since=log)
    await bob.sees_states(healed.alice, timeout=SETTLE + 15, Desk_phone="xa", laptop="away")
    desk.presence(show="dnd")
    await bob.sees_states(healed.alice, timeout=15, Desk_phone="dnd")
    assert not requests(laptop, marks[0]) and not requests(desk, marks[1])


async def test_a_renamed_component_asks_everybody_again_once_that_is_said(healed):
    component, port = healed.component, healed.server.ports["echo"]
    its = dict(registry=component.directory / "moved.db")
    component.stop()
    component.configure(**its)
    component.start()
    await component.ready()
    laptop, desk, bob = await healed.set_up(show="dnd")
    component.stop()
    component.configure(jid=SPARES[0], port=port, **its)
    text, status = component.start_refused()
    assert status == 78 and f'moved-from = "{PRESENCE}"' in text, (status, text)
    # The other one finds its registry as it was.
    component.configure(**its)
    component.start()
    await component.ready()
    desk.presence(show="xa")
    await bob.sees_states(healed.alice, timeout=SETTLE + 15, Desk_phone="xa")
    component.stop()
    renamed = healed.bridge.replace(PRESENCE, SPARES[0])
    component.configure(jid=SPARES[0], port=port, **its)
    component.config.write_text(component.config.read_text().replace("registry {", f'registry {{ moved-from = "{PRESENCE}" '))
    component.start()
    line = await component.event("registry.moved", since=component.began)
    assert line["level"] == "warn" and int(line["users"]) == 1, line
    await component.ready()
    await laptop.request(renamed, timeout=20)
    laptop.approve(renamed)
    await desk.request(renamed, timeout=20)


@pytest.mark.variant("idn")
async def test_a_host_and_its_a_labels_are_one(healed):
    component = healed.component
    log = await reloads(component, hosts=(HOME, WORK, BOOKS_ASCII))
    await component.event("server", timeout=30, since=log, host=BOOKS)
    alice = await healed.client("alice", "laptop", host=BOOKS, notify=[NODE])
    desk = await healed.client("desk", "fixed", host=BOOKS, kind="phone")
    await healed.enrol_other(alice)
    await alice.sees_states(alice.me, timeout=SETTLE + 15, laptop="available")
    await healed.link(alice, desk.me.replace(BOOKS, BOOKS_ASCII))
    await desk.request(bridge(alice.me))


@pytest.mark.variant("idn-ascii")
async def test_a_server_that_was_given_a_labels_is_called_as_it_calls_itself(healed):
    """Prosody keeps them, ejabberd doesn't; each answers to the one form."""
    form = BOOKS_ASCII if healed.lab.kind == "prosody" else BOOKS
    wire = healed.tap.stanzas.mark()
    log = await reloads(healed.component, hosts=(HOME, WORK, BOOKS if form == BOOKS_ASCII else BOOKS_ASCII))
    await healed.component.event("server", timeout=30, since=log, host=form)
    assert healed.tap.received(lambda s: s.type == "result" and s.sender == form, wire)
