"""The story that scripts/demo tells: run by it, not by hand.

A private Prosody on loopback, the component attached with the least privileges; alice with a
laptop, a phone (two resources of alice@home.test) and a desk phone (alice@work.test, another
account on another host); bob, who has subscribed once, to alice@home.test.  bob's screen is
polypresence-watch, run as bob: each step of the story waits until it shows the change.
"""
import argparse, asyncio, fcntl, logging, os, pathlib, pty, re, shlex, shutil, signal, struct, subprocess, sys, tempfile
import termios

logging.disable(logging.CRITICAL)       # what slixmpp has to say about connections that drop on purpose
TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests" / "e2e"))
from clients import Client, bridge
from component import Component, program
from items import NODE, PRIVATE
from servers import Server, ServerError, PASSWORD, die_with_parent
from serverconf import PRESENCE
from waiting import Box, Missed

ALICE, DESK, BOB = "alice@home.test", "alice@work.test", "bob@home.test"
PATIENCE = 20           # seconds that a change may take to show
CAPTION = 5             # rows below the board
ROWS = 16               # a terminal with fewer gets plain lines
ESCAPE = re.compile(r"\033(\[[0-9;?]*[A-Za-z]|[78])")
LINE = re.compile(r'^(\S+) (\S+) "((?:[^"\\]|\\.)*)" (\S+) (\S+)(.*)$')


def show(text, end="\n"):
    """To whoever looks on; cleaning up doesn't depend on anybody being there."""
    try:
        sys.stdout.write(text + end)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        asyncio.get_event_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)


def say(text):
    show(f"demo: {text}")


class Screen:
    """polypresence-watch as bob, and what it shows.  On a terminal it runs in a smaller one of its own, the story below."""

    def __init__(self, argv, loop):
        size = shutil.get_terminal_size()
        self.board = sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb") and size.lines >= ROWS
        self.shown = Box("polypresence-watch", loop)        # each a dict: label -> (kind, state, the rest of the line)
        self.loop, self.text, self.last, self.pending, self.complaints = loop, "", {}, b"", []
        self.drawing, self.keys, self.quit = False, None, asyncio.current_task().cancel
        out = fed = subprocess.PIPE
        if self.board:
            self.master, slave = pty.openpty()
            self.resize(slave)
            out = fed = slave
            loop.add_signal_handler(signal.SIGWINCH, self.resize)
            if sys.stdin.isatty():      # what is typed would be echoed into the board
                self.keys = termios.tcgetattr(0)
                quiet = termios.tcgetattr(0)
                quiet[3] &= ~(termios.ICANON | termios.ECHO)
                termios.tcsetattr(0, termios.TCSAFLUSH, quiet)
                loop.add_reader(0, lambda: os.read(0, 64) == b"q" and self.quit())
        self.process = subprocess.Popen(argv, stdin=fed if self.board else subprocess.DEVNULL, stdout=out,
                                        stderr=subprocess.PIPE, start_new_session=True, preexec_fn=die_with_parent)
        if self.board:
            os.close(slave)
        else:
            self.master = self.process.stdout.fileno()
        os.set_blocking(self.master, False)
        loop.add_reader(self.master, self.read)
        loop.add_reader(self.process.stderr.fileno(), self.complain)

    def resize(self, fd=None):
        size = shutil.get_terminal_size()
        self.rows, self.columns = size.lines, size.columns
        fcntl.ioctl(self.master if fd is None else fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", max(self.rows - CAPTION, 4), self.columns, 0, 0))
        if fd is None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGWINCH)

    def complain(self):
        data = os.read(self.process.stderr.fileno(), 4096)
        if not data:
            self.loop.remove_reader(self.process.stderr.fileno())
        self.complaints.append(data.decode(errors="replace"))

    def read(self):
        try:
            data = os.read(self.master, 65536)
        except BlockingIOError:
            return
        except OSError:         # the other side of a pty is closed
            data = b""
        if not data:
            self.loop.remove_reader(self.master)
            self.flush(self.pending)
            return
        self.pending += data
        whole = max(self.pending.rfind(b"\033[J") + 3, self.pending.rfind(b"\033[2J") + 4) if self.board else (
            self.pending.rfind(b"\n") + 1)
        if whole > 4 or not self.board and whole:
            self.flush(self.pending[:whole])
            self.pending = self.pending[whole:]

    def flush(self, data):
        text = data.decode(errors="replace")
        if not text:
            return
        if not self.board:
            for line in text.splitlines():
                show("  " + line)
                if m := LINE.match(line):
                    self.last = {**self.last, m[3]: (m[4], m[5], m[6])}
                    self.shown.put(self.last)
            return
        show(text, "")
        if "\033[?1049" in text:        # from here on the board has the screen, or no longer
            self.drawing = text.rfind("\033[?1049h") > text.rfind("\033[?1049l")
        self.caption()
        frame = {}
        for line in ESCAPE.sub("", text.rpartition("\033[H")[2]).splitlines():
            if m := re.match(r"^[* ] (\S.*?) {2,}(\w+) +(\w+)(.*)$", line):
                frame[m[1]] = (m[2], m[3], m[4])
        self.shown.put(frame)

    def caption(self):
        if self.drawing and self.process.poll() is None:
            lines = ["─" * self.columns, *self.text.splitlines()][:CAPTION]
            show("\0337" + "".join(f"\033[{self.rows - CAPTION + 1 + i};1H\033[2K{line[:self.columns]}"
                                   for i, line in enumerate(lines)) + "\0338", "")

    def tell(self, text):
        self.text = "\n" + text
        if self.board:
            self.caption()
        else:
            say(text)

    async def shows(self, *wanted):
        """Wait for devices in states, with words: shows(("laptop", "away", ""), ...)."""
        def look():
            if self.process.poll() is not None:
                raise Missed("polypresence-watch has ended: " + "".join(self.complaints))
            last = self.shown.things[-1] if self.shown.things else {}
            return all(label in last and last[label][1] == state and words in last[label][2] for label, state, words in wanted)
        await self.shown.until(look, f"board with {wanted}", PATIENCE)

    async def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        while self.process.poll() is None:
            await asyncio.sleep(0.02)
        self.read()
        for fd in (self.master, self.process.stderr.fileno()):
            self.loop.remove_reader(fd)
        if self.board:
            self.loop.remove_signal_handler(signal.SIGWINCH)
        if self.keys is not None:
            self.loop.remove_reader(0)
            try:
                termios.tcsetattr(0, termios.TCSAFLUSH, self.keys)
            except termios.error:       # the terminal is gone
                pass


class Stage:
    """Everything that runs; close() ends all of it."""

    def __init__(self, loop):
        self.loop, self.clients, self.screen, self.component, self.told = loop, [], None, None, False
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="polypresence-demo-"))
        self.password = self.directory / "password"
        self.password.touch(mode=0o600)
        self.password.write_text(PASSWORD + "\n")
        if "SUDO_UID" in os.environ:            # whoever ran this may use it in another terminal
            for path in (self.directory, self.password):
                os.chown(path, int(os.environ["SUDO_UID"]), -1)
        self.server = Server("prosody-0.12", "etc")

    async def open(self):
        self.server.start()
        self.port = self.server.ports["c2s"]
        self.component = Component(self.server.ports["component"], self.loop)
        self.component.start()
        await self.component.ready()
        for jid in (ALICE, DESK, BOB):
            self.server.register(jid)

    async def client(self, jid, kind, notify=(), **presence):
        c = Client(jid, self.port, PASSWORD, notify=notify, kind=kind)
        self.clients.append(c)
        return await c.sign_in(**presence)

    def watch_argv(self, options=()):
        return [*program("polypresence-watch", "POLYPRESENCE_WATCH"), "--password-file", str(self.password),
                "--host", "127.0.0.1", "--port", str(self.port), "--insecure", *options, BOB]

    async def close(self):
        if self.screen is not None:
            await self.screen.close()
        for c in self.clients:
            c.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            if self.component is not None:
                self.component.close()
        finally:
            self.server.close()
            shutil.rmtree(self.directory, ignore_errors=True)


async def story(stage, pause):
    say("Prosody 0.12 runs on 127.0.0.1 with the hosts home.test and work.test; polypresence is attached to it")
    laptop = await stage.client(f"{ALICE}/laptop", "pc", [NODE, PRIVATE])
    bob = await stage.client(f"{BOB}/chat", "pc")
    await bob.befriend(laptop)
    say(f"bob has subscribed to {ALICE}: that is all he ever does")
    mark = laptop.presences.mark()
    await laptop.command("enrol")
    await laptop.request(bridge(ALICE), since=mark)
    laptop.approve(bridge(ALICE))
    say("alice has enrolled with one ad-hoc command and has accepted her bridge contact")
    desk = await stage.client(f"{DESK}/line1", "phone")
    mark = desk.messages.mark()
    await laptop.command("link", {"jid": DESK, "label": "Desk phone", "kind": "fixed", "visibility": "contacts", "status-text": 1})
    request = await desk.request(bridge(ALICE))
    say(f"{DESK} was asked: {request['status']}")
    desk.approve(bridge(ALICE))
    question = await desk.chat(bridge(ALICE), since=mark)
    desk.say(question["from"], "yes")
    await stage.component.event("device.linked", timeout=PATIENCE)
    say("it has accepted, and has answered yes: now, and not before, it is shown")
    phone = await stage.client(f"{ALICE}/phone", "phone", show="away")
    say("this is what bob sees (polypresence-watch, signed in as bob):")
    await asyncio.sleep(pause)
    screen = stage.screen = Screen(stage.watch_argv(), stage.loop)

    async def scene(text, *wanted):
        screen.tell(text)
        await screen.shows(*wanted)
        await asyncio.sleep(pause)

    await scene("alice: laptop and phone are one account, the desk phone is another one on another host",
                ("laptop", "available", ""), ("phone", "away", ""), ("Desk phone", "available", ""))
    desk.presence(show="dnd", status="On the phone")
    await scene("the desk phone rings and alice takes the call", ("Desk phone", "dnd", "On the phone"))
    laptop.presence(show="away", idle=300)
    await scene("nobody has touched the laptop for five minutes", ("laptop", "away", ""))
    phone.presence(show="chat", status="Free for a chat")
    await scene("alice picks up her mobile phone", ("phone", "chat", "Free for a chat"))
    desk.presence(show="available", status="")
    await scene("the call is over", ("Desk phone", "available", ""))
    laptop.drop()
    await scene("the laptop's connection just drops, without a word", ("laptop", "unavailable", ""))
    await phone.sign_out()
    await scene("the phone signs off: alice's own account is offline, her desk phone isn't",
                ("phone", "unavailable", ""), ("Desk phone", "available", ""))
    desk.presence(show="xa", status="Out for lunch")
    await scene("and still every change is seen", ("Desk phone", "xa", "Out for lunch"))
    await stage.client(f"{ALICE}/laptop", "pc", [NODE, PRIVATE])
    await scene("alice is back at her laptop", ("laptop", "available", ""))
    roster = [jid for jid, subscription in (await bob.roster_items()).items() if subscription in ("to", "both")]
    await screen.close()
    stage.screen = None
    say(f"bob's subscriptions, all of them: {', '.join(roster)}")


HELP = """
It goes on running until you press Ctrl-C.  Sign in with your own client:

    server    127.0.0.1, port {port}, without TLS (allow plain text for this server)
    accounts  {alice}, {desk}, {bob}; password {password}
    commands  at {presence} (ad-hoc commands: enrol, devices, link, edit, unlink, leave, confirm)

What bob sees, in another terminal:

    {watch}

polypresence's log: {log}
"""


async def stay(stage, loop):
    stage.told, log = True, stage.directory / "polypresence.log"
    component, kept = stage.component, 0
    show(HELP.format(port=stage.port, alice=ALICE, desk=DESK, bob=BOB, password=PASSWORD, presence=PRESENCE, log=log,
                      watch=shlex.join(stage.watch_argv())))
    with log.open("a") as out:
        while component.alive():
            for line in component.log.things[kept:]:
                print(line[""], file=out, flush=True)
            kept = len(component.log.things)
            waiter = loop.create_future()
            component.log._waiters.add(waiter)
            await asyncio.wait([waiter], timeout=5)
            component.log._waiters.discard(waiter)
    raise Missed("polypresence has ended:\n" + component.text(20))


async def main(args, loop):
    stage, status = Stage(loop), 1
    task = asyncio.current_task()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for sig in signals:
        loop.add_signal_handler(sig, task.cancel)
    try:
        await stage.open()
        await story(stage, 2.0 if sys.stdout.isatty() else 0.5)
        if args.stay:
            await stay(stage, loop)
        status = 0
    except asyncio.CancelledError:
        status = 0 if args.stay and stage.told else 130
    except (Missed, ServerError, OSError, asyncio.TimeoutError) as e:
        if stage.screen is not None:
            await stage.screen.close()
            stage.screen = None
        say(f"that went wrong: {e}")
        if stage.component is not None:
            show("polypresence's log:\n" + stage.component.text(30))
    finally:
        for sig in signals:
            loop.add_signal_handler(sig, lambda: None)  # the cleaning up is not to be interrupted
        await stage.close()
    say("everything is stopped and removed")
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The story of scripts/demo.")
    parser.add_argument("--stay", action="store_true")
    the_loop = asyncio.new_event_loop()
    asyncio.set_event_loop(the_loop)
    sys.exit(the_loop.run_until_complete(main(parser.parse_args(), the_loop)))
