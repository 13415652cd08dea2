"""A client that sends what it is told, byte for byte: slixmpp would make it right."""
import asyncio, base64
from servers import PASSWORD
from stanzas import Cutter
from waiting import Box

HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
          "to='{}' version='1.0'>")


class Raw:
    def __init__(self, jid, port, password=PASSWORD):
        self.jid, self.port, self.password = jid, port, password
        self.me, _, self.resource = jid.partition("/")
        self.inbox = Box(jid)               # Stanzas, and "closed" at the end
        self.w = self.task = None
        self.pings = 0

    async def connect(self, available=True):
        self.r, self.w = await asyncio.open_connection("127.0.0.1", self.port)
        self._open()
        self.task = asyncio.ensure_future(self._read())
        await self._came(lambda s: s.name == "features", "features")
        word = base64.b64encode(f"\0{self.me.partition('@')[0]}\0{self.password}".encode()).decode()
        mark = self.inbox.mark()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{word}</auth>")
        await self._came(lambda s: s.name == "success", "success")
        self._open()
        await self._came(lambda s: s.name == "features", "features", mark)
        await self.iq("set", None, f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{self.resource}</resource></bind>")
        if available:
            self.send("<presence/>")
            await self.fence()
        return self

    def _open(self):
        self.cutter = Cutter("jabber:client", self.inbox.put)
        self.send(HEADER.format(self.me.partition("@")[2]))

    async def _read(self):
        try:
            while data := await self.r.read(65536):
                self.cutter.feed(data)
        except ConnectionError:
            pass
        finally:
            self.inbox.put("closed")

    async def _came(self, pred, what, since=0, timeout=8):
        def wanted(s):
            assert s != "closed", f"{self.jid}: closed before {what}"
            return pred(s)
        return await self.inbox.wait(wanted, what, timeout, since)

    def send(self, *texts):
        """Text, or bytes for what no text can hold."""
        for t in texts:
            self.w.write(t if isinstance(t, bytes) else t.encode())

    async def iq(self, type, to, payload, timeout=8):
        """The answer, whatever it is."""
        self.pings += 1
        id = f"raw{self.pings}"
        mark = self.inbox.mark()
        self.send(f"<iq type='{type}' id='{id}'" + (f" to='{to}'" if to else "") + f">{payload}</iq>")
        return await self._came(lambda s: s.name == "iq" and s.id == id and s.type in ("result", "error"), f"answer to {payload[:60]}",
                                mark, timeout)

    async def fence(self, to=None, timeout=8):
        """What was sent before this has been dealt with, by the server or by whom it names."""
        await self.iq("get", to or self.me.partition("@")[2], "<ping xmlns='urn:xmpp:ping'/>", timeout)

    async def closed(self, timeout=8):
        """The server has given us up."""
        await self.inbox.wait(lambda s: s == "closed", "end of the stream", timeout)

    def got(self, pred=lambda s: True, since=0):
        return self.inbox.since(since, lambda s: s != "closed" and pred(s))

    def abort(self):
        if self.task:
            self.task.cancel()
        if self.w:
            self.w.close()
