"""The process and what is around it: signals, clocks, configuration, secret, log, descriptors (F14, F16 to F18)."""
import asyncio, os, pathlib, resource, signal, time
import pytest
import faults
from items import NODE
from story import Story
from waiting import eventually

pytestmark = pytest.mark.timeout_s(120)
DAY = 86400_000
SOON = 10           # seconds for a change when nothing is in its way


def signals(component, number):
    component.process.send_signal(number)


# -- F14

@pytest.mark.skipif(faults.missing() is not None, reason=str(faults.missing()))
async def test_a_wall_clock_that_jumps_changes_nothing_but_what_is_written(healed):
    shim = faults.Shim(healed.component.directory)
    healed.component.environment = shim.environment
    await healed.component.restart()
    story = await Story(healed).begin()
    for days in (1, -1, 400, 0):
        shim.wall_ms = days * DAY
        await story.change()
        assert await story.converges(SOON) < SOON
        written = (await story.laptop.fetch(healed.alice)).updated.timestamp()
        assert abs(written - time.time() - days * 86400) < 60, f"{days} days on, {written - time.time()} written"
    assert [l for l in healed.component.log.since(story.logged) if l.get("event") == "link.down"] == []
    story.nothing_grew()


@pytest.mark.skipif(faults.missing() is not None, reason=str(faults.missing()))
async def test_a_machine_that_has_slept_for_hours_goes_on(healed):
    shim = faults.Shim(healed.component.directory)
    healed.component.environment = shim.environment
    await healed.component.restart()
    story = await Story(healed).begin()
    shim.boot_ms = shim.wall_ms = 8 * 3600_000
    await story.change()
    await story.converges(30)
    await story.change()
    await story.converges(30)
    story.nothing_grew()


# -- F16

async def test_a_reload_with_a_bad_file_changes_nothing_and_says_why(healed):
    story = await Story(healed).begin()
    component = healed.component
    good = component.config.read_text()
    for bad, event, keys in (
            (good + "nonsense = 1\n", "config.error", {"file": str(component.config)}),
            (good.replace("presence.home.test", "other.home.test"), "reload.failed", {"option": "component jid"}),
            (good.replace(str(component.registry), "/nowhere/registry.db"), "reload.failed", {"option": "registry path"}),
            (good.replace(str(component.secret), "/nowhere/secret"), "config.error", {}),
            ("", "config.error", {})):
        log = component.log.mark()
        component.config.write_text(bad)
        signals(component, signal.SIGHUP)
        line = await component.event(event, since=log, **keys)
        assert line["level"] == "error", line
        assert event == "reload.failed" or (int(line["line"]) >= 0 and line["text"]), line
        await component.event("reload.failed", since=log)
        await story.change()
        await story.converges(SOON)
    log = component.log.mark()
    component.config.write_text(good)
    signals(component, signal.SIGHUP)
    await component.event("reload", since=log)
    await story.change()
    await story.converges(SOON)
    assert [l for l in component.log.since(story.logged) if l.get("event") == "link.down"] == []
    story.nothing_grew()


async def test_a_rotated_secret_serves_at_the_next_handshake(healed):
    story = await Story(healed).begin()
    component, server = healed.component, healed.server
    server.secret = "an0ther-secret"
    log = component.log.mark()
    server.restart()
    await story.sign_in_again()
    line = await component.event("link.down", timeout=20, since=log, reason="not-authorized")
    assert str(component.secret) in line["hint"], line
    component.secret.write_text("an0ther-secret\n")
    signals(component, signal.SIGHUP)       # it would come by itself, later
    await component.attached(15)
    assert not [l for l in component.log.since(log) if "an0ther-secret" in l[""]]
    await story.change()
    await story.converges()
    story.nothing_grew()


async def test_a_rotated_log_is_opened_anew(healed):
    component = healed.component
    path = component.directory / "log"
    component.configure(log=f"file:{path}")
    component.stop()
    component.start()
    await eventually(lambda: path.exists() and "event=ready" in path.read_text(), "ready in the log's file")
    story = await Story(healed).begin()
    path.rename(path.with_suffix(".1"))
    signals(component, signal.SIGHUP)
    await eventually(lambda: path.exists() and "event=reload" in path.read_text(), "reload in the new file")
    old = path.with_suffix(".1").read_text()
    await story.change()
    await story.converges(SOON)
    component.stop()
    assert "event=stop" in path.read_text() and path.with_suffix(".1").read_text() == old
    component.start()


# -- F17

async def test_a_server_that_stands_still_and_goes_on_gets_the_newest(healed):
    story = await Story(healed).begin()
    os.kill(healed.server.pid, signal.SIGSTOP)
    for i in range(1, 21):
        story.n += 1
        story.desk.presence(show="dnd" if story.n % 4 == 0 else ("away", "xa", "chat")[story.n % 4 - 1], status=str(story.n))
    await asyncio.get_running_loop().run_in_executor(None, healed.tap._thread.join, 3)      # it takes its time
    os.kill(healed.server.pid, signal.SIGCONT)
    await story.converges(30)
    story.nothing_grew()


async def test_a_component_that_stands_still_and_goes_on_publishes_the_newest_only(healed):
    story = await Story(healed).begin()
    signals(healed.component, signal.SIGSTOP)
    await story.change(100)
    signals(healed.component, signal.SIGCONT)
    await story.converges(30)
    assert len(story.publishes()) <= 8, len(story.publishes())
    story.nothing_grew()


@pytest.mark.slow
async def test_a_slow_link_makes_it_late_and_never_wrong(healed):
    story = await Story(healed).begin()
    healed.tap.rate = 4000
    for _ in range(5):
        await story.change(4)
        await story.converges(40)
    healed.tap.rate, healed.tap.delay = 0, 0.3
    for _ in range(3):
        await story.change(2)
        await story.converges(30)
    story.nothing_grew()


# -- F18

async def test_without_descriptors_it_goes_on_and_connects_when_there_are_some(healed):
    story = await Story(healed).begin()
    component = healed.component
    pid = component.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    highest = max(int(fd) for fd in os.listdir(f"/proc/{pid}/fd"))
    # What is open stays so; the connection's own number must not be given out again.
    link = [fd for fd in os.listdir(f"/proc/{pid}/fd") if "socket" in os.readlink(f"/proc/{pid}/fd/{fd}")]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(min(map(int, link)), highest), hard))
    await story.change()
    await story.converges(SOON)             # needs none
    healed.tap.cut()
    line = await story.event("link.down", timeout=10, reason="local")
    assert "Too many open files" in line["text"], line
    await story.change()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    await component.attached(40)
    await story.converges()
    story.nothing_grew()


async def test_with_too_few_descriptors_it_runs_or_refuses_clearly(healed):
    component = healed.component
    component.stop()
    ran = 0
    for n in range(4, 13):
        component.before = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))
        component.start()
        mark = component.began

        def decided():
            return component.process.poll() is not None or any(
                l.get("event") in ("ready", "link.down") for l in component.log.since(mark))
        await eventually(decided, f"start or refusal with {n} descriptors", timeout=15)
        status = component.process.poll()
        if status is None:
            ran += 1
            component.kill()
            continue
        component._reader.join(5)
        said = "\n".join(l[""] for l in component.log.since(mark))
        assert status in (1, 71, 74, 78, 127) and said, (n, status, said)
        component.log.things[mark:] = [l for l in component.log.things[mark:] if "event" in l]
    assert ran, "a dozen is enough"
    assert pathlib.Path(component.registry).read_bytes().startswith(b"SQLite format 3")


def close_all():
    for fd in (0, 1, 2):
        os.close(fd)


def nobody_reads():
    r, w = os.pipe()
    os.close(r)
    os.dup2(w, 2)
    os.dup2(w, 1)


@pytest.mark.parametrize("how", ["closed", "nobody reads", "full disk"])
async def test_without_a_log_it_runs_all_the_same(healed, how):
    component = healed.component
    component.stop()
    if how == "full disk":
        component.configure(log="file:/dev/full")
    else:
        component.before = close_all if how == "closed" else nobody_reads
    wire = healed.tap.stanzas.mark()
    component.start()
    await healed.tap.stanzas.wait(lambda t: t[0] == "<" and getattr(t[1], "name", "") == "handshake", "handshake", since=wire)
    story = await Story(healed).begin()
    for _ in range(5):
        await story.change()
        await story.converges(SOON)
    story.nothing_grew()
    component.stop()
    assert pathlib.Path(component.registry).read_bytes().startswith(b"SQLite format 3")
    assert healed.tap.publishes(healed.alice, NODE, wire)
