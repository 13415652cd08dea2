"""A component of the tests' own."""
import asyncio, hashlib
from serverconf import PRESENCE, SECRET
from stanzas import Cutter
from waiting import Box


class Stub:
    """A component that does what it is told."""

    def __init__(self, port, domain=PRESENCE):
        self.port, self.domain, self.inbox = port, domain, Box(f"stub {domain}")

    async def connect(self):
        self.r, self.w = await asyncio.open_connection("127.0.0.1", self.port)
        header = asyncio.get_running_loop().create_future()
        cutter = Cutter("jabber:component:accept", self.inbox.put, header.set_result)

        async def read():
            while data := await self.r.read(65536):
                cutter.feed(data)
        self.task = asyncio.ensure_future(read())
        self.w.write(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='{self.domain}'>".encode())
        digest = hashlib.sha1(((await header)["id"] + SECRET).encode()).hexdigest()
        self.w.write(f"<handshake>{digest}</handshake>".encode())
        await self.inbox.wait(lambda s: s.name == "handshake", "handshake")
        return self

    def send(self, *texts):
        for t in texts:
            self.w.write(t.encode())

    async def closed(self, timeout=8):
        """The server has ended the stream."""
        await asyncio.wait({self.task}, timeout=timeout)
        assert self.task.done(), "the stream goes on"

    def abort(self):
        self.close()

    def close(self):
        self.task.cancel()
        self.w.close()
