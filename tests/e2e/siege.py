"""alice's laptop and desk phone and bob, who sees them, while somebody does his worst.

    siege = await Siege.begin(scene)
    eve = await scene.raw("eve")
    await siege.quiet()
    eve.send("<presence to='...'/>")
    assert (await siege.more(eve))["strangers"] == 1
    await siege.unmoved()
"""
import asyncio, itertools, time
from items import NODE
from serverconf import PRESENCE
from remote import Link
from stub import Stub

_numbers = itertools.count(1)


def shape(item, **instead):
    """What an item says, without its times; a show instead of the one that a device has."""
    return {d.label: (d.kind, sorted((instead.get(d.label.replace(" ", "_"), r.show), r.status or "") for r in d.resources))
            for d in item.values()}


def to_itself(s):
    """One of the headlines that say who else is on the component's line."""
    return s.name == "message" and s.type == "headline" and s.sender == PRESENCE and s.to.startswith(PRESENCE + "/")


class Siege:
    def __init__(self, scene):
        self.scene, self.lab = scene, scene.lab

    @classmethod
    async def begin(cls, scene, **desk):
        siege = cls(scene)
        siege.laptop, siege.desk, siege.bob = await scene.set_up(**(desk or {"show": "dnd"}))
        await siege.bob.sees_states(scene.alice, Desk_phone=(desk or {"show": "dnd"}).get("show", "available"), timeout=15)
        await siege.quiet()
        return siege

    async def remote(self, name=None, to=PRESENCE):
        """A connection of the hostile remote server."""
        return await self.lab.remote.connect(self.scene.server.ports["s2s"], *([name] if name else []), to=to)

    async def quiet(self):
        """All that was going on has come to its end; what counts from here on is the attack."""
        flying = True
        while flying:
            for client in (self.laptop, self.desk, self.bob):
                await client.fence(PRESENCE)
            flying = (await self.scene.component.stats())["in-flight"]
        self.calm = shape(self.bob.item_of(self.scene.alice))
        self.wire, self.logged = self.scene.tap.stanzas.mark(), self.scene.component.log.mark()
        self.pid, self.connections = self.scene.component.process.pid, self.scene.tap.connections
        self.markers = 0
        self.counts = await self.scene.component.stats()

    async def still(self, *counters, seconds=3):
        """These don't change any more: what an earlier test has left to be published is."""
        seen, since = None, time.monotonic()
        while time.monotonic() < since + seconds:
            await self.laptop.fence(PRESENCE)
            now = await self.scene.component.stats()
            now = [now[k] for k in counters]
            if now != seen:
                seen, since = now, time.monotonic()
        await self.quiet()

    async def fence(self, *attackers, timeout=20, or_closed=False):
        """What they sent has reached the component, as far as it will, and been dealt with; or the server has ended their stream."""
        for a in attackers:
            id = f"fence{next(_numbers)}"
            if isinstance(a, Stub):         # whose requests ejabberd drops, as it does all but to the hosts
                a.send(f"<message id='{id}' from='eve@{a.domain}/x' to='{PRESENCE}'/>")
            else:
                sender = f" from='eve@{a.name}/x'" if isinstance(a, Link) else ""
                a.send(f"<iq type='get' id='{id}'{sender} to='{PRESENCE}'><ping xmlns='urn:xmpp:ping'/></iq>")
            arrival = asyncio.ensure_future(self.scene.tap.stanzas.wait(
                lambda d: d[0] == "<" and not isinstance(d[1], str) and d[1].id == id, f"arrival of {id}", timeout, self.wire))
            if or_closed:
                closed = asyncio.ensure_future(a.closed(timeout))
                await asyncio.wait([arrival, closed], return_when=asyncio.FIRST_COMPLETED)
                for left in {arrival, closed}:          # one of them would hold up the end of the test
                    left.done() or left.cancel()
            if not arrival.cancelled() and (not or_closed or arrival.done()):
                await arrival
                self.markers += isinstance(a, Stub)
        await self.laptop.iq("get", PRESENCE, "<ping xmlns='urn:xmpp:ping'/>", timeout)

    async def more(self, *attackers, timeout=20):
        """By how much each counter has grown since quiet()."""
        await self.fence(*attackers, timeout=timeout)
        now = await self.scene.component.stats()
        now["ignored"] -= self.markers
        return {k: now[k] - self.counts[k] for k in now}

    def arrived(self, pred=lambda s: True):
        """What the server let through to the component since quiet(), but for our fences and what the component sends to itself."""
        return self.scene.tap.received(lambda s: not (s.id or "").startswith("fence") and not to_itself(s) and pred(s), self.wire)

    def from_(self, *jids):
        return self.arrived(lambda s: s.sender.lower().startswith(tuple(j.lower() for j in jids)))

    def said_to(self, *jids):
        """What the component sent to these since quiet(), but for the answers to our fences."""
        return self.scene.tap.sent(lambda s: s.to.lower().startswith(tuple(j.lower() for j in jids))
                                   and not (s.id or "").startswith("fence"), self.wire)

    def intact(self):
        """The same process, the same stream."""
        c = self.scene.component
        assert c.alive() and c.process.pid == self.pid
        assert self.scene.tap.connections == self.connections
        assert not c.log.since(self.logged, lambda l: l.get("event") in ("link.down", "ready"))
        assert not c.complaints(self.logged)
        assert len(c.log.since(self.logged)) < 100, "who attacks fills the log"

    async def unmoved(self, show="xa", calm=None):
        """The next true change is all that happens to the item."""
        alice = self.scene.alice
        self.desk.presence(show=show)
        await self.bob.sees_states(alice, timeout=15, Desk_phone=show)
        self.intact()
        before, after = calm or self.calm, shape(self.bob.item_of(alice))
        desk = before["Desk phone"]
        assert after == {**before, "Desk phone": (desk[0], [(show, "") for _ in desk[1]])}, f"{before} became {after}"
        published = [shape(i) for i in self.scene.tap.items(alice, NODE, self.wire)]
        assert published and all(p == after for p in published), published
