"""A gateway, as a component of the tests' own: its users have no resources, and speak from their bare JIDs.

It accepts every subscription and answers probes, as long as it is let.
"""
import asyncio
from serverconf import ECHO
from stub import Stub


class Gateway(Stub):
    def __init__(self, port, domain=ECHO):
        super().__init__(port, domain)
        self.states, self.subscribers, self.probed = {}, set(), []
        self.answering = True

    async def connect(self):
        await super().connect()
        self._serve = asyncio.ensure_future(self._answer())
        return self

    async def _answer(self):
        at = 0
        while True:
            s = await self.inbox.wait(lambda s: True, "a stanza", timeout=3600, since=at)
            at = self.inbox.things.index(s, at) + 1
            if s.name != "presence":
                continue
            who = s.to.partition("/")[0]
            if s.type == "subscribe":
                self.subscribers.add((who, s.sender.partition("/")[0]))
                self.send(f"<presence type='subscribed' from='{who}' to='{s.sender}'/>")
                self._tell(who, s.sender)
            elif s.type == "probe":
                self.probed.append(who)
                if self.answering:
                    self._tell(who, s.sender)

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

    def close(self):
        self._serve.cancel()
        super().close()
