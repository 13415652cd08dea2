"""End-to-end tests: the built program against real servers, seen by real clients.

    python3 -m pytest tests/e2e [--server NAME ...] [--all-servers] [--part NAME] [--share K/N]

POLYPRESENCE_BIN, POLYPRESENCE_WATCH name the programs (default: the working directory's and the source
tree's build).  E2E_DEBUG=1: debug logs.  E2E_LOGS=DIR: the transcripts of failed tests are written there.

A test says what it needs by marks:

    @pytest.mark.variant("noiq", ...)       grants of the hosts (serverconf.VARIANTS); default etc
    @pytest.mark.servers("ejabberd-23.01", ...)   only these; "ejabberd", "prosody": all of a kind
    @pytest.mark.timeout_s(90)              default 60
    @pytest.mark.slow                       only with --slow or --all-servers
"""
import asyncio, inspect, os, pathlib, signal, sys
import pytest

sys.path.insert(0, os.path.dirname(__file__))
import servers
from component import program
from scene import Lab, Scene
from serverconf import SECRET

PRIVILEGED = tuple(n for n, s in servers.SERVERS.items() if s.get("iq", True))      # can publish for an account
TIMEOUT = 60
_params = {}        # pytest shares a fixture between tests whose parameter is the same object


def pytest_addoption(parser):
    parser.addoption("--server", action="append", metavar="NAME", choices=list(servers.SERVERS),
                     help=f"run against this server (repeatable; default {' and '.join(servers.DEFAULT)})")
    parser.addoption("--all-servers", action="store_true", help="run against every server")
    parser.addoption("--part", metavar="NAME", choices=list(servers.SERVERS),
                     help="of all that only what runs against this server; with the first one also what runs against none")
    parser.addoption("--share", metavar="K/N", type=share, default=(1, 1),
                     help="of what remains every N-th test, from the K-th on: with the other shares, side by side, all of it")
    parser.addoption("--slow", action="store_true", help="the slow tests too (--all-servers implies it)")


def pytest_configure(config):
    for line in ("variant(name): what the hosts grant", "servers(name...): the servers that this test is for",
                 "timeout_s(seconds): the test's deadline", "stub: needs no component",
                 "slow: takes minutes; only with --slow or --all-servers"):
        config.addinivalue_line("markers", line)
    config.option.tbstyle = "short" if config.option.tbstyle == "auto" else config.option.tbstyle


def asked(config):
    if config.getoption("--all-servers"):
        return list(servers.SERVERS)
    return config.getoption("--server") or list(servers.DEFAULT)


def share(text):
    k, n = (int(x) for x in text.split("/"))
    if not 1 <= k <= n:
        raise ValueError(text)
    return k, n


def fits(name, wanted):
    return name in wanted or servers.SERVERS[name]["kind"] in wanted


def server_of(item):
    lab = item.callspec.params.get("lab") if hasattr(item, "callspec") else None
    return lab[0] if lab else asked(item.config)[0]


def pytest_collection_modifyitems(config, items):
    part = config.getoption("--part")
    if part:
        others = [i for i in items if server_of(i) != part]
        items[:] = [i for i in items if server_of(i) == part]
        config.hook.pytest_deselected(items=others)
    k, n = config.getoption("--share")
    config.hook.pytest_deselected(items=[i for at, i in enumerate(items) if at % n != k - 1])
    items[:] = items[k - 1::n]
    if config.getoption("--slow") or config.getoption("--all-servers"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: only with --slow or --all-servers"))


def pytest_generate_tests(metafunc):
    if "lab" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker
    variants = mark("variant").args if mark("variant") else ("etc",)
    wanted = mark("servers").args if mark("servers") else PRIVILEGED
    params = []
    for name in asked(metafunc.config):
        if not fits(name, wanted):
            continue
        why = servers.missing(name)
        for variant in variants:
            what = (name, variant, not mark("stub"))
            params.append(pytest.param(_params.setdefault(what, what), id=name if variant == "etc" else f"{name},{variant}",
                                       marks=[pytest.mark.skip(reason=why)] if why else []))
    if not params:      # said, not hidden: this test is for other servers
        params = [pytest.param(None, id="none", marks=pytest.mark.skip(
            reason=f"is for {', '.join(wanted)}; not among the servers of this run"))]
    metafunc.parametrize("lab", params, indirect=True, scope="session")


@pytest.fixture(scope="session")
def loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def lab(request, loop):
    name, variant, attach = request.param
    if attach and program("polypresence", "POLYPRESENCE_BIN") is None:
        pytest.exit("no polypresence program here: build it, or name it in POLYPRESENCE_BIN", returncode=3)
    lab = Lab(name, variant, loop, attach)
    yield lab
    try:
        if lab.component and lab.component.alive():
            lab.component.stop()
            assert not lab.component.complaints(), lab.component.complaints()
    finally:
        lab.close()


@pytest.fixture
def scene(lab, loop, request):
    if lab.component:
        if not lab.component.alive():
            lab.component.start()
        loop.run_until_complete(lab.component.attached())
    scene = Scene(lab)
    request.node.scene = scene
    yield scene
    alive = lab.component is None or lab.component.alive()
    loop.run_until_complete(scene.close())
    complaints = lab.component.complaints(scene.logged) if lab.component else []
    assert not complaints, complaints
    if not alive:
        pytest.fail("the component has died:\n" + lab.component.text(30), pytrace=False)


@pytest.fixture
def healed(scene):
    """For what makes link, server or component fail: afterwards they are as every test finds them."""
    yield scene
    c, tap, server, lab = scene.component, scene.tap, scene.server, scene.lab
    tap.heal()
    tap.cut()
    if c.alive():
        c.process.send_signal(signal.SIGCONT)
    c.kill()                    # what a test wants to know about its end it asks itself
    c.port = tap.port
    c.restore()
    if server.pid:
        os.kill(server.pid, signal.SIGCONT)
    if server.process is None or server.variant != lab.made or server.secret != SECRET:
        server.secret = SECRET
        server.restart(variant=lab.made)
    c.start()
    lab.loop.run_until_complete(c.ready(60))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """A test may be a coroutine; it has a deadline."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    args = {a: pyfuncitem.funcargs[a] for a in pyfuncitem._fixtureinfo.argnames}
    mark = pyfuncitem.get_closest_marker("timeout_s")
    seconds = mark.args[0] if mark else TIMEOUT
    run = asyncio.wait_for(pyfuncitem.obj(**args), seconds)
    pyfuncitem.funcargs["loop"].run_until_complete(run)
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    scene = getattr(item, "scene", None)
    if report.failed and scene is not None:
        sections = scene.report()
        where = os.environ.get("E2E_LOGS")
        if where:
            path = pathlib.Path(where) / (item.nodeid.rpartition("::")[2].replace("/", "_") + f".{report.when}.txt")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(report.longrepr) + "\n" + "\n".join(f"\n==== {t}\n{x}" for t, x in sections))
            report.sections.append(("transcripts", str(path)))
        else:
            report.sections.extend(sections)
