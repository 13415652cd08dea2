"""Start and stop the XMPP servers, each in its root (scripts/roots) and in namespaces of its own.

    with Server("ejabberd-26.07") as s:
        s.register("alice@home.test")
        ... s.ports["c2s"], s.ports["component"] ...

A server runs chrooted, in a mount and a pid namespace: what is mounted for it and what it
starts is gone with it, and it is gone with us (PR_SET_PDEATHSIG), however we end.  Must be
started from the main thread: the signal goes with the thread that forked.
"""
import atexit, ctypes, fcntl, glob, os, pathlib, random, re, shutil, signal, socket
import subprocess, tempfile, threading, time
import serverconf
from serverconf import HOME, WORK, PRESENCE, ECHO, INSIDE, LONERS, SECRET, SPARES

PASSWORD = "pw"
ROOTS = pathlib.Path(os.environ.get("POLYPRESENCE_CACHE", "/var/cache/polypresence")) / "roots"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_running = set()

SERVERS = {         # name -> kind, root; iq: does its mod_privilege know the iq permission?
    "prosody-0.12": dict(kind="prosody", root="bookworm"),
    "prosody-13.0.1": dict(kind="prosody", root="backports"),
    "prosody-13.0.6": dict(kind="prosody", root="trixie"),
    "ejabberd-23.01": dict(kind="ejabberd", root="bookworm", iq=False),
    "ejabberd-24.12": dict(kind="ejabberd", root="backports"),
    "ejabberd-26.07": dict(kind="ejabberd", root="trixie"),
}
DEFAULT = ("prosody-0.12", "ejabberd-26.07")

# ejabberd's rosters are in its database: what is in the file goes there when it starts, and the file goes.
LOAD_ROSTER = """
File = "%s/rosters.terms",
{ok, Rows} = file:consult(File),
case lists:member(approved, mnesia:table_info(roster, attributes)) of
    true -> [mnesia:dirty_write(R) || R <- Rows];
    false -> [mnesia:dirty_write(erlang:delete_element(7, R)) || R <- Rows]
end,
ok = file:delete(File).
""".replace("\n", " ") % INSIDE


class ServerError(Exception):
    pass


def die_with_parent():
    """For preexec_fn: a process that dies when we do."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def missing(name):
    """Why this server can't be had here; None when it can."""
    root = ROOTS / SERVERS[name]["root"]
    if os.geteuid() != 0:
        return f"{name}: needs root (chroot, mount)"
    if not (root / "recipe").exists():
        return f"{name}: no root {root} (scripts/roots {SERVERS[name]['root']})"
    return None


def free_ports(names):
    """A port for each name.  Below the ephemeral range, so that no client takes it meanwhile."""
    ports, held = {}, []
    for name in names:
        while name not in ports:
            k, port = socket.socket(), random.randrange(20000, 32000)
            try:
                k.bind(("127.0.0.1", port))
                ports[name] = port
                held.append(k)
            except OSError:
                k.close()
    for k in held:
        k.close()
    return ports


def accepts(port):
    with socket.socket() as k:
        k.settimeout(0.5)
        return k.connect_ex(("127.0.0.1", port)) == 0


class Server:
    PORTS = ("c2s", "component", "echo", "loner", "s2s")

    def __init__(self, name, variant="etc", debug=False, nameserver="127.0.0.1"):
        """nameserver: where the server asks for the names of other servers."""
        row = SERVERS[name]
        self.nameserver = nameserver
        self.name, self.variant, self.debug = name, variant, debug or bool(os.environ.get("E2E_DEBUG"))
        self.kind, self.root, self.knows_iq = row["kind"], ROOTS / row["root"], row.get("iq", True)
        self.process = self.pid = self.directory = None
        self.users = set()
        self.secret = SECRET            # of the component

    # -- life
    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.close()

    def start(self, timeout=40):
        """Start with what data there is; return when it accepts connections."""
        why = missing(self.name)
        if why:
            raise ServerError(why)
        assert threading.current_thread() is threading.main_thread()
        if self.directory is None:
            self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"e2e-{self.name}-"))
            (self.directory / "data").mkdir()
            (self.directory / "hosts").write_text(f"127.0.0.1 localhost {HOME} {WORK} {PRESENCE} {ECHO} {' '.join(SPARES + LONERS)}\n")
            (self.directory / "resolv.conf").write_text(
                f"nameserver {self.nameserver}\noptions timeout:1 attempts:1\n")
            self.ports = free_ports(self.PORTS)
            if self.kind == "prosody":          # one port serves all components
                self.ports["echo"] = self.ports["loner"] = self.ports["component"]
            self._lock = open(f"{self.root}.lock")
            fcntl.flock(self._lock, fcntl.LOCK_SH)      # nobody makes the root anew meanwhile
            atexit.register(self.close)
        self.configure()
        with open(self.directory / "stdout.log", "ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--propagation", "private",
                 "sh", "-ec", self._script(), "sh", str(self.root), str(self.directory), *self._argv()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
                preexec_fn=die_with_parent)
        _running.add(self)
        end = time.monotonic() + timeout + (60 if self._rosters.exists() else 0)
        waiting = {self.ports["c2s"], self.ports["component"], self.ports["echo"], self.ports["loner"]}
        while waiting:
            waiting = {p for p in waiting if not accepts(p)}
            if self.process.poll() is not None or time.monotonic() > end:
                tail = self.log()[-3000:]
                self.kill()
                raise ServerError(f"{self.name} did not start\n{tail}")
            waiting |= {self.ports["c2s"]} if self._rosters.exists() else set()
            if waiting:
                time.sleep(0.02)        # connecting again and again is the only sign there is
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        self.pid = int(children.split()[0])
        return self

    def configure(self):
        """Write its configuration; returns the path."""
        return serverconf.write(self.kind, self.directory, self.ports, self.variant, self.debug, self.knows_iq, self.secret)

    @staticmethod
    def _script():
        return f"""root=$1 dir=$2; shift 2
mount --bind "$dir" "$root{INSIDE}"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$dir/hosts" "$root/etc/hosts"
mount --bind "$dir/resolv.conf" "$root/etc/resolv.conf"
exec chroot "$root" "$@"
"""

    def _argv(self):
        env = dict(HOME=INSIDE, PATH="/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL="C.UTF-8")
        if self.kind == "prosody":
            argv = ["/usr/bin/prosody", "-F", "--config", f"{INSIDE}/prosody.cfg.lua"]
        else:
            libs = glob.glob(f"{self.root}/usr/lib/*/ejabberd-*/ebin")
            env.update(EJABBERD_CONFIG_PATH=f"{INSIDE}/ejabberd.yml", EJABBERD_LOG_PATH=f"{INSIDE}/server.log",
                       ERL_CRASH_DUMP="/dev/null", ERL_CRASH_DUMP_BYTES="0", ERL_MAX_PORTS="32000",
                       ERL_LIBS="/" + str(pathlib.Path(libs[0]).parent.parent.relative_to(self.root)))
            # One scheduler each for two cores; no busy waiting beside the tests.
            argv = ["/usr/bin/erl", "+K", "true", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none",
                    "-noinput", "-mnesia", "dir", f'"{INSIDE}/data"', "-s", "ejabberd",
                    *(["-eval", LOAD_ROSTER] if self._rosters.exists() else [])]
        return ["/usr/bin/env", "-i", *(f"{k}={v}" for k, v in env.items()), *argv]

    def _end(self, sig, timeout):
        if self.process is None:
            return
        if self.pid:
            try:
                os.kill(self.pid, sig)
                self.process.wait(timeout)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        self.process.kill()             # takes the whole pid namespace with it
        self.process.wait()
        self.process = self.pid = None
        _running.discard(self)

    def stop(self):
        """SIGTERM, as an administrator does."""
        self._end(signal.SIGTERM, 15)

    def kill(self):
        self._end(signal.SIGKILL, 5)

    def restart(self, kill=False, variant=None):
        """Down and up again with its data; another variant gives it other grants."""
        self.kill() if kill else self.stop()
        self.variant = variant or self.variant
        return self.start()

    def close(self):
        self.kill()
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
            self._lock.close()
            self.directory = None
            atexit.unregister(self.close)

    def log(self):
        texts = [p.read_text(errors="replace") for p in sorted(self.directory.glob("*.log")) if p.is_file()]
        return "\n".join(texts)

    # -- accounts
    _rosters = property(lambda self: self.directory / "rosters.terms")

    def has_contacts(self, jid, contacts, groups=lambda i: [f"Group {i}"]):
        """While it is down: from the next start on these are in the roster of JID, as `from'."""
        assert self.process is None
        user, _, host = jid.partition("@")
        if self.kind == "prosody":
            path = self.directory / "data" / host.replace(".", "%2e") / "roster" / f"{user}.dat"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w") as f:
                f.write('return { [false] = { version = 1; pending = {}; };\n')
                for i, contact in enumerate(contacts):
                    named = "".join(f'["{g}"] = true; ' for g in groups(i))
                    f.write(f'["{contact}"] = {{ subscription = "from"; name = "Contact <{i}>"; groups = {{ {named}}}; }};\n')
                f.write("};\n")
            return
        with self._rosters.open("w") as f:
            for i, contact in enumerate(contacts):
                name, _, domain = contact.partition("@")
                named = ", ".join(f'<<"{g}">>' for g in groups(i))
                own, other = f'<<"{user}">>, <<"{host}">>', f'{{<<"{name}">>, <<"{domain}">>, <<>>}}'
                f.write(f'{{roster, {{{own}, {other}}}, {{{own}}}, {other}, <<"Contact <{i}>">>, from, false, none, '
                        f'[{named}], <<>>, []}}.\n')

    def register(self, jid, password=PASSWORD):
        """Make an account by in-band registration (XEP-0077)."""
        user, _, domain = jid.partition("@")
        with socket.create_connection(("127.0.0.1", self.ports["c2s"]), 10) as k:
            k.settimeout(10)
            got = b""

            def until(pattern):
                nonlocal got
                while not re.search(pattern, got):
                    data = k.recv(65536)
                    if not data:
                        raise ServerError(f"{self.name}: closed while registering {jid}: {got!r}")
                    got += data
                text, got = got, b""
                return text

            k.sendall(f"<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' to='{domain}' "
                      "xmlns:stream='http://etherx.jabber.org/streams'>".encode())
            until(rb"</stream:features>")
            k.sendall(f"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{user}</username>"
                      f"<password>{password}</password></query></iq>".encode())
            answer = until(rb"<iq [^>]*>")
            if not re.search(rb"type=['\"]result", answer):
                raise ServerError(f"{self.name}: registering {jid}: {answer!r}")
            k.sendall(b"</stream:stream>")
        self.users.add(jid)


    def at_rest(self):
        """What happened so far is in the files: ejabberd's database writes behind, in order."""
        if self.kind == "prosody":
            return                      # it writes at once
        name = f"flushed{time.monotonic_ns()}"
        self.register(f"{name}@{HOME}")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for path in (self.directory / "data").rglob("*"):
                if path.is_file() and name.encode() in path.read_bytes():
                    return
            time.sleep(0.05)        # files tell nobody when they change
        raise ServerError(f"{self.name}: {name} did not reach the disk")


def sweep():
    """Nothing of ours is left running, whatever happened before."""
    for server in list(_running):
        server.close()


atexit.register(sweep)
