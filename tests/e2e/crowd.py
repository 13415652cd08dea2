"""Many people at once: clients that are no more than a socket, for what slixmpp is too heavy.

    crowd = await Crowd(scene, 100).sign_in()
    await crowd.enrol()             # each with a laptop, a phone, and a desk phone that is linked
    crowd.change()                  # every desk phone says something new, a number

The linked accounts are of a domain that is trusted (consent by subscription), so that they approve and that is all.
"""
import asyncio, base64, re
from items import Item, NODE
from serverconf import HOME, WORK, PRESENCE, PUBSUB
from stanzas import Cutter
from story import number
from waiting import Box
import xml.etree.ElementTree as ET

STREAM = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' to='{}' "
          "xmlns:stream='http://etherx.jabber.org/streams'>")
COMMAND = "<command xmlns='http://jabber.org/protocol/commands' node='{}' action='execute'>{}</command>"
FIELD = "<field var='{}'><value>{}</value></field>"
AT_ONCE = 25        # sign-ins under way


class Member:
    """One connection: user@domain/resource."""

    def __init__(self, jid, port, loop):
        self.jid, self.port = jid, port
        self.inbox = Box(jid)

    async def sign_in(self, password="pw"):
        bare, _, resource = self.jid.partition("/")
        user, _, domain = bare.partition("@")
        self.r, self.w = await asyncio.open_connection("127.0.0.1", self.port)
        self._send(STREAM.format(domain))
        await self._until(rb"</stream:features>")
        self._send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
                   base64.b64encode(f"\0{user}\0{password}".encode()).decode() + "</auth>")
        assert b"<success" in await self._until(rb"<(success|failure)[^>]*>"), self.jid
        self._send(STREAM.format(domain))
        await self._until(rb"</stream:features>")
        cutter = Cutter("jabber:client", self._takes)
        cutter.feed(STREAM.format(domain).encode())
        self.task = asyncio.ensure_future(self._read(cutter))
        await self.iq("set", None, f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>", "b")
        return self

    def _send(self, text):
        self.w.write(text.encode())

    async def _until(self, pattern):
        got = b""
        while not re.search(pattern, got):
            data = await self.r.read(65536)
            assert data, f"{self.jid}: closed after {got!r}"
            got += data
        return got

    async def _read(self, cutter):
        try:
            while data := await self.r.read(65536):
                cutter.feed(data)
        except (ConnectionError, ET.ParseError):
            pass

    def _takes(self, stanza):
        if stanza.name == "presence" and stanza.type == "subscribe":
            self._send(f"<presence type='subscribed' to='{stanza.sender}'/>")
        elif stanza.name == "iq" and stanza.type in ("get", "set"):
            self._send(f"<iq type='result' id='{stanza.id}'" + (f" to='{stanza.sender}'" if stanza.sender else "") + "/>")
        else:
            self.inbox.put(stanza)

    def presence(self, show, status):
        self._send(f"<presence><show>{show}</show><status>{status}</status></presence>")

    async def iq(self, type, to, payload, id, timeout=30):
        self._send(f"<iq type='{type}' id='{id}'" + (f" to='{to}'" if to else "") + f">{payload}</iq>")
        answer = await self.inbox.wait(lambda s: s.name == "iq" and s.id == id, f"answer {id}", timeout)
        self.inbox.things.remove(answer)
        return answer

    async def item(self, owner):
        """What the account's server has; None when there is none."""
        answer = await self.iq("get", owner, f"<pubsub xmlns='{PUBSUB}'><items node='{NODE}'/></pubsub>", "i")
        found = answer.el.findall(".//{%s}item" % PUBSUB)
        return Item(found[-1][0]) if found and len(found[-1]) else None

    def drop(self):
        self.task.cancel()
        self.w.transport.abort()


class Crowd:
    def __init__(self, scene, size):
        self.scene, self.size = scene, size
        self.names = [f"m{scene.n}x{i}" for i in range(size)]
        self.n = 0
        for name in self.names:
            for host in (HOME, WORK):
                scene.server.register(f"{name}@{host}")

    def owner(self, name):
        return f"{name}@{HOME}"

    async def _all(self, coroutines):
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(c):
            async with gate:
                return await c
        return await asyncio.gather(*(one(c) for c in coroutines))

    async def sign_in(self):
        port, loop = self.scene.server.ports["c2s"], asyncio.get_running_loop()
        made = [Member(jid, port, loop) for name in self.names
                for jid in (f"{name}@{HOME}/laptop", f"{name}@{HOME}/phone", f"{name}@{WORK}/desk")]
        await self._all(m.sign_in() for m in made)
        self.laptops, self.phones, self.desks = (dict(zip(self.names, made[i::3])) for i in range(3))
        for m in (*self.laptops.values(), *self.phones.values()):
            m.presence("away", "here")
        self.say()
        return self

    def say(self):
        for m in self.desks.values():
            m.presence("dnd", str(self.n))

    def change(self):
        self.n += 1
        self.say()

    async def enrol(self):
        await self._all(self._enrol(name) for name in self.names)

    async def _enrol(self, name):
        laptop = self.laptops[name]
        answer = await laptop.iq("set", PRESENCE, COMMAND.format("enrol", ""), "e")
        assert answer.has("completed"), answer
        fields = {"jid": f"{name}@{WORK}", "label": "Desk phone", "kind": "fixed", "visibility": "contacts", "status-text": 1}
        form = "<x xmlns='jabber:x:data' type='submit'>" + "".join(FIELD.format(*f) for f in fields.items()) + "</x>"
        answer = await laptop.iq("set", PRESENCE, COMMAND.format("link", form), "l")
        assert answer.has("completed"), answer

    def published(self, name, since=0):
        return self.scene.tap.items(self.owner(name), since=since)

    async def converges(self, timeout):
        """Everybody's item holds the newest state of each of the three devices."""
        missing = set(self.names)
        end = asyncio.get_running_loop().time() + timeout
        while missing:
            for name in list(missing):
                item = await self.laptops[name].item(self.owner(name))
                if item and number(item) == self.n and item.state("laptop") == "away" and item.state("phone") == "away":
                    missing.discard(name)
            assert asyncio.get_running_loop().time() < end, f"after {timeout} s {len(missing)} of {self.size} lack {self.n}: {sorted(missing)[:5]}"

    def leave(self):
        for m in (*self.laptops.values(), *self.phones.values(), *self.desks.values()):
            m.drop()
