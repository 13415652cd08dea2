"""A component with a domain, a tap and a log of its own, for what takes a minute: several at the same time.

It serves nobody; what is looked at is its link.
"""
import asyncio
from component import Component
from serverconf import HOME, LONERS
from tap import Tap

FASTEST = 0.97          # seconds between two attempts; the clocks of two processes are compared


class Loner:
    def __init__(self, scene, domain=None):
        """domain: one that nobody else uses, unless given."""
        self.loop = asyncio.get_running_loop()
        used = scene.__dict__.setdefault("loners", iter(LONERS))
        self.domain = domain or next(used)
        self.tap = Tap(scene.server.ports["loner"], self.loop)
        self.component = Component(self.tap.port, self.loop, hosts=(HOME,), level="debug")
        self.component.configure(jid=self.domain)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.component.close()
        self.tap.close()

    def start(self):
        self.component.start()
        return self

    async def up(self, timeout=20):
        """The link is up, and pings come back: from now on silence means something."""
        mark = self.tap.stanzas.mark()
        await self.component.attached(timeout)
        await self.tap.stanzas.wait(lambda t: t[0] == "<" and t[1].name == "iq" and t[1].type in ("result", "get"),
                                    "answer to its ping", since=max(0, mark - 5))
        return self

    async def down(self, timeout, since=0, **keys):
        return await self.component.event("link.down", timeout=timeout, since=since, **keys)

    def told(self, *levels):
        """The lines about a lost link."""
        return [l for l in self.component.log.things if l.get("event") == "link.down" and l["level"] in (levels or (l["level"],))]

    def never_faster_than_once_a_second(self):
        gaps = [b - a for a, b in zip(self.tap.attempts, self.tap.attempts[1:])]
        assert all(g >= FASTEST for g in gaps), gaps
