"""A remote server of the tests' own, hostile if they want: whatever it says comes over s2s.

It serves every name at and below remote.test: answers for them in DNS, connects to the server
under test, proves itself by dialback (XEP-0220), and then writes what it is told, byte for byte.
"""
import asyncio, random, struct
from serverconf import PRESENCE
from stanzas import Cutter
from waiting import Box

REMOTE = "remote.test"
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
          "xmlns:stream='http://etherx.jabber.org/streams' {} version='1.0'>")
A, SRV = 1, 33


def ours(name):
    return name == REMOTE or name.endswith("." + REMOTE)


class Names(asyncio.DatagramProtocol):
    """DNS for our names: address 127.0.0.1, and the port by SRV; there are no others."""

    def __init__(self, port):
        self.port = port

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, query, who):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]])
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        service = [l.lower() for l in labels[:2]] == [b"_xmpp-server", b"_tcp"]
        name = b".".join(labels[2:] if service else labels).decode(errors="replace").lower()
        data = None
        if ours(name) and kind == A and not service:
            data = bytes([127, 0, 0, 1])
        elif ours(name) and kind == SRV and service:
            data = struct.pack(">HHH", 0, 0, self.port) + query[12 + 1 + len(labels[0]) + 1 + len(labels[1]):at + 1]
        answer = b"" if data is None else b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
        flags = 0x8180 if ours(name) else 0x8183
        self.transport.sendto(query[:2] + struct.pack(">HHHHH", flags, 1, bool(answer), 0, 0) + question + answer, who)


class Remote:
    def __init__(self, loop):
        """address: where our names are answered; a server under test asks there."""
        self.loop, self.inbox = loop, Box("remote server")      # stanzas that the server under test sent us
        self.tasks, self.writers, self.links = set(), set(), []
        listening = asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.listener = loop.run_until_complete(listening)
        self.port = self.listener.sockets[0].getsockname()[1]
        for _ in range(20):
            self.address = "127." + ".".join(str(random.randrange(1, 254)) for _ in range(3))
            try:
                self.names, _ = loop.run_until_complete(loop.create_datagram_endpoint(
                    lambda: Names(self.port), local_addr=(self.address, 53)))
                return
            except OSError as e:
                why = e
        raise RuntimeError(f"no port 53 on {self.address} or any other, as a server that asks for names needs: {why}")

    # -- what the server under test has to say: it is believed, and so are we
    async def _accept(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        self.writers.add(writer)

        def header(attrs):
            name = attrs.get("to", REMOTE)
            writer.write((HEADER.format(f"from='{name}' to='{attrs.get('from', '')}' id='r{random.getrandbits(60):x}'")
                          + "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>").encode())

        def stanza(s):
            if s.ns == "jabber:server:dialback":
                id = f" id='{s.id}'" if s.name == "verify" else ""
                writer.write(f"<db:{s.name} from='{s.to}' to='{s.sender}'{id} type='valid'/>".encode())
            else:
                self.inbox.put(s)

        cutter = Cutter("jabber:server", stanza, header)
        try:
            while data := await reader.read(65536):
                cutter.feed(data)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    # -- what we have to say
    async def connect(self, port, name=REMOTE, to=PRESENCE):
        link = Link(name, to)
        self.links.append(link)
        return await link.connect(port)

    def forget(self):
        """End the links that a test made."""
        for link in self.links:
            link.abort()
        self.links = []

    def close(self):
        self.forget()
        self.listener.close()
        self.names.close()
        for w in self.writers:
            w.close()
        for t in self.tasks:
            t.cancel()
        self.loop.run_until_complete(asyncio.gather(*self.tasks, return_exceptions=True))


class Link:
    """One connection to the server under test, on which we are NAME."""

    def __init__(self, name, to):
        self.name, self.to = name, to
        self.said = Box(f"s2s of {name}")
        self.w = self.task = None

    async def connect(self, port):
        self.r, self.w = await asyncio.open_connection("127.0.0.1", port)
        self.w.write(HEADER.format(f"from='{self.name}' to='{self.to}'").encode())
        cutter = Cutter("jabber:server", self.said.put)

        async def read():
            try:
                while data := await self.r.read(65536):
                    cutter.feed(data)
            except ConnectionError:
                pass
            finally:
                self.said.put("closed")
        self.task = asyncio.ensure_future(read())
        await self.said.wait(lambda s: s != "closed" and s.name == "features", "features")
        await self.prove(self.name, self.to)
        return self

    async def prove(self, name, to):
        """Dialback for another pair of domains; what comes back."""
        mark = self.said.mark()
        self.w.write(f"<db:result from='{name}' to='{to}'>{random.getrandbits(128):x}</db:result>".encode())
        answer = await self.said.wait(lambda s: s == "closed" or s.name == "result" and s.sender == to, "result of the dialback", since=mark)
        assert answer != "closed" and answer.type == "valid", answer
        return answer

    def send(self, *texts):
        for t in texts:
            self.w.write(t if isinstance(t, bytes) else t.encode())

    async def closed(self, timeout=8):
        await self.said.wait(lambda s: s == "closed", "end of the stream", timeout)

    def abort(self):
        if self.task:
            self.task.cancel()
        if self.w:
            self.w.close()
