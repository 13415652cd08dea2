"""The whole program under the system call filter of its systemd unit: nothing that it does is forbidden there."""
import os, pathlib, signal, sys
import pytest
import sandbox

pytestmark = pytest.mark.skipif(sandbox.missing() is not None, reason=str(sandbox.missing()))
SANDBOX = [sys.executable, str(pathlib.Path(__file__).with_name("sandbox.py"))]


def test_the_filter_ends_what_the_unit_forbids():
    forbidden = {"mount", "ptrace", "reboot", "setuid", "init_module", "chown", "setrlimit", "swapon", "bpf"}
    calls = sandbox.allowed()
    assert not forbidden & calls and {"read", "write", "connect", "fsync", "epoll_wait", "prlimit64"} <= calls
    status = os.spawnv(os.P_WAIT, SANDBOX[0], [*SANDBOX, "/bin/chown", "root", "/dev/null"])
    assert status == -signal.SIGSYS


async def test_all_that_it_does_is_within_the_filter(scene):
    component = scene.component
    program = component.argv
    component.stop()
    component.argv = [*SANDBOX, *program]
    try:
        component.start()
        await component.ready()
        await scene.lab.granted()
        laptop, desk, bob = await scene.set_up(show="dnd")
        log = component.log.mark()
        component.process.send_signal(signal.SIGHUP)
        await component.event("reload", since=log)
        scene.tap.cut()
        await component.event("ready", since=log, timeout=30)
        mark = bob.events.mark()
        desk.presence(show="xa")
        await bob.sees_states(scene.alice, since=mark, timeout=15, Desk_phone="xa")
        component.stop()
    finally:
        component.kill()
        component.argv = program
        component.start()
        await component.ready()
