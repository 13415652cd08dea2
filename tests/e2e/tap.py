"""A wire tap between the component and the server: it passes everything on and keeps every stanza.

    tap.stanzas.things: (direction, Stanza), direction ">" from the component, "<" from the server.
    tap.cut(): both connections are closed.  tap.frozen = True: nothing passes, nothing is closed.
    tap.refuse = True: who connects is turned away, as if the server were down.

It runs in a thread of its own, so that it goes on while a test blocks.
"""
import asyncio, threading, time
from items import Item, NODE, NS as ITEM_NS
from serverconf import PUBSUB
from stanzas import Cutter
from waiting import Box

NS = "jabber:component:accept"


class Tap:
    def __init__(self, port, loop):
        self.target = port
        self.stanzas = Box("wire", loop)
        self.frozen = self.refuse = False
        self.connections = 0
        self._writers = set()
        self._back = None           # the writer to the component, and what has been cut for it
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._up.wait(5)

    def _run(self):
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._up.set()
        self.loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.close()

    async def _accept(self, reader, writer):
        try:
            if self.refuse:
                raise ConnectionRefusedError
            r, w = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        self.connections += 1
        self._writers |= {writer, w}
        out = asyncio.ensure_future(self._pump(reader, w, ">"))
        back = asyncio.ensure_future(self._pump(r, writer, "<"))
        await asyncio.wait([out, back], return_when=asyncio.ALL_COMPLETED)

    async def _pump(self, reader, writer, direction):
        cutter = Cutter(NS, lambda s: self.stanzas.put((direction, s)))
        if direction == "<":
            self._back = writer, cutter
        try:
            while True:
                data = await reader.read(65536)
                while self.frozen:
                    await asyncio.sleep(0.02)
                if not data:
                    break
                try:
                    cutter.feed(data)
                except Exception as e:          # what the server says to that is for the test to see
                    self.stanzas.put((direction, f"not well-formed: {e}: {data[-200:]!r}"))
                writer.write(data)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def cut(self):
        def close():
            for w in list(self._writers):
                w.transport.abort()
        self.loop.call_soon_threadsafe(close)

    def whisper(self, text):
        """Say this to the component as if the server had, between two stanzas."""
        async def say():
            writer, cutter = self._back
            while not cutter.between:
                await asyncio.sleep(0.002)      # until the rest of a stanza has gone by
            writer.write(text if isinstance(text, bytes) else text.encode())
        asyncio.run_coroutine_threadsafe(say(), self.loop).result(5)

    def close(self):
        self.cut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)

    # -- questions
    def sent(self, pred=lambda s: True, since=0):
        return [s for d, s in self.stanzas.since(since) if d == ">" and not isinstance(s, str) and pred(s)]

    def received(self, pred=lambda s: True, since=0):
        return [s for d, s in self.stanzas.since(since) if d == "<" and not isinstance(s, str) and pred(s)]

    def publishes(self, owner, node, since=0):
        """Publish requests of the component for this account and node, in whatever way."""
        local = owner.split("@")[0]
        return self.sent(lambda s: s.name == "iq" and s.to.lower().startswith(local + "@")
                         and any(p.get("node") == node for p in s.el.iter("{%s}publish" % PUBSUB)), since)

    def items(self, owner, node=NODE, since=0):
        """What those requests hold."""
        return [Item(d) for s in self.publishes(owner, node, since) for d in s.el.iter(ITEM_NS + "devices")]

    def transcript(self, last=400):
        t0 = time.time()
        return "\n".join(f"{getattr(s, 't', t0):.3f} {d} {s}" for d, s in self.stanzas.things[-last:])
