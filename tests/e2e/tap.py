"""A wire tap between the component and the server: it passes everything on and keeps every stanza.

    tap.stanzas.things: (direction, Stanza), direction ">" from the component, "<" from the server.

It is also where the link fails:

    tap.cut()               both connections are closed
    tap.refuse = True       who connects is turned away, as if the server were down
    tap.frozen = True       nothing passes, nothing is closed; tap.hold = {">"}: one direction of that,
                            which is a peer who does not read
    tap.lost = {"<"}        what goes this way is lost; an end of the connection isn't told to the other
                            side: to the server it is a ghost, until tap.bury()
    tap.mute = "header"     the server says nothing after accepting ("accept"), or after its header ("header")
    tap.rate, tap.delay     bytes a second; seconds for each piece
    tap.piece = 1           so many bytes at a time
    tap.cut_after = (">", 100)      the next connection is cut after so many bytes
    tap.rule = f            f(direction, stanza) is None to pass it on, else what goes on in its place
    tap.whisper(xml)        the component hears it as if the server had said it
    tap.heal()              none of these any more

It runs in a thread of its own, so that it goes on while a test blocks.
"""
import asyncio, os, socket, threading, time
from items import Item, NODE, NS as ITEM_NS
from serverconf import PUBSUB
from stanzas import Cutter
from waiting import Box

NS = "jabber:component:accept"
HELD = 0.02             # seconds between looks at whether what is held may pass


class Filter:
    """One direction of a connection: bytes in, bytes out, whole stanzas past the rule."""

    def __init__(self, tap, direction):
        self.tap, self.direction = tap, direction
        self.pending, self.base, self.passed = b"", 0, 0      # bytes of offset base on; what went on already
        self.broken = False
        self.cut = []
        self.cutter = Cutter(NS, self._stanza)

    def _stanza(self, stanza):
        self.tap.stanzas.put((self.direction, stanza))
        self.cut.append((self.cutter.start, self.cutter.done, stanza))

    def feed(self, data):
        self.pending += data
        if not self.broken:
            try:
                self.cutter.feed(data)
            except Exception as e:          # what the server says to that is for the test to see
                self.broken = True
                self.tap.stanzas.put((self.direction, f"not well-formed: {e}: {data[-200:]!r}"))
        out, (cut, self.cut) = b"", (self.cut, [])
        for start, end, stanza in cut:
            rule = self.tap.rule
            instead = rule(self.direction, stanza) if rule and start >= self.passed else None
            if instead is not None:
                out += self._upto(start) + instead.encode()
                self.passed = end
            else:
                out += self._upto(end)
        if not self.tap.rule or self.broken or self.cutter.depth == 0:
            out += self._upto(self.base + len(self.pending))
        elif self.passed < self.cutter.head:
            out += self._upto(self.cutter.head)
        self.pending, self.base = self.pending[self.passed - self.base:], self.passed
        return out

    def _upto(self, end):
        begin, self.passed = self.passed, max(end, self.passed)
        return self.pending[begin - self.base:self.passed - self.base]


class Connection:
    def __init__(self, tap, reader, writer):
        self.tap, self.near = tap, (reader, writer)         # near: the component
        self.far, self.number = None, 0
        self.back = None                    # the writer to the component, and what has been cut for it
        self.ghost = False
        self.deaf = set()                   # ways in which something was lost: then so is the end
        self.mute, self.cut_after, tap.cut_after = tap.mute, tap.cut_after, None
        self.count = {">": 0, "<": 0}

    async def run(self):
        if self.mute == "accept":
            await self.near[0].read()
            self.near[1].close()
            return
        self.far = await asyncio.open_connection("127.0.0.1", self.tap.target)
        self.tap.connections += 1
        self.number = self.tap.connections
        await asyncio.gather(self._pump(self.near[0], self.far[1], ">"), self._pump(self.far[0], self.near[1], "<"))

    def abort(self):
        for end in (self.near, self.far):
            if end:
                end[1].transport.abort()

    async def _pump(self, reader, writer, direction):
        tap, filter = self.tap, Filter(self.tap, direction)
        if direction == "<":
            self.back = writer, filter
        try:
            while True:
                await self._held(direction)
                data = await reader.read(65536)
                await self._held(direction)
                if not data:
                    break
                if direction in tap.lost:
                    self.deaf.add(direction)
                    continue
                if self.mute == "header" and direction == ">" and b"<handshake" in data:
                    data = data[:data.index(b"<handshake")]
                    tap.lost_handshakes += 1
                await self._write(writer, filter.feed(data), direction)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            if direction not in tap.lost | self.deaf:
                writer.close()
            elif direction == ">":
                self.ghost = True

    async def _held(self, direction):
        while self.tap.frozen or direction in self.tap.hold:
            await asyncio.sleep(HELD)

    async def _write(self, writer, data, direction):
        tap = self.tap
        while data:
            size = max(1, tap.rate // 20) if tap.rate else len(data)
            if tap.piece and direction == "<":
                size = tap.piece
            part, data = data[:size], data[size:]
            if self.cut_after and self.cut_after[0] == direction:
                part = part[:self.cut_after[1] - self.count[direction]]
            self.count[direction] += len(part)
            if tap.delay:
                await asyncio.sleep(tap.delay)
            if tap.rate:
                await asyncio.sleep(len(part) / tap.rate)
            writer.write(part)
            await writer.drain()
            if self.cut_after == (direction, self.count[direction]):
                tap.cuts += 1
                # What was let through shall arrive: closed, not reset.
                for end in (self.near, self.far):
                    end[1].close()
                raise ConnectionResetError


class Tap:
    def __init__(self, port, loop, namespace=None, address="127.0.0.1"):
        """namespace: the path of the network namespace in which the component finds us, at address."""
        self.target, self.namespace, self.address = port, namespace, address
        self.stanzas = Box("wire", loop)
        self.connections = self.cuts = self.lost_handshakes = 0
        self.attempts = []                  # when somebody connected (monotonic)
        self._open = set()
        self.heal()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._up.wait(5)

    def heal(self):
        self.frozen = self.refuse = False
        self.hold, self.lost = set(), set()
        self.mute = self.cut_after = self.rule = None
        self.rate = self.delay = 0
        # How many bytes the component gets at once. Servers aren't given such: newer expats put off what comes in
        # crumbs until there is twice as much, and then they don't answer our header before we say more.
        self.piece = 0

    def _listen(self):
        if self.namespace:
            from netns import enter         # this thread only
            enter(self.namespace)
        k = socket.socket()
        # A peer who does not read is felt soon, not after megabytes.
        k.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        k.bind((self.address, 0))
        if self.namespace:
            enter(f"/proc/{os.getpid()}/ns/net")
        return k

    def _run(self):
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._accept, sock=self._listen()))
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
        self.attempts.append(time.monotonic())
        connection = Connection(self, reader, writer)
        self._open.add(connection)
        try:
            if self.refuse:
                raise ConnectionRefusedError
            await connection.run()
        except OSError:
            writer.close()
        if not connection.ghost:
            self._open.discard(connection)

    def _each(self, pred):
        def close():
            for connection in [c for c in self._open if pred(c)]:
                connection.ghost = False
                connection.abort()
                self._open.discard(connection)
        self.loop.call_soon_threadsafe(close)

    def cut(self):
        self._each(lambda c: True)

    def bury(self):
        """The server learns of the end of every connection but the last."""
        self._each(lambda c: c.ghost or c.number < self.connections)

    def connections_open(self):
        return list(self._open)

    def ghosts(self):
        return sum(c.ghost for c in list(self._open))

    def whisper(self, text):
        """Say this to the component as if the server had, between two stanzas."""
        async def say():
            # Of those that are still there: a component whose secret was wrong, say, has come and gone.
            writer, back = max((c for c in self._open if c.back), key=lambda c: c.number).back
            while not back.cutter.between or back.pending:
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

    def malformed(self, since=0):
        """What of the component's was no stanza."""
        return [s for d, s in self.stanzas.since(since) if d == ">" and isinstance(s, str)]

    def publishes(self, owner, node, since=0):
        """Publish requests of the component for this account and node, in whatever way."""
        return self.sent(lambda s: is_publish(s, owner, node), since)

    def items(self, owner, node=NODE, since=0):
        """What those requests hold."""
        return [Item(d) for s in self.publishes(owner, node, since) for d in s.el.iter(ITEM_NS + "devices")]

    def transcript(self, last=400):
        t0 = time.time()
        return "\n".join(f"{getattr(s, 't', t0):.3f} {d} {s}" for d, s in self.stanzas.things[-last:])


def is_publish(stanza, owner, node=NODE):
    return (stanza.name == "iq" and stanza.to.lower().startswith(owner.split("@")[0] + "@")
            and any(p.get("node") == node for p in stanza.el.iter("{%s}publish" % PUBSUB)))
