"""A gateway, as a component of the tests' own: its users have no resources, and speak from their bare JIDs.

It accepts every subscription and answers probes, as long as it is let.
"""
import asyncio
from serverconf import ECHO
from stub import Stub

_here = {}      # domain -> gateway: ejabberd gives a stanza to any component of the same listener


class Gateway(Stub):
    def __init__(self, port, domain=ECHO):
        super().__init__(port, domain)
        self.states, self.subscribers, self.probed = {}, set(), []
        self.frozen, self.owed = False, []      # it answers later
        self.silent = set()                     # users for whom it answers no probe

    async def connect(self):
        _here[self.domain] = self
        await super().connect()
        self._serve = asyncio.ensure_future(self._read())
        return self

    async def _read(self):
        at = 0
        while True:
            await self.inbox.wait(lambda s: True, "a stanza", timeout=3600, since=at)
            s, at = self.inbox.things[at], at + 1
            if s.name == "presence":
                _here.get(s.to.partition("/")[0].partition("@")[2], self)._take(s)

    def _take(self, s):
        who, sender = s.to.partition("/")[0], s.sender
        if s.type == "subscribe":
            self.subscribers.add((who, sender.partition("/")[0]))
            self.send(f"<presence type='subscribed' from='{who}' to='{sender}'/>")
            self._tell(who, sender)
        elif s.type == "probe":
            self.probed.append(who)
            if self.frozen:
                self.owed.append((who, sender))
            elif who not in self.silent:
                self._tell(who, sender)

    def _tell(self, who, to):
        show = self.states.get(who)
        if show is None:
            self.send(f"<presence type='unavailable' from='{who}' to='{to}'/>")
        else:
            self.send(f"<presence from='{who}' to='{to}'>{f'<show>{show}</show>' if show else ''}</presence>")

    def presence(self, who, show=""):
        """Of a user of ours, to whoever has subscribed; None: unavailable."""
        self.states[who] = show
        for jid, subscriber in self.subscribers:
            if jid == who:
                self._tell(who, subscriber)

    def thaw(self):
        self.frozen = False
        for who, sender in self.owed:
            self._tell(who, sender)
        self.owed = []

    def close(self):
        _here.pop(self.domain, None)
        self._serve.cancel()
        super().close()
