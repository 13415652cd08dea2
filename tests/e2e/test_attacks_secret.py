"""The secret and the link: rows 21 and 22 of doc/threats.md."""
import asyncio, os, pathlib, re, resource, ssl, subprocess
import pytest
from component import Component, die_with_parent, program
from serverconf import PRESENCE, SECRET
from siege import Siege

pytestmark = pytest.mark.variant("federated")

NOBODY = 65534


def memory(pid):
    """What a process can write to, as bytes; for root alone."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            begin, end, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            begin, size = int(begin, 16), int(end, 16) - int(begin, 16)
            if rights.startswith("rw") and size < 2**30:        # a sanitizer maps terabytes
                mem.seek(begin)
                try:
                    yield mem.read(size)
                except OSError:         # mapped, and not there
                    pass


# -- 21
async def test_the_secret_is_neither_told_nor_kept(scene):
    siege = await Siege.begin(scene)
    await scene.component.level("debug")
    try:
        wire = scene.tap.stanzas.mark()
        scene.tap.cut()
        await scene.component.event("ready", timeout=30, since=siege.logged)
    finally:
        await scene.component.level("info")
    (handshake,) = scene.tap.sent(lambda s: s.name == "handshake", wire)
    (digest,) = re.findall("[0-9a-f]{40}", handshake.raw)
    proc = pathlib.Path(f"/proc/{scene.component.process.pid}")
    told = [proc.joinpath("cmdline").read_bytes(), proc.joinpath("environ").read_bytes(), scene.component.text(10**6).encode()]
    for word in (SECRET, digest):
        assert not [t for t in told if word.encode() in t], word
    held = b"\0".join(memory(scene.component.process.pid))
    assert PRESENCE.encode() in held and SECRET.encode() not in held, "wiped once the handshake is made"


async def test_another_account_sees_nothing_of_the_process_and_no_core_is_dumped(scene):
    """It runs as nobody here, and even nobody may not look into it: the files of /proc are root's."""
    component = Component(1, scene.lab.loop)        # a second one would take the first one's privileges on ejabberd
    for path in (component.directory, *component.directory.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    os.chmod(component.directory, 0o700)
    own = pathlib.Path(program("polypresence", "POLYPRESENCE_BIN")[0])
    assert os.access(own, os.X_OK)

    def nobody():
        die_with_parent()
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    component.start(preexec=nobody)
    try:
        await component.event("start", since=component.began)
        proc = pathlib.Path(f"/proc/{component.process.pid}")
        assert re.search(r"^Uid:\s+65534\s", proc.joinpath("status").read_text(), re.M)
        for name in ("environ", "mem", "maps", "auxv", "fd"):
            assert proc.joinpath(name).stat().st_uid == 0, f"/proc/PID/{name} is readable to its account: the process is dumpable"
        assert re.search(r"^Max core file size\s+0\s+0\s", proc.joinpath("limits").read_text(), re.M)
        looks = subprocess.run(["cat", proc / "environ"], preexec_fn=nobody, capture_output=True)
        assert looks.returncode != 0 and not looks.stdout
    finally:
        component.close()


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
async def test_a_secret_that_others_could_read_or_change_is_refused(scene, mode):
    component = Component(1, scene.lab.loop)
    secret = component.directory / "secret"
    secret.chmod(mode)
    try:
        run = subprocess.run([*component.argv, "-t", "-c", str(component.config)], capture_output=True, text=True, timeout=10)
        assert run.returncode == 78 and "chmod 600" in run.stderr and SECRET not in run.stderr + run.stdout
    finally:
        component.close()


# -- 22
def certificate(directory, name):
    """A certificate of its own for this name, and its key."""
    cert, key = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key,
                    "-out", cert, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    return cert, key


async def tls_in_front_of(port, cert, key):
    """What comes in by TLS goes on to the server's port in the clear."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)

    async def pump(r, w):
        try:
            while data := await r.read(65536):
                w.write(data)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            w.close()

    async def accept(reader, writer):
        r, w = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, w), pump(r, writer))
    return await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)


def conf(component, **options):
    """Put these into the section `component'."""
    text = component.config.read_text()
    for k, v in options.items():
        k = k.replace("_", "-")
        text = re.sub(rf"^  {k} = .*\n", "", text, flags=re.M)
        text = text.replace("component {\n", f"component {{\n  {k} = {v}\n")
    component.config.write_text(text)


async def test_a_server_elsewhere_needs_tls_or_a_plain_word_which_is_repeated(scene):
    component = Component(1, scene.lab.loop)
    try:
        conf(component, server='"192.0.2.1"')
        run = subprocess.run([*component.argv, "-t", "-c", str(component.config)], capture_output=True, text=True, timeout=10)
        assert run.returncode == 78 and "insecure-remote" in run.stderr
        conf(component, insecure_remote="true")
        for _ in range(2):
            component.start()
            line = await component.event("insecure", since=component.began)
            assert line["level"] == "warn" and line["server"] == "192.0.2.1"
            component.kill()
    finally:
        component.close()


async def test_over_tls_only_the_right_certificate_gets_the_handshake(scene, tmp_path):
    right, wrong = certificate(tmp_path, "xmpp.home.test"), certificate(tmp_path, "evil.test")
    scene.component.stop()              # its place at the server is needed
    component = Component(1, scene.lab.loop)
    fronts = []
    try:
        for cert, ca, ok in ((wrong, right, False), (wrong, wrong, False), (right, wrong, False), (right, right, True)):
            front = await tls_in_front_of(scene.tap.port, *cert)
            fronts.append(front)
            conf(component, port=front.sockets[0].getsockname()[1], tls="direct", tls_name='"xmpp.home.test"', ca_file=f'"{ca[0]}"')
            wire = scene.tap.stanzas.mark()
            component.start()
            told = await component.log.wait(lambda l: l.get("event") in ("ready", "link.down"), "ready or not", since=component.began)
            if ok:
                assert told["event"] == "ready" and told["tls"] == "direct"
                assert scene.tap.sent(lambda s: s.name == "handshake", wire)
            else:
                assert told["event"] == "link.down" and told["reason"] == "tls"
                assert not scene.tap.stanzas.since(wire), "nothing was said"
            component.kill()
    finally:
        component.close()
        for front in fronts:
            front.close()
        scene.component.start()
        await scene.component.ready()
