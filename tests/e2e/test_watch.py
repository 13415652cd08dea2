"""polypresence-watch as the contact: what it prints is what bob may know."""
import asyncio, contextlib, json
import pytest
from component import program
from servers import PASSWORD, die_with_parent

WATCH = program("polypresence-watch", "POLYPRESENCE_WATCH")
pytestmark = pytest.mark.skipif(WATCH is None, reason="no polypresence-watch program; build it or set POLYPRESENCE_WATCH")


@contextlib.asynccontextmanager
async def watcher(scene, jid, tmp_path, *options):
    """The running program, its output piped; gone at the end."""
    secret = tmp_path / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD + "\n")
    run = await asyncio.create_subprocess_exec(
        *WATCH, "--password-file", str(secret), "--host", "127.0.0.1", "--port", str(scene.server.ports["c2s"]), "--insecure",
        *options, jid, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        preexec_fn=die_with_parent)
    try:
        yield run
    finally:
        if run.returncode is None:
            run.kill()
        await run.wait()


def devices(line, owner):
    """The devices of a line of JSON by label, when it is about this contact."""
    line = json.loads(line)
    return {d["label"]: d for d in line["devices"]} if line["contact"] == owner else None


async def test_the_watcher_shows_every_device_of_a_contact_once(scene, tmp_path):
    laptop, desk, bob = await scene.set_up(show="dnd", status="On the phone", idle=120)
    await bob.sees(scene.alice, lambda i: i["Desk phone"].statuses == ["On the phone"], "status text", timeout=15)
    async with watcher(scene, scene.bob, tmp_path, "--once", "--json") as run:
        out, err = await asyncio.wait_for(run.communicate(), 20)
    assert run.returncode == 0, err
    (shown,) = [d for d in (devices(l, scene.alice) for l in out.decode().splitlines()) if d is not None]
    assert set(shown) == {"laptop", "Desk phone"}
    phone = shown["Desk phone"]
    assert (phone["kind"], phone["state"], phone["stale"], phone["preferred"]) == ("fixed", "dnd", False, False)
    assert phone["resources"][0]["status"] == "On the phone" and phone["resources"][0]["idle"]
    assert (shown["laptop"]["kind"], shown["laptop"]["state"], shown["laptop"]["preferred"]) == ("computer", "available", True)


async def test_the_watcher_follows_every_change(scene, tmp_path):
    laptop, desk, bob = await scene.set_up()
    await bob.sign_out()
    async with watcher(scene, scene.bob, tmp_path, "--json") as run:
        async def until(pred):
            while True:
                line = (await asyncio.wait_for(run.stdout.readline(), 15)).decode()
                assert line, (await run.stderr.read()).decode()
                shown = devices(line, scene.alice)
                if shown and pred(shown):
                    return shown
        await until(lambda d: "Desk phone" in d and d["Desk phone"]["state"] == "available")
        desk.presence(show="xa")
        await until(lambda d: d["Desk phone"]["state"] == "xa")
        await laptop.sign_out()
        await until(lambda d: d["laptop"]["state"] == "unavailable")
        desk.drop()
        await until(lambda d: d["Desk phone"]["state"] == "unavailable")
        run.terminate()
        assert await asyncio.wait_for(run.wait(), 5) == 0


async def test_the_watcher_shows_a_stranger_nothing(scene, tmp_path):
    laptop, desk, bob = await scene.set_up(show="dnd")
    async with watcher(scene, scene.jid("eve"), tmp_path, "--once", "--json") as run:
        out, err = await asyncio.wait_for(run.communicate(), 20)
    assert run.returncode == 0, err
    assert b"Desk phone" not in out
