"""The program under test as a process: configuration, log as values, stop, kill, restart."""
import atexit, os, pathlib, re, shlex, shutil, signal, subprocess, tempfile, threading
from servers import die_with_parent
from serverconf import HOME, WORK, PRESENCE, SECRET
from waiting import Box

TOP = pathlib.Path(__file__).resolve().parents[2]
FIELD = re.compile(r'([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)')


def program(name, env):
    """The command line of one of our programs: from the environment, the build tree, the source tree."""
    if os.environ.get(env):
        return shlex.split(os.environ[env])
    build = pathlib.Path(os.environ.get("POLYPRESENCE_BUILD", os.getcwd()))
    for path in (build / name, build / "src" / name, TOP / name):
        if path.is_file() and os.access(path, os.X_OK):
            return [str(path)]
    return None


def logfmt(line):
    out = {}
    for key, value in FIELD.findall(line):
        if value.startswith('"'):
            value = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), value[1:-1])
        out[key] = value
    return out


class Component:
    def __init__(self, port, loop, extra="", window_ms=250, hosts=(HOME, WORK), level="info"):
        self.argv = program("polypresence", "POLYPRESENCE_BIN")
        self.loop, self.port = loop, port
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="e2e-component-"))
        atexit.register(self.close)
        self.log = Box("component's log", loop)      # dicts, with the whole line under ""
        self.process = None
        self.secret = self.directory / "secret"
        self.registry = self.directory / "registry.db"
        self.config = self.directory / "polypresence.conf"
        self.settings = dict(extra=extra, window_ms=window_ms, hosts=hosts, level=level)
        self.restore()

    def restore(self):
        """As it was made: what the next start() does."""
        self.prefix, self.environment, self.before = [], {}, lambda: None
        self.secret.touch(mode=0o600)
        self.secret.write_text(SECRET + "\n")
        self.configure()

    def configure(self, jid=PRESENCE, server="127.0.0.1", port=None, registry=None, log="stderr", **changes):
        s = dict(self.settings, **changes)
        level = "debug" if os.environ.get("E2E_DEBUG") else s["level"]
        self.config.write_text(f"""component {{
  jid = "{jid}"
  secret-file = "{self.secret}"
  server = "{server}"
  port = {port or self.port}
  insecure-remote = {str(server != "127.0.0.1").lower()}
}}
hosts = {{{', '.join(f'"{h}"' for h in s["hosts"])}}}
registry {{ path = "{registry or self.registry}" }}
log {{ level = "{level}"  destination = "{log}" }}
publish {{ window-ms = {s["window_ms"]} }}
{s["extra"]}""")

    # -- life
    def _prepare(self):
        die_with_parent()
        self.before()

    def start(self, preexec=None):
        """prefix: words before the command; environment: added to ours; before: called in the new process."""
        self.process = subprocess.Popen([*self.prefix, *self.argv, "-c", str(self.config), "-f"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        start_new_session=True, cwd=self.directory, preexec_fn=preexec or self._prepare,
                                        env=dict(os.environ, **self.environment))
        self.began = self.log.mark()
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True)
        self._reader.start()

    def start_refused(self):
        """It must not start; what it says, and its exit status."""
        self.process = subprocess.Popen([*self.prefix, *self.argv, "-c", str(self.config), "-f"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        cwd=self.directory, preexec_fn=self._prepare,
                                        env=dict(os.environ, **self.environment))
        try:
            text = self.process.communicate(timeout=20)[1].decode()
            return text, self.process.returncode
        finally:
            self.process.kill()
            self.process = None

    def _read(self, stderr):
        with stderr:
            for line in stderr:
                line = line.decode(errors="replace").rstrip("\n")
                self.log.put({"": line, **logfmt(line)})

    async def ready(self, timeout=20):
        """The handshake of the process now running is done."""
        return await self.event("ready", timeout=timeout, since=self.began)

    async def attached(self, timeout=60):
        """The last that was heard of the link is that it is up."""
        def up():
            told = [l["event"] for l in self.log.since(self.began) if l.get("event") in ("ready", "link.down")]
            return told and told[-1] == "ready"
        return await self.log.until(up, "link up", timeout)

    async def event(self, name, timeout=8, since=0, **keys):
        return await self.log.wait(lambda l: l.get("event") == name and all(l.get(k) == v for k, v in keys.items()),
                                   f"event={name} {keys or ''}", timeout, since)

    async def level(self, level):
        """Another level of the log, from here on."""
        mark = self.log.mark()
        self.config.write_text(re.sub(r'level = "\w+"', f'level = "{level}"', self.config.read_text()))
        self.process.send_signal(signal.SIGHUP)
        await self.event("reload", since=mark)

    async def access(self, model):
        """Who may read the nodes, from here on."""
        mark = self.log.mark()
        self.config.write_text(re.sub(r"publish {( access = \w+)?", f"publish {{ access = {model}", self.config.read_text()))
        self.process.send_signal(signal.SIGHUP)
        await self.event("reload", since=mark)

    async def stats(self):
        """The counters as they are now."""
        mark = self.log.mark()
        self.process.send_signal(signal.SIGUSR1)
        line = await self.event("stats", since=mark)
        return {k: int(v) for k, v in line.items() if v.isdigit()}

    # -- what it holds
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def _end(self, sig):
        if self.process is None:
            return None
        if self.alive():
            self.process.send_signal(sig)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "did not end within 20 s"
        self._reader.join(5)
        self.process = None
        return status

    def stop(self):
        """SIGTERM, as the service manager does; it must end by itself and well."""
        status = self._end(signal.SIGTERM)
        assert status == 0, f"exit status after SIGTERM: {status}\n{self.text(40)}"

    def kill(self):
        self._end(signal.SIGKILL)

    async def restart(self, kill=False):
        self.kill() if kill else self.stop()
        self.start()
        await self.ready()

    def complaints(self, since=0):
        """Lines that no log line should be: not logfmt (a sanitizer's), or holding what must not be told."""
        return [l[""] for l in self.log.since(since) if l[""] and ("event" not in l or SECRET in l[""] or "handshake>" in l[""])]

    def close(self):
        self._end(signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)
        atexit.unregister(self.close)

    def text(self, last=200):
        return "\n".join(l[""] for l in self.log.things[-last:])
