"""Yesterday's approval is a claim: what happened while nobody looked is found out before anything new is shown (25, F24)."""
import contextlib
import pytest
from slixmpp.exceptions import IqError, IqTimeout
from items import NODE
from scene import SETTLE
from serverconf import HOME, WORK

pytestmark = pytest.mark.timeout_s(240)
FORCE = 60              # seconds that evidence needs to take force
ENDED = ("user.suspended", "user.left", "user.lapsed", "device.suspended", "device.ended", "device.lapsed")


class Storage:
    """Rosters that the server can't read, and reads as empty ones.  Both servers keep in memory what they have read,
    so that each is down for a moment, before and after; everybody is signed off by that."""

    def __init__(self, server):
        self.server, self.kept = server, {}

    def files(self, jids):
        data = self.server.directory / "data"
        if self.server.kind == "ejabberd":          # the table, with everybody's
            return sorted(data.glob("roster.D*"))
        parts = (jid.partition("@") for jid in jids)
        return [data / host.replace(".", "%2e") / "roster" / f"{user}.dat" for user, _, host in parts]

    def breaks(self, *jids):
        self.server.at_rest()
        if self.server.kind == "ejabberd":          # what is in its journal goes into the tables when it starts
            self.server.restart()
        self.server.stop()
        self.kept = {path: path.read_bytes() for path in self.files(jids)}
        assert self.kept
        for path in self.kept:
            path.unlink() if self.server.kind == "ejabberd" else path.write_text("return {{{")
        self.server.start()

    def mends(self):
        self.server.stop()
        for path in self.files(()):
            path.unlink()
        for path, text in self.kept.items():
            path.write_bytes(text)
        self.server.start()


def requests(client, since):
    return [p for p in client.presences.since(since) if p["type"] in ("subscribe", "unsubscribe", "unsubscribed")]


def asks_or_ends(stanza):
    return stanza.name == "presence" and stanza.type in ("subscribe", "subscribed", "unsubscribe", "unsubscribed")


def ended(component, since=None):
    since = component.began if since is None else since
    return [l[""] for l in component.log.since(since) if l.get("event") in ENDED]


async def alone(scene):
    """A registry of its own: what others' rosters say would count too."""
    c = scene.component
    c.stop()
    c.configure(registry=c.directory / f"alone{scene.n}.db")
    c.start()
    await c.ready()
    await scene.lab.granted()


async def past_evidence(component):
    """So long that evidence of now has taken force: a line `stats' comes every minute."""
    mark = component.log.mark()
    for _ in range(2):
        await component.event("stats", timeout=FORCE + 15, since=mark)
        mark = component.log.mark()


async def kept(client, alice, state):
    """The account's server has an item with the desk phone in this state, whoever is told of it."""
    async def at_last():
        with contextlib.suppress(IqError):          # there is no node yet
            item = await client.fetch(alice)
            return item is not None and item.state("Desk phone") == state
    while not await at_last():
        await client.fence()


async def starts(component):
    component.start()
    await component.ready()


def shown(client, alice, since):
    """The states of the desk phone in what the client was told since then."""
    return [i.state("Desk phone") for i in client.items_of(alice, since=since)]


async def test_a_contact_removed_while_it_was_down_is_shown_no_more(healed):
    scene, component = healed, healed.component
    await alone(scene)
    laptop, desk, bob = await scene.set_up(show="dnd")
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="dnd")
    component.stop()
    await laptop.remove_contact(scene.bridge)
    desk.presence(show="xa")
    await desk.fence()
    mark, asked, wire = bob.events.mark(), desk.presences.mark(), scene.tap.stanzas.mark()
    await starts(component)
    line = await component.event("user.suspended", timeout=FORCE + SETTLE, since=component.began)
    assert (line["level"], line["user"]) == ("warn", scene.alice), line
    await bob.sees(scene.alice, lambda i: not i, "an empty item", timeout=15, since=mark)
    assert "xa" not in shown(bob, scene.alice, mark)
    answer = await laptop.command("devices")
    assert not answer.done and scene.desk not in str(answer), answer
    assert requests(desk, asked) == []
    # When she approves again she begins with nothing.
    mark = bob.events.mark()
    await scene.enrol(laptop)
    await bob.sees_states(scene.alice, timeout=20, since=mark, laptop="available")
    assert set(shown(bob, scene.alice, mark)) <= {None}
    await desk.presences.wait(lambda p: p["type"] == "unsubscribe", "the end of the link", since=asked)


async def test_who_registers_a_deleted_name_inherits_nothing(healed):
    scene, component = healed, healed.component
    await alone(scene)
    laptop, desk, bob = await scene.set_up(show="dnd")
    component.stop()
    with contextlib.suppress(IqTimeout):        # ejabberd answers by closing the stream
        await laptop.iq("set", None, "<query xmlns='jabber:iq:register'><remove/></query>", timeout=5)
    laptop.abort()
    alice = scene.alice
    scene.server.users.discard(alice)
    scene.server.register(alice)
    newcomer = await scene.client("alice", "newcomer")
    bob_too = await scene.contact(resource="new")
    mark, asked, wire = bob_too.events.mark(), desk.presences.mark(), scene.tap.stanzas.mark()
    await starts(component)
    for show in ("xa", "away", "chat"):
        desk.presence(show=show)
    newcomer.presence(to=scene.bridge)          # which proves nothing
    answer = await newcomer.command("devices")
    assert not answer.done and scene.desk not in str(answer), answer
    await component.event("user.suspended", timeout=FORCE + SETTLE, since=component.began, user=alice)
    answer = await newcomer.command("devices")
    assert not answer.done and scene.desk not in str(answer), answer
    assert not [d for d in shown(bob_too, alice, mark) if d is not None]
    assert not scene.tap.sent(lambda s: s.has("Desk phone") or (s.has(scene.desk) and s.to.startswith(alice)), wire)
    await scene.enrol(newcomer)
    answer = await newcomer.command("devices")
    assert answer.done and scene.desk not in str(answer) and "Desk phone" not in str(answer), answer
    await desk.presences.wait(lambda p: p["type"] == "unsubscribe", "the end of the link", since=asked)


async def with_only_her_desk_phone_on(healed, what):
    """Her own account is offline: it proves itself by its roster, or by the request that is repeated.  Whom events don't
    reach without a roster asks the server."""
    scene, component = healed, healed.component
    await alone(scene)
    laptop, desk, _ = await scene.set_up(bob=False, show="dnd")
    bob = await scene.contact()
    await laptop.befriend(bob)
    await kept(bob, scene.alice, "dnd")
    await laptop.sign_out()
    desk.presence(show="away")
    await kept(bob, scene.alice, "away")
    mark, asked = bob.events.mark(), desk.presences.mark()
    if what == "component":
        await component.restart()
        desk.presence(show="xa")
    else:
        scene.server.at_rest()
        log = component.log.mark()
        scene.tap.refuse = True                 # it comes back when everyone is signed in again
        scene.server.restart()
        bob, desk = await scene.contact(), await scene.desk_phone(show="xa")
        mark, asked = bob.events.mark(), desk.presences.mark()
        scene.tap.refuse = False
        await component.event("ready", timeout=60, since=log)
    if scene.lab.variant == "etc":
        await bob.sees_states(scene.alice, timeout=SETTLE + 30, since=mark, Desk_phone="xa")
    await kept(bob, scene.alice, "xa")
    await past_evidence(component)
    assert not [s for s in shown(bob, scene.alice, mark) if s in (None, "unavailable", "unknown")]
    assert ended(component) == [] and requests(desk, asked) == []


@pytest.mark.parametrize("what", ["component", pytest.param("server", marks=pytest.mark.slow)])
async def test_with_only_her_desk_phone_on_nobody_ends_and_nobody_flaps(healed, what):
    await with_only_her_desk_phone_on(healed, what)


@pytest.mark.slow
@pytest.mark.variant("noroster")
@pytest.mark.parametrize("what", ["component", "server"])
async def test_nor_where_no_roster_can_be_read(healed, what):
    await with_only_her_desk_phone_on(healed, what)


async def test_a_linked_account_that_has_removed_it_is_suspended_alone(healed):
    scene, component = healed, healed.component
    await alone(scene)
    laptop, desk, bob = await scene.set_up(show="dnd")
    component.stop()
    await desk.remove_contact(scene.bridge)
    desk.presence(show="xa")
    await desk.fence()
    mark, asked = bob.events.mark(), desk.presences.mark()
    await starts(component)
    line = await component.event("device.suspended", timeout=FORCE + SETTLE, since=component.began)
    assert (line["level"], line["user"], line["account"]) == ("warn", scene.alice, scene.desk), line
    await bob.sees(scene.alice, lambda i: i.state("Desk phone") is None and i.state("laptop") == "available",
                   "the laptop alone", timeout=15, since=mark)
    assert "xa" not in shown(bob, scene.alice, mark)
    laptop.presence(show="away")
    await bob.sees_states(scene.alice, timeout=15, laptop="away")
    assert requests(desk, asked) == [] and len(ended(component)) == 1


@pytest.mark.slow
@pytest.mark.servers("prosody")
async def test_one_whose_storage_is_damaged_is_back_by_herself(healed):
    """ejabberd's rosters are in one table: there it is that of all, or of nobody; for one see core_suspend."""
    scene, component, storage = healed, healed.component, Storage(healed.server)
    await alone(scene)
    laptop, desk, bob = await scene.set_up(show="dnd")
    component.stop()
    storage.breaks(scene.alice)
    desk = await scene.desk_phone(show="xa")
    wire = scene.tap.stanzas.mark()
    await starts(component)
    await component.event("user.suspended", timeout=FORCE + SETTLE, since=component.began, user=scene.alice)
    log = component.log.mark()
    storage.mends()
    bob, desk = await scene.contact(), await scene.desk_phone(show="away")
    await component.event("user.resumed", timeout=3 * FORCE, since=log, user=scene.alice)
    await bob.sees_states(scene.alice, timeout=SETTLE + 15, Desk_phone="away")
    laptop = await scene.laptop()
    await bob.sees_states(scene.alice, timeout=15, Desk_phone="away", laptop="available")
    assert requests(desk, 0) == [] and requests(laptop, 0) == []
    assert not scene.tap.sent(asks_or_ends, wire)


@pytest.mark.slow
async def test_all_whose_storage_is_damaged_are_held(healed):
    """Of the desk phone's account too where all rosters are in one table: it is on the same host then."""
    scene, component, storage = healed, healed.component, Storage(healed.server)
    host = HOME if scene.server.kind == "ejabberd" else WORK
    phone = lambda **presence: scene.client("desk", "fixed", host=host, kind="phone", **presence)
    await alone(scene)
    laptop, desk, bob = await scene.laptop(), await phone(), await scene.contact()
    await scene.enrol(laptop)
    await scene.link(laptop, desk.me)
    await scene.accept(desk)
    await scene.enrol_other(bob)
    carol = await scene.contact("carol")
    await laptop.befriend(carol)
    desk.presence(show="dnd")
    await carol.sees_states(scene.alice, timeout=15, Desk_phone="dnd")
    component.stop()
    storage.breaks(scene.alice, scene.bob)
    desk = await phone(show="xa")
    wire = scene.tap.stanzas.mark()
    await starts(component)
    line = await component.event("roster.suspicious", timeout=2 * FORCE + SETTLE, since=component.began)
    assert line["level"] == "error" and int(line["lacking"]) >= 2, line
    await past_evidence(component)
    assert scene.tap.publishes(scene.alice, NODE, wire) == []
    storage.mends()
    carol, desk = await scene.contact("carol"), await phone(show="away")
    await carol.sees_states(scene.alice, timeout=150, Desk_phone="away")
    assert ended(component) == []
    assert not scene.tap.sent(asks_or_ends, wire)
