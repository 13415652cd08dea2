"""What a test works with: a server with the component attached, and fresh accounts signed in.

Lab     a server, a tap on the component's connection, the component; shared by the tests
Scene   the accounts and clients of one test, with the verbs of the stories
"""
import asyncio, itertools
from clients import Client, bridge
from component import Component
from items import NODE, PRIVATE
from raw import Raw
from remote import Remote
from servers import Server
from waiting import Missed
from serverconf import ECHO, HOME, WORK
from stub import Stub
from tap import Tap

SETTLE = 30             # what a restart may take where an account is offline and the server says nothing
_numbers = itertools.count(1)


class Lab:
    def __init__(self, server, variant, loop, attach=True, **options):
        self.loop, self.options, self.made = loop, options, variant
        self.remote = Remote(loop) if variant == "federated" else None
        self.server = Server(server, variant, **({"nameserver": self.remote.address} if self.remote else {}))
        try:
            self.server.start()
            self.tap = Tap(self.server.ports["component"], loop)
            self.component = Component(self.tap.port, loop, **options) if attach else None
            if attach:
                self.component.start()
                loop.run_until_complete(self.component.ready())
        except BaseException:
            self.close()
            raise

    name = property(lambda self: self.server.name)
    kind = property(lambda self: self.server.kind)
    variant = property(lambda self: self.server.variant)

    async def granted(self, host=HOME):
        """The component has learnt what this host grants; without that it can't do more than wait."""
        await self.component.event("grant", host=host, since=self.component.began)

    def close(self):
        for thing in ("component", "tap", "server", "remote"):
            if getattr(self, thing, None) is not None:
                getattr(self, thing).close()


class Scene:
    """Accounts are made when they are first named: scene.jid("alice") is alice7@home.test."""

    def __init__(self, lab):
        self.lab, self.server, self.component, self.tap = lab, lab.server, lab.component, lab.tap
        self.n = next(_numbers)
        self.clients = []
        self.wire = self.tap.stanzas.mark()
        self.logged = self.component.log.mark() if self.component else 0

    # -- accounts and clients
    def jid(self, who, host=HOME):
        jid = f"{who}{self.n}@{host}"
        if jid not in self.server.users:
            self.server.register(jid)
        return jid

    alice = property(lambda self: self.jid("alice"))
    bob = property(lambda self: self.jid("bob"))
    desk = property(lambda self: self.jid("alice", WORK))
    bridge = property(lambda self: bridge(self.alice))

    async def client(self, who, resource, host=HOME, notify=(), kind="pc", sm=False, server=None, **presence):
        """Sign in; available unless available=False.  server: another node of the cluster."""
        port = (server or self.server).ports["c2s"]
        c = Client(f"{self.jid(who, host)}/{resource}", port, notify=notify, kind=kind, sm=sm)
        self.clients.append(c)
        return await c.sign_in(**presence)

    async def raw(self, who, resource="raw", host=HOME, available=True):
        c = Raw(f"{self.jid(who, host)}/{resource}", self.server.ports["c2s"])
        self.clients.append(c)
        return await c.connect(available)

    async def other_component(self):
        """Another component of the server, which may say anything in the addresses of its domain."""
        c = Stub(self.server.ports["echo"], ECHO)
        self.clients.append(c)
        return await c.connect()

    async def laptop(self, **presence):
        return await self.client("alice", "laptop", notify=[NODE, PRIVATE], **presence)

    async def phone(self, resource="phone", **more):
        return await self.client("alice", resource, kind="phone", **more)

    async def contact(self, who="bob", host=HOME, resource="desk", **presence):
        return await self.client(who, resource, host=host, notify=[NODE], **presence)

    async def desk_phone(self, resource="fixed", **more):
        return await self.client("alice", resource, host=WORK, kind="phone", **more)

    # -- the stories
    async def enrol(self, alice, approve=True):
        """alice runs the command and approves her bridge contact."""
        mark = alice.presences.mark()
        answer = await alice.command("enrol")
        assert answer.done, answer
        if approve:
            await alice.request(self.bridge, since=mark)
            alice.approve(self.bridge)
        return answer

    async def enrol_other(self, client):
        """The same for somebody else."""
        answer = await client.command("enrol")
        assert answer.done, answer
        await client.request(bridge(client.me))
        client.approve(bridge(client.me))

    async def link(self, alice, jid, label="Desk phone", kind="fixed", visibility="contacts", status_text=None):
        fields = {"jid": jid, "label": label, "kind": kind, "visibility": visibility}
        if status_text is not None:
            fields["status-text"] = int(status_text)
        answer = await alice.command("link", fields)
        assert answer.done, answer
        return answer

    async def accept(self, device):
        """The linked account approves the subscription and answers the question."""
        await device.request(self.bridge)
        device.approve(self.bridge)
        question = await device.chat(self.bridge)
        device.say(question["from"], "yes")
        return question

    async def says_yes(self, device):
        """As often as it takes: after a start a yes in the first five seconds is one to the question before."""
        while True:
            mark = device.messages.mark()
            device.say(self.bridge, "yes")
            try:
                await device.chat(self.bridge, since=mark, timeout=2, pred=lambda m: "Thank you" in m["body"])
                return
            except Missed:
                pass

    async def set_up(self, bob=True, phones=0, status_text=True, **desk_presence):
        """alice's laptop and desk phone linked and consented, bob a contact who sees both.

        Returns (laptop, desk phone, bob)."""
        laptop = await self.laptop()
        contact = None
        if bob:
            contact = await self.contact()
            await laptop.befriend(contact)
        await self.enrol(laptop)
        desk = await self.desk_phone()
        await self.link(laptop, self.desk, status_text=status_text)
        await self.accept(desk)
        if desk_presence:
            desk.presence(**desk_presence)
        if bob:
            await contact.sees(self.alice, lambda i: i.state("Desk phone") not in (None, "unavailable") and
                               i.state("laptop") not in (None, "unavailable"), "laptop and desk phone in the item", timeout=15)
        return laptop, desk, contact

    async def device_ids(self, alice):
        return {d["label"]: d["id"] for d in (await alice.command("devices")).items}

    async def close(self):
        """Everyone leaves, and what slixmpp left running ends."""
        for c in self.clients:
            c.abort()
        if self.lab.remote:
            self.lab.remote.forget()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- for the report of a failure
    def report(self):
        out = []
        for c in self.clients:
            if isinstance(c, Client):
                out.append((f"client {c.boundjid.full or c.me}", "\n".join(str(t) for t in c.transcript[-120:])))
            else:
                out.append((c.inbox.name, "\n".join(f"< {t}" for t in c.inbox.things[-60:])))
        out.append(("wire (component > server, < back)", "\n".join(
            f"{getattr(s, 't', 0):.3f} {d} {s}" for d, s in self.tap.stanzas.since(self.wire)[-250:])))
        if self.component:
            out.append(("component's log", "\n".join(l[""] for l in self.component.log.since(self.logged)[-200:])))
        try:
            out.append((f"log of {self.lab.name}", self.server.log()[-6000:]))
        except (OSError, AttributeError):       # it is gone, with its directory
            pass
        return out
