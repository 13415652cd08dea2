"""Two nodes of one ejabberd cluster, on this machine: each with processes, data and ports of its own.

    with Cluster() as cluster:
        one, two = cluster.nodes
        two.kill()              # kill -9: its sockets close, and nobody says `unavailable' for its sessions

A node is a Server; the Erlang port mapper lives in the pid namespace of the first, and goes with it.
"""
import json, random, time, urllib.error, urllib.request
from servers import Server, ServerError, accepts, free_ports, missing

NAME = "ejabberd-26.07"
ADDRESS = "127.0.0.1"
API = """  - port: {port}
    ip: 127.0.0.1
    module: ejabberd_http
    request_handlers:
      /api: mod_http_api
"""
PERMISSIONS = """
api_permissions:
  tests:
    from: [mod_http_api]
    who: all
    what: [join_cluster, list_cluster]
"""


class Node(Server):
    PORTS = (*Server.PORTS, "api")

    def __init__(self, number, mapper, cookie):
        super().__init__(NAME)
        self.erlang, self.mapper, self.cookie = f"ejabberd{number}@{ADDRESS}", mapper, cookie

    def configure(self):
        path = super().configure()
        text = path.read_text()
        assert text.count("\nlisten:\n") == 1, text
        text = text.replace("\nlisten:\n", "\nlisten:\n" + API.format(port=self.ports["api"])) + PERMISSIONS
        path.write_text(text)
        return path

    def _argv(self):
        argv = super()._argv()
        at = argv.index("-noinput")
        argv[at:at] = ["-name", self.erlang, "-setcookie", self.cookie, "-kernel", "inet_dist_use_interface", "{127,0,0,1}"]
        at = argv.index("-i") + 1
        argv[at:at] = [f"ERL_EPMD_PORT={self.mapper}", f"ERL_EPMD_ADDRESS={ADDRESS}"]
        return argv

    def api(self, command, **args):
        request = urllib.request.Request(f"http://{ADDRESS}:{self.ports['api']}/api/{command}", json.dumps(args).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as e:
            raise ServerError(f"{self.erlang}: {command}: {e.code} {e.read()[:300]}") from e

    def sees(self, n, timeout=60):
        """Wait until it lists N running nodes, and lets clients in: who joins starts anew."""
        end, listed = time.monotonic() + timeout, None
        while True:
            try:
                listed = self.api("list_cluster")
                if len(listed) == n and accepts(self.ports["c2s"]):
                    return
            except urllib.error.URLError as e:
                listed = e
            if time.monotonic() > end:
                raise ServerError(f"{self.erlang} lists {listed}\n{self.log()[-3000:]}")
            time.sleep(0.1)         # nodes tell nobody when they have joined


class Cluster:
    missing = staticmethod(lambda: missing(NAME))

    def __init__(self):
        mapper, cookie = free_ports(("epmd",))["epmd"], f"{random.getrandbits(64):x}"
        self.nodes = [Node(number, mapper, cookie) for number in (1, 2)]

    def __enter__(self):
        one, two = self.nodes
        try:
            for node in self.nodes:
                node.start(90)
            two.api("join_cluster", node=one.erlang)
            for node in self.nodes:
                node.sees(2)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        for node in reversed(self.nodes):
            node.close()
