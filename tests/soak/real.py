#!/usr/bin/env python3
"""The soak test against a real server: users with three devices each, contacts who watch, and an oracle.

    real.py [--server prosody-0.12] [--hours 0.5] [--users 500] [--rate 20] [--seed 1] POLYPRESENCE

Each user has one client of the primary account and two linked accounts; each device is a session of its
own.  Each contact has fifty of the users in the roster.  In each cycle of a minute something fails while
devices change, then all is quiet, and within five minutes (doc/threats.md, F11) the last event that
each contact got from each user must say what is true.  One line a cycle, a verdict, exit status 0 if all is
well.  The component connects through a gate of ours that can be cut or held.

Needs root and the roots of the servers (scripts/roots), as the end-to-end tests do.
"""
import argparse, asyncio, base64, hashlib, os, pathlib, random, re, resource, shutil, signal, sqlite3, sys, tempfile
import time
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from servers import PASSWORD, Server, die_with_parent                       # noqa: E402
from serverconf import HOME, PRESENCE, SECRET, WORK                         # noqa: E402

NODE = "urn:x-polypresence:devices:0"
DEVICES = (("user", "laptop"), ("desk", "Desk phone"), ("voip", "Tablet"))  # account, label
SHOWS = (None, "", "chat", "away", "xa", "dnd")                             # None: offline
FAULTS = ("none", "cut", "restart", "held", "reload", "killed server", "kill -9", "stop")
LASTING = 6             # of the faults: those that the process survives
PER_CONTACT = 50
CYCLE, CHURN, CONVERGE, STOP, REST = 60, 35, 300, 15, 120
HOME_AT_REST = ("in-flight", "waiting", "errands", "unsettled", "blocked", "queued-bytes", "refused")
GROWTH = 1.05
FEATURES = ("http://jabber.org/protocol/caps", "http://jabber.org/protocol/disco#info", NODE + "+notify")
VER = base64.b64encode(hashlib.sha1(("client/pc//soak<" + "".join(f + "<" for f in sorted(FEATURES))).encode())
                       .digest()).decode()


class Session:
    """One client: signs in, answers what has to be answered, signs in again when it is cut off."""

    def __init__(self, soak, jid, place, notify=False):
        self.soak, self.jid, self.place, self.notify = soak, jid, place, notify
        self.writer = self.task = None
        self.wanted = self.online = False

    def start(self):
        self.wanted = True
        self.task = asyncio.ensure_future(self._live())

    async def stop(self):
        self.wanted = False
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def drop(self):
        """As a lost network does; it comes back by itself."""
        if self.writer is not None:
            self.writer.transport.abort()

    def send(self, text):
        if self.online:
            self.writer.write(text.encode())

    async def _live(self):
        while self.wanted:
            try:
                async with self.soak.door:
                    reader = await asyncio.wait_for(self._sign_in(), 60)
                self.online = True
                self.soak.online += 1
                self.announce()
                await self._listen(reader)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ET.ParseError, EOFError):
                pass
            finally:
                if self.online:
                    self.soak.online -= 1
                self.online = False
                if self.writer is not None:
                    self.writer.close()
                    self.writer = None
            await asyncio.sleep(0.5 + random.random())      # as clients do before they try again

    async def _until(self, reader, what):
        got = b""
        while what not in got:
            data = await reader.read(65536)
            if not data:
                raise EOFError
            got += data
        return got

    async def _sign_in(self):
        user, _, host = self.jid.partition("@")
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.soak.server.ports["c2s"])
        head = (f"<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' to='{host}' "
                "xmlns:stream='http://etherx.jabber.org/streams'>").encode()
        plain = base64.b64encode(f"\0{user}\0{PASSWORD}".encode()).decode()
        self.writer.write(head)
        await self._until(reader, b"</stream:features>")
        self.writer.write(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>".encode())
        await self._until(reader, b"<success")
        self.parser = ET.XMLPullParser(("start", "end"))
        self.depth, self.root = 0, None
        self.writer.write(head)
        self.parser.feed(await self._until(reader, b"</stream:features>"))
        self.writer.write(f"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>"
                          f"{self.place}</resource></bind></iq>".encode())
        self.parser.feed(await self._until(reader, b"</iq>"))
        # Without it Prosody's roster module sends no subscription requests of others.
        self.writer.write(b"<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
        return reader

    async def _listen(self, reader):
        while True:
            for kind, element in self.parser.read_events():
                if kind == "start":
                    self.depth += 1
                    self.root = self.root if self.root is not None else element
                    continue
                self.depth -= 1
                if self.depth == 1:
                    self._take(element)
                    self.root.clear()
                elif self.depth == 0:
                    return
            data = await reader.read(65536)
            if not data:
                return
            self.parser.feed(data)

    def _take(self, x):
        name, kind, peer = x.tag.rpartition("}")[2], x.get("type"), x.get("from", "")
        if name == "presence" and kind == "subscribe":
            self.soak.asked(self, peer)
        elif name == "iq" and kind == "get":
            self._answer(x, peer)
        elif name == "message" and self.notify:
            for items in x.iter("{http://jabber.org/protocol/pubsub#event}items"):
                if items.get("node") == NODE:
                    self.soak.told(self, peer, items)

    def _answer(self, x, peer):
        body = ""
        query = x.find("{http://jabber.org/protocol/disco#info}query")
        if query is not None:
            node = f" node='{query.get('node')}'" if query.get("node") else ""
            body = (f"<query xmlns='http://jabber.org/protocol/disco#info'{node}><identity category='client' type='pc' "
                    "name='soak'/>" + "".join(f"<feature var='{f}'/>" for f in FEATURES) + "</query>")
        to = f" to='{peer}'" if peer else ""
        self.send(f"<iq type='result' id='{x.get('id')}'{to}>{body}</iq>")

    def announce(self):
        caps = (f"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://soak.example/' ver='{VER}'/>"
                if self.notify else "")
        self.send(f"<presence>{caps}</presence>")


class Device(Session):
    """What is true of it is in `show` and `seq`, whether the server knows it or not."""

    def __init__(self, soak, number, which):
        account, self.label = DEVICES[which]
        host = WORK if which or number % 2 else HOME
        super().__init__(soak, f"{account}{number:04d}@{host}", self.label.split()[0].lower())
        self.show, self.seq = random.choice(SHOWS[1:]), 0        # who is asked for consent has to be there

    def announce(self):
        if self.show is None:
            self.send("<presence type='unavailable'/>")
            return
        show = f"<show>{self.show}</show>" if self.show else ""
        self.send(f"<presence>{show}<status>n{self.seq}</status></presence>")

    def change(self):
        self.seq += 1
        self.show = None if self.show is not None and random.random() < 0.2 else random.choice(SHOWS[1:])
        if self.show is None and random.random() < 0.3:
            self.drop()
        else:
            self.announce()


class Gate:
    """Between the component and the server: can be cut, and held in the component's direction."""

    def __init__(self, soak):
        self.soak, self.pairs, self.open = soak, set(), asyncio.Event()
        self.open.set()

    async def start(self):
        self.listener = await asyncio.start_server(self._enter, "127.0.0.1", 0)
        return self.listener.sockets[0].getsockname()[1]

    async def _enter(self, reader, writer):
        try:
            up, out = await asyncio.open_connection("127.0.0.1", self.soak.server.ports["component"])
        except OSError:
            writer.close()
            return
        pair = (writer, out)
        self.pairs.add(pair)
        await asyncio.gather(self._carry(reader, out, True), self._carry(up, writer, False), return_exceptions=True)
        self.pairs.discard(pair)

    async def _carry(self, reader, writer, held):
        try:
            while data := await reader.read(65536):
                if held:
                    await self.open.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def cut(self):
        for pair in list(self.pairs):
            for writer in pair:
                writer.transport.abort()


class Component:
    def __init__(self, program, port):
        self.program, self.process = os.path.abspath(program), None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="polypresence-soak."))
        self.registry, self.log = self.directory / "registry.db", self.directory / "log"
        secret = self.directory / "secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n")
        self.config = self.directory / "polypresence.conf"
        self.config.write_text(f"""component {{
  jid = "{PRESENCE}"
  secret-file = "{secret}"
  server = "127.0.0.1"
  port = {port}
}}
hosts = {{"{HOME}", "{WORK}"}}
registry {{ path = "{self.registry}" }}
log {{ level = "info"  destination = "stderr" }}
publish {{ expire = 20m }}
presence {{ audit = 30s }}
""")

    async def start(self):
        with open(self.log, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                self.program, "-f", "-c", str(self.config), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent)
        self.since, self.cycles, self.readings = time.monotonic(), 0, []

    async def stop(self):
        """Exit status (None: it had to be killed) and seconds."""
        began = time.monotonic()
        self.process.terminate()
        try:
            status = await asyncio.wait_for(self.process.wait(), STOP)
        except asyncio.TimeoutError:
            status = None
            await self.kill()
        return status, time.monotonic() - began

    async def kill(self):
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def rss(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def events(self, name):
        return re.findall(rf"^.* event={name}(?: .*)?$", self.log.read_text(errors="replace"), re.M)

    def stat(self, key):
        lines = self.events("stats")
        found = re.search(rf" {key}=(\d+)", lines[-1]) if lines else None
        return int(found[1]) if found else -1

    def fill(self, users):
        """
        Everybody had enrolled and agreed when the component had another name, a moment ago: the subscriptions are still to
        be made, and what was agreed to stands.  (A yes without one, of who hasn't accepted either, would be void.)
        """
        now = int(time.time() * 1000)
        with sqlite3.connect(self.registry) as db:
            for user in users:
                primary = user[0].jid
                db.execute("INSERT INTO user (jid, created_ms, digest, digest_private, setup, setup_private, published_ms, approved, "
                           "leaving, generation, suspended_ms) VALUES (?, ?, 0, 0, 0, 0, 0, 0, 0, 2, ?)", (primary, now - 2000, now - 1000))
                for i, d in enumerate(user[1:]):
                    db.execute("INSERT INTO device (user, id, jid, resource, label, kind, kind_given, visibility, show_status, state, "
                               "approved, confirmed, generation, created_ms) "
                               "VALUES (?, ?, ?, NULL, ?, 'fixed', 1, 'contacts', 1, 'requested', 0, 1, 1, ?)",
                               (primary, "ab"[i] + "00000", d.jid, d.label, now - 2000))
        db.close()


class Soak:
    def __init__(self, args):
        self.args = args
        random.seed(args.seed)
        self.server = Server(args.server)
        self.door = asyncio.Semaphore(32)       # no more sign in at once
        self.users = [[Device(self, n, i) for i in range(3)] for n in range(args.users)]
        self.devices = [d for user in self.users for d in user]
        self.contacts = [Session(self, f"mate{n:02d}@{(HOME, WORK)[n % 2]}", "c", True)
                         for n in range((args.users + PER_CONTACT - 1) // PER_CONTACT)]
        self.watcher = {user[0].jid: self.contacts[n // PER_CONTACT] for n, user in enumerate(self.users)}
        self.number = {user[0].jid: n for n, user in enumerate(self.users)}
        self.seen = {}          # primary -> {label: (show, status)}, of the last event
        self.agreed, self.friends = set(), set()
        self.events = self.changes = self.online = self.failures = 0
        self.backwards, self.counts, self.slowest, self.slowest_stop = 0, dict.fromkeys(FAULTS, 0), 0, 0
        self.gate, self.component = Gate(self), None

    def fail(self, text):
        self.failures += 1
        print("FAILED:", text, flush=True)

    # -- what sessions report
    def asked(self, session, peer):
        """Everybody asked agrees; users ask back for what contacts have given."""
        session.send(f"<presence type='subscribed' to='{peer}'/>")
        if peer.endswith("@" + PRESENCE):
            self.agreed.add(session.jid)
        if session.jid in self.watcher and peer == self.watcher[session.jid].jid:
            session.send(f"<presence type='subscribe' to='{peer}'/>")
            self.friends.add(session.jid)

    def told(self, contact, peer, items):
        primary = peer.partition("/")[0].lower()
        if primary not in self.watcher or self.watcher[primary] is not contact:
            return
        devices = next(items.iter(f"{{{NODE}}}devices"), None)
        if devices is None:
            return
        self.events += 1
        shown = {}
        for d in devices.iter(f"{{{NODE}}}device"):
            r = d.find(f"{{{NODE}}}resource")
            show = None if r is None else r.findtext(f"{{{NODE}}}show", "")
            status = None if r is None else r.findtext(f"{{{NODE}}}status", "")
            shown[d.findtext(f"{{{NODE}}}label")] = (show, status)
        for label, (show, status) in shown.items():
            was = self.seen.get(primary, {}).get(label, (None, None))[1]
            if was and status and int(status[1:]) < int(was[1:]):
                self.backwards += 1
        self.seen[primary] = shown

    # -- the oracle
    def wrong(self):
        out = []
        for user in self.users:
            shown = self.seen.get(user[0].jid)
            for d in user:
                truth = (d.show, None if d.show is None else f"n{d.seq}")
                got = (shown or {}).get(d.label)
                if got != truth and not (got is None and shown is not None and d is user[0] and d.show is None):
                    contact = self.watcher[user[0].jid]
                    out.append(f"{d.jid} is {truth}, seen as {got if shown else 'nothing'} by {contact.jid}"
                               + ("" if contact.online and d.online else ", but they are not both online"))
                    break
        return out

    # -- life
    async def live(self, seconds, changing):
        end, last, owed = time.monotonic() + seconds, time.monotonic(), 0.0
        while time.monotonic() < end:
            await asyncio.sleep(0.1)
            now = time.monotonic()
            owed += (now - last) * self.args.rate if changing else 0
            last = now
            while owed >= 1:
                owed -= 1
                self.changes += 1
                random.choice(self.devices).change()
            if self.component.process.returncode is not None:
                self.fail(f"the component ended by itself: {self.component.process.returncode}")
                raise SystemExit(1)

    async def converge(self):
        began, told = time.monotonic(), 60
        while wrong := self.wrong():
            took = time.monotonic() - began
            if took > CONVERGE:
                self.fail(f"after {CONVERGE} s {len(wrong)} users are shown as they are not: {wrong[0]}")
                return CONVERGE
            if took > told:
                print(f"           after {took:.0f} s: {len(wrong)} users, {wrong[0]}", flush=True)
                told += 60
            await self.live(0.5, False)
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        return took

    async def everybody_online(self):
        while self.online < len(self.devices) + len(self.contacts):
            await self.live(0.2, False)

    async def fault(self, name):
        """Begin one; returns what ends it."""
        self.counts[name] += 1
        if name == "cut":
            self.gate.cut()
        elif name == "held":
            self.gate.open.clear()
        elif name == "reload":
            self.component.process.send_signal(signal.SIGHUP)
        elif name == "restart":
            await asyncio.get_running_loop().run_in_executor(None, self.server.stop)
            self.server.start()
        elif name == "killed server":
            self.server.kill()
            self.server.start()
        elif name == "kill -9":
            await self.component.kill()
            await self.component.start()
        elif name == "stop":
            status, took = await self.component.stop()
            self.slowest_stop = max(self.slowest_stop, took)
            if status != 0:
                self.fail(f"SIGTERM: {status} after {took:.1f} s")
            await self.component.start()

    async def cycle(self, name):
        began, changes, events = time.monotonic(), self.changes, self.events
        backwards = self.backwards
        await self.live(3, True)
        await self.fault(name)
        await self.live(12, True)
        self.gate.open.set()
        await self.live(max(0, began + CHURN - time.monotonic()), True)
        behind = len(self.wrong())
        took = await self.converge()
        await self.live(max(0, began + CYCLE - time.monotonic()), False)
        if self.wrong() and took < CONVERGE:
            self.fail(f"what was right did not stay so: {self.wrong()[0]}")
        if self.backwards > backwards:
            self.fail(f"{self.backwards - backwards} older after newer")
        c = self.component
        c.cycles += 1
        c.readings.append((c.rss(), c.descriptors(), c.cycles <= LASTING))
        print(f"{(time.monotonic() - self.began) / 60:5.1f} min  {name:<14} {self.changes - changes:7d} "
              f"{self.events - events:7d} {behind:7d} {took:7.1f} {c.rss():8d} {c.descriptors():4d} {c.stat('queries'):6d} "
              f"{c.stat('queued-bytes'):6d}", flush=True)

    async def set_up(self):
        self.server.start()
        for session in self.devices + self.contacts:
            self.server.register(session.jid)
        port = await self.gate.start()
        self.component = Component(self.args.program, port)
        await self.component.start()            # makes the registry
        while not self.component.events("ready"):
            await asyncio.sleep(0.1)
        await self.component.stop()
        self.component.fill(self.users)
        for session in self.devices + self.contacts:
            session.start()
        await self.component.start()
        await self.everybody_online()
        for primary, contact in self.watcher.items():
            contact.send(f"<presence type='subscribe' to='{primary}'/>")
        while len(self.friends) < len(self.users) or len(self.agreed) < len(self.devices):
            await self.live(0.2, False)
        for d in self.devices:                  # so that each has been published since the contacts are there
            d.change()

    async def run(self):
        self.began = time.monotonic()
        await self.set_up()
        took = await self.converge()
        print(f"{len(self.users)} users with {len(DEVICES)} devices each and {len(self.contacts)} contacts on "
              f"{self.server.name}: all right {time.monotonic() - self.began:.0f} s after the start; seed {self.args.seed}\n")
        print(f"{'':9}  {'fault':<14} {'changes':>7} {'events':>7} {'behind':>7} {'right s':>7} {'RSS KiB':>8} {'fds':>4} "
              f"{'iqs':>6} {'queue':>6}", flush=True)
        began, n = time.monotonic(), 0
        while (age := time.monotonic() - began) < self.args.hours * 3600:
            first = age < self.args.hours * 1200
            await self.cycle(FAULTS[(n + LASTING) % len(FAULTS)] if first else FAULTS[n % LASTING])
            n += 1
        length = time.monotonic() - began
        await self.rest()
        self.judge(length)

    async def rest(self):
        """Nobody changes any more: what counted or waited comes home."""
        c, end = self.component, time.monotonic() + REST
        away = HOME_AT_REST
        while away and time.monotonic() < end:
            lines = len(c.events("stats"))
            c.process.send_signal(signal.SIGUSR1)
            while len(c.events("stats")) == lines:
                await self.live(0.5, False)
            away = [k for k in HOME_AT_REST if c.stat(k) != 0]
        for key in away:
            self.fail(f"when all is quiet: {key}={c.stat(key)}")

    def judge(self, length):
        c = self.component
        before = max((r for r, _, first in c.readings if first), default=0)
        after = max((r for r, _, first in c.readings if not first), default=0)
        if after > before * GROWTH:
            self.fail(f"memory grows: {before} KiB in the first round of faults, {after} KiB later")
        if len({d for _, d, _ in c.readings}) > 1:
            self.fail(f"descriptors: {sorted({d for _, d, _ in c.readings})}")
        for line in [l for l in c.log.read_text(errors="replace").splitlines()
                     if " event=" not in l or " level=error " in l]:
            self.fail(f"the log: {line[:300]}")
        print(f"\n{length / 60:.1f} minutes: {self.changes} changes, {self.events} events seen by contacts; "
              + ", ".join(f"{n} x {f}" for f, n in self.counts.items() if f != "none")
              + f"\nright again after {self.slowest:.0f} s at the latest; stopped within {self.slowest_stop:.1f} s; RSS {before} "
              f"KiB in the first round of faults of the last process ({(time.monotonic() - c.since) / 60:.0f} minutes old), "
              f"{after} KiB later; {self.failures} faults found\n{'FAILED' if self.failures else 'PASSED'}")

    async def close(self):
        await asyncio.gather(*(s.stop() for s in self.devices + self.contacts))
        if self.component is not None:
            await self.component.kill()
            if self.failures:
                print("kept:", self.component.directory)
            else:
                shutil.rmtree(self.component.directory, ignore_errors=True)
        self.server.close()


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="prosody-0.12")
    parser.add_argument("--hours", type=float, default=0.5)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("program", metavar="POLYPRESENCE")
    args = parser.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    soak = Soak(args)
    task = asyncio.ensure_future(soak.run())
    for signo in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signo, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        print("interrupted")
        return 130
    finally:
        await soak.close()
    return 1 if soak.failures else 0


sys.exit(asyncio.run(main()))
