"""XMPP clients for the tests, on slixmpp: a client that we did not write.

    bob = Client("bob@home.test/desk", port, notify=[NODE])
    await bob.sign_in()
    item = await bob.sees("alice@home.test", lambda i: i.state("Desk phone") == "dnd")

Everything that came is kept (events, presences, messages): waiting for a thing that came before
the waiting began is no race.
"""
import asyncio, time
from dataclasses import dataclass
import slixmpp
from slixmpp.xmlstream import ET
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath
from items import Item, NODE, PRIVATE, IDLE
from serverconf import PRESENCE, PUBSUB, OWNER
from waiting import Box, PATIENCE

EVENT = PUBSUB + "#event"
COMMANDS = "http://jabber.org/protocol/commands"
DATA = "jabber:x:data"


def bridge(jid):
    """The bridge JID of an account (XEP-0106; the accounts of the tests hold nothing but @ to escape)."""
    return jid.split("/")[0].replace("@", r"\40") + "@" + PRESENCE


@dataclass
class Event:
    """A pubsub event for one node."""
    t: float
    sender: str
    to: str
    node: str
    kind: str               # item, retract, purge, delete
    item_id: str
    item: object            # Item of a devices node, else the payload element

    def __str__(self):
        return f"event {self.kind} of {self.sender} to {self.to} {self.node.rpartition(':devices')[2]} {self.item}"


class Command:
    """The answer to an ad-hoc command."""

    def __init__(self, el):
        self.status, self.session = el.get("status"), el.get("sessionid")
        notes = el.findall("{%s}note" % COMMANDS)
        self.notes = [n.text for n in notes]
        self.done = self.status == "completed" and not any(n.get("type") == "error" for n in notes)
        self.form = el.find("{%s}x" % DATA)
        self.fields = {} if self.form is None else {
            f.get("var"): [v.text or "" for v in f.findall("{%s}value" % DATA)] for f in self.form.findall("{%s}field" % DATA)}
        self.options = {} if self.form is None else {
            f.get("var"): [o.findtext("{%s}value" % DATA) for o in f.findall("{%s}option" % DATA)]
            for f in self.form.findall("{%s}field" % DATA)}
        self.items = [] if self.form is None else [
            {f.get("var"): f.findtext("{%s}value" % DATA) for f in i.findall("{%s}field" % DATA)}
            for i in self.form.findall("{%s}item" % DATA)]

    def __str__(self):
        return f"{self.status} {self.notes} {self.fields or self.items or ''}"


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, port, password="pw", notify=(), kind="pc", sm=False):
        """notify: nodes announced with +notify; kind: the type of the XEP-0030 identity; sm: with XEP-0198."""
        super().__init__(jid, password)
        self.me = jid.split("/")[0]
        self.where, self.kind, self.notify, self.sm = ("127.0.0.1", port), kind, list(notify), sm
        self.events, self.presences, self.messages = Box(jid), Box(jid), Box(jid)
        self.transcript = []
        self.auto_authorize = self.auto_subscribe = None        # requests are the test's business
        self.auto_reconnect = False
        for p in ("xep_0030", "xep_0115", "xep_0050", "xep_0004", "xep_0199", *(["xep_0198"] if sm else [])):
            self.register_plugin(p)
        self["feature_mechanisms"].unencrypted_plain = True
        self.register_handler(Callback("events", MatchXPath("{jabber:client}message/{%s}event" % EVENT), self._on_event))
        self.register_handler(Callback("presences", MatchXPath("{jabber:client}presence"), self.presences_put))
        self.add_event_handler("message", lambda m: m["body"] and self.messages.put(m))
        self.add_filter("in", self._keep_in)
        self.add_filter("out", self._keep_out)

    def _keep_in(self, stanza):
        self.transcript.append(f"{time.time():.3f} < {stanza}")
        return stanza

    def _keep_out(self, stanza):
        self.transcript.append(f"{time.time():.3f} > {stanza}")
        return stanza

    # -- life
    async def sign_in(self, available=True, timeout=10, **presence):
        started = asyncio.get_running_loop().create_future()
        self.add_event_handler("session_start", lambda _: started.done() or started.set_result(True), disposable=True)
        for bad in ("failed_all_auth", "connection_failed", "session_end"):
            self.add_event_handler(bad, lambda why, bad=bad: started.done() or started.set_exception(
                ConnectionError(f"{self.boundjid}: {bad} {why}")))
        self.connect(address=self.where, disable_starttls=True, force_starttls=False)
        await asyncio.wait_for(started, timeout)
        disco = self["xep_0030"]
        disco.del_identities()
        disco.add_identity(category="client", itype=self.kind, name="e2e")
        for node in self.notify:
            disco.add_feature(node + "+notify")
        await self["xep_0115"].update_caps(broadcast=False)
        await self.get_roster()
        if available:
            self.presence(**presence)
        return self

    async def sign_out(self):
        """Unavailable, end of stream."""
        await self.disconnect(wait=2.0)

    def drop(self):
        """The TCP connection is gone without a word."""
        self.abort()

    # -- presence and roster
    def presences_put(self, p):
        self.presences.put(p)

    def presence(self, show=None, status=None, priority=None, idle=None, to=None, type=None):
        """idle: seconds since the user did something (XEP-0319)."""
        p = self.make_presence(pshow=show if show not in (None, "available") else None, pstatus=status,
                               ppriority=priority, pto=to, ptype=type)
        if idle is not None:
            since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - idle))
            p.append(ET.Element(IDLE, since=since))
        p.send()

    def unavailable(self):
        self.presence(type="unavailable")

    async def request(self, sender, timeout=PATIENCE, since=0):
        """A subscription request from this JID."""
        return await self.presences.wait(lambda p: p["type"] == "subscribe" and p["from"].bare == sender.lower(),
                                         f"subscription request from {sender}", timeout, since)

    def approve(self, jid):
        self.presence(to=jid, type="subscribed")

    def refuse(self, jid):
        self.presence(to=jid, type="unsubscribed")

    async def befriend(self, other):
        """Subscribe to the other client's account and approve its subscription to ours."""
        for a, b in ((self, other), (other, self)):
            a.presence(to=b.me, type="subscribe")
            await b.request(a.me)
            b.approve(a.me)
            await a.presences.wait(lambda p: p["type"] == "subscribed" and p["from"].bare == b.me, f"approval of {b.me}")

    async def remove_contact(self, jid):
        await self.iq("set", None, f"<query xmlns='jabber:iq:roster'><item jid='{jid}' subscription='remove'/></query>")

    async def roster_items(self):
        r = await self.iq("get", None, "<query xmlns='jabber:iq:roster'/>")
        return {i.get("jid"): i.get("subscription") for i in r.iter("{jabber:iq:roster}item")}

    async def saw(self, sender, type="available", show=None, status=None, timeout=PATIENCE, since=0):
        """A presence from this bare JID."""
        return await self.presences.wait(
            lambda p: p["from"].bare == sender and (p["type"] == type or type == "available" and p["type"] in p.showtypes)
            and (show is None or p["show"] == show) and (status is None or p["status"] == status),
            f"presence {type} {show or ''} {status or ''} from {sender}", timeout, since)

    async def chat(self, sender, timeout=PATIENCE, since=0, pred=lambda m: True):
        """A chat message with a body from this bare JID."""
        return await self.messages.wait(lambda m: m["from"].bare == sender and pred(m), f"chat message from {sender}", timeout, since)

    def say(self, to, text):
        self.send_message(mto=to, mbody=text, mtype="chat")

    # -- IQ
    async def iq(self, type, to, payload, timeout=PATIENCE):
        """The answer's element; IqError when it is an error, IqTimeout when none came."""
        i = self.make_iq_get(ito=to) if type == "get" else self.make_iq_set(ito=to)
        if to is None:
            del i["to"]
        i.append(ET.fromstring(payload) if isinstance(payload, str) else payload)
        return (await i.send(timeout=timeout)).xml

    async def fence(self, to=None):
        """What the server was to deliver to us before this has come when this returns."""
        for _ in range(2):
            await self.iq("get", to or self.boundjid.domain, "<ping xmlns='urn:xmpp:ping'/>")

    # -- pubsub
    def _on_event(self, m):
        for group in m.xml.find("{%s}event" % EVENT):
            items = group.tag.endswith("}items")
            for k in list(group) if items else [group]:
                kind = k.tag.rpartition("}")[2]
                payload = k[0] if kind == "item" and len(k) else None
                if payload is not None and group.get("node") in (NODE, PRIVATE):
                    payload = Item(payload)
                self.events.put(Event(time.time(), str(m["from"]), str(m["to"]), group.get("node"), kind, k.get("id"), payload))

    def items_of(self, owner, node=NODE, since=0):
        """Every item that came for this account, oldest first."""
        return [e.item for e in self.events.since(since)
                if e.sender == owner and e.node == node and e.kind == "item" and e.item is not None]

    def item_of(self, owner, node=NODE):
        """What we were last told."""
        return next(iter(self.items_of(owner, node)[-1:]), None)

    async def sees(self, owner, pred=lambda item: True, what="such item", timeout=PATIENCE, node=NODE, since=0):
        """Wait until the last item of this account is as wanted."""
        def last():
            got = self.items_of(owner, node, since)
            return got and pred(got[-1]) and (got[-1],)
        return (await self.events.until(last, f"{what} of {owner}", timeout, since))[0]

    async def sees_states(self, owner, timeout=PATIENCE, node=NODE, since=0, **states):
        """Wait until the last item shows these devices in these states: sees_states(alice, Desk_phone="dnd")."""
        want = {k.replace("_", " "): v for k, v in states.items()}
        return await self.sees(owner, lambda i: all(i.state(k) == v for k, v in want.items()), f"item with {want}", timeout, node, since)

    async def fetch(self, owner, node=NODE, timeout=PATIENCE):
        """The item as the account's server has it; None when there is none."""
        r = await self.iq("get", owner, f"<pubsub xmlns='{PUBSUB}'><items node='{node}'/></pubsub>", timeout)
        found = r.findall(".//{%s}item" % PUBSUB)
        return Item(found[-1][0]) if found and len(found[-1]) else None

    async def publish(self, payload, node=NODE, item="current", to=None, options=""):
        return await self.iq("set", to, f"<pubsub xmlns='{PUBSUB}'><publish node='{node}'><item id='{item}'>{payload}</item>"
                             f"</publish>{options}</pubsub>")

    async def retract(self, item="current", node=NODE):
        return await self.iq("set", None, f"<pubsub xmlns='{PUBSUB}'><retract node='{node}'>"
                             f"<item id='{item}'/></retract></pubsub>")

    async def create_node(self, node, **config):
        form = node_form("node_config", config)
        return await self.iq("set", None, f"<pubsub xmlns='{PUBSUB}'><create node='{node}'/><configure>{form}</configure></pubsub>")

    async def node_config(self, node):
        r = await self.iq("get", None, f"<pubsub xmlns='{OWNER}'><configure node='{node}'/></pubsub>")
        return {f.get("var", "").rpartition("#")[2]: f.findtext("{%s}value" % DATA) for f in r.iter("{%s}field" % DATA)}

    async def affiliate(self, node, jid, affiliation):
        return await self.iq("set", None, f"<pubsub xmlns='{OWNER}'><affiliations node='{node}'>"
                             f"<affiliation jid='{jid}' affiliation='{affiliation}'/></affiliations></pubsub>")

    async def affiliations(self, node):
        r = await self.iq("get", None, f"<pubsub xmlns='{OWNER}'><affiliations node='{node}'/></pubsub>")
        return {a.get("jid"): a.get("affiliation") for a in r.iter("{%s}affiliation" % OWNER)}

    # -- ad-hoc commands
    async def command(self, node, fields=None, to=PRESENCE, timeout=PATIENCE):
        """Run a command; with fields, fill in the form that comes (repeatedly, if several come).

        Right after a start the service first asks the user's server whether she still agrees, and says so: then it is
        run again, as she would do.
        """
        end = time.monotonic() + PATIENCE
        while True:
            answer = await self._command(node, fields, to, timeout)
            if answer.done or "whether you still agree" not in " ".join(n or "" for n in answer.notes) or time.monotonic() > end:
                return answer
            await asyncio.sleep(0.1)

    async def _command(self, node, fields, to, timeout):
        c = ET.Element("{%s}command" % COMMANDS, node=node, action="execute")
        answer = Command((await self.iq("set", to, c, timeout)).find("{%s}command" % COMMANDS))
        if fields is None or answer.status == "completed":
            return answer
        c = ET.Element("{%s}command" % COMMANDS, node=node, sessionid=answer.session, action="complete")
        x = ET.SubElement(c, "{%s}x" % DATA, type="submit")
        for k, v in fields.items():
            assert not answer.fields or k in answer.fields, f"{node}: the form has no field {k}: {list(answer.fields)}"
            f = ET.SubElement(x, "{%s}field" % DATA, var=k)
            for one in v if isinstance(v, (list, tuple)) else [v]:
                ET.SubElement(f, "{%s}value" % DATA).text = str(one)
        return Command((await self.iq("set", to, c, timeout)).find("{%s}command" % COMMANDS))


def node_form(form_type, config):
    return (f"<x xmlns='{DATA}' type='submit'><field var='FORM_TYPE' type='hidden'><value>{PUBSUB}#{form_type}</value></field>" +
            "".join(f"<field var='pubsub#{k}'><value>{v}</value></field>" for k, v in config.items()) + "</x>")


def condition(error):
    """The condition of an IqError: forbidden, item-not-found, ..."""
    return error.iq["error"]["condition"]
