"""profanity as the contact: a client that knows nothing of us sees what it always saw, without trouble."""
import atexit, os, pathlib, shutil, subprocess, tempfile
import pytest
from servers import die_with_parent
from waiting import eventually

WIDTH, HEIGHT = 180, 50


class Profanity:
    """profanity in a terminal of its own (tmux), with a home of its own."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="e2e-profanity-"))
        self.env = dict(HOME=str(self.home), XDG_CONFIG_HOME=str(self.home / "config"), XDG_DATA_HOME=str(self.home / "data"),
                        PATH=os.environ["PATH"], TERM="xterm-256color", LC_ALL="C.UTF-8", TMUX_TMPDIR=str(self.home))
        for d in ("config/profanity", "data"):
            (self.home / d).mkdir(parents=True)
        (self.home / "config/profanity/profrc").write_text(
            "[ui]\nsplash=false\nwintitle.show=false\nroster=true\nroster.resource=true\nroster.status=true\nroster.presence=true\n"
            "[notifications]\nmessage=false\n[logging]\nchlog=false\n")
        # The tmux server stays in the foreground, in a pid namespace: it dies with us, and profanity with it.
        self.server = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child=KILL", "tmux", "-D", "-L", "e2e", "-f", "/dev/null"], env=self.env, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                       preexec_fn=die_with_parent)
        atexit.register(self.close)

    def tmux(self, *argv):
        return subprocess.run(["tmux", "-N", "-L", "e2e", *argv], env=self.env, capture_output=True, text=True)

    async def start(self):
        await eventually(lambda: self.tmux("new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), "-s", "p",
                                           "profanity").returncode == 0, "tmux is up")
        await self.shows("Profanity")

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "p").stdout

    async def shows(self, *words, timeout=15):
        try:
            return await eventually(lambda: all(w in self.screen() for w in words) and self.screen(), f"{words} on the screen", timeout)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.screen()}") from None

    def types(self, text):
        self.tmux("send-keys", "-t", "p", "-l", text)
        self.tmux("send-keys", "-t", "p", "Enter")

    def close(self):
        self.tmux("kill-server")
        try:
            self.server.wait(5)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        shutil.rmtree(self.home, ignore_errors=True)
        atexit.unregister(self.close)


needs_profanity = pytest.mark.skipif(not shutil.which("profanity") or not shutil.which("tmux"),
                                     reason="profanity or tmux is not installed")


@needs_profanity
async def test_profanity_as_the_contact_sees_alice_and_is_not_troubled(scene):
    laptop, desk, bob = await scene.set_up(show="dnd")
    await bob.sign_out()
    p = Profanity()
    try:
        await p.start()
        p.types(f"/connect {scene.bob} server 127.0.0.1 port {scene.server.ports['c2s']} tls disable")
        await p.shows("password")
        p.types("pw")
        await p.shows("logged in successfully")
        await laptop.saw(scene.bob)
        p.types(f"/info {scene.alice}")
        await p.shows(scene.alice, "laptop")
        desk.presence(show="xa")
        await laptop.sees_states(scene.alice, timeout=15, Desk_phone="xa")
        laptop.presence(show="away", status="gone for lunch")
        await p.shows("gone for lunch")
        laptop.say(scene.bob, "are you there")
        await p.shows("chat message: " + scene.alice)
        p.types("/win 2")
        await p.shows("are you there")
        p.types(f"/msg {scene.alice} yes I am")
        await laptop.chat(scene.bob)
        screen = p.screen()
        assert "rror" not in screen, screen
    finally:
        p.close()
