"""A network of three namespaces in which packets can really get lost: the component - a router - the tap.

    with Network() as net:
        Tap(port, loop, namespace=net.tap, address=net.address)
        component.prefix = net.prefix
        net.lose("<")       # what goes to the component is dropped on its way, without a word

Nothing of it is seen outside, and it is gone with the processes that hold the namespaces.
"""
import ctypes, os, shutil, subprocess

CLONE_NEWNET = 0x40000000
NEAR, FAR = "10.99.1", "10.99.2"        # .1 is the router, .2 who lives there
_libc = ctypes.CDLL(None, use_errno=True)


def enter(path):
    """This thread goes into the network namespace."""
    fd = os.open(path, os.O_RDONLY)
    try:
        if _libc.setns(fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")
    finally:
        os.close(fd)


class Network:
    address = FAR + ".2"

    def __enter__(self):
        self._holders = []
        try:
            self.near, self.router, self.tap = (self._namespace() for _ in range(3))
            for name, net, address in (("near", self.near, NEAR), ("far", self.tap, FAR)):
                self._ip(self.router, f"link add {name} type veth peer name out netns {net.split('/')[2]}")
                self._ip(self.router, f"addr add {address}.1/24 dev {name}")
                self._ip(self.router, f"link set {name} up")
                for command in ("link set lo up", f"addr add {address}.2/24 dev out", "link set out up",
                                f"route add default via {address}.1"):
                    self._ip(net, command)
            self._run(self.router, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc):
        for holder in self._holders:
            holder.stdin.close()
            holder.wait()

    def _namespace(self):
        holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        holder.stdout.readline()
        self._holders.append(holder)
        return f"/proc/{holder.pid}/ns/net"

    @staticmethod
    def _run(net, *argv):
        subprocess.run(["nsenter", f"--net={net}", *argv], check=True, capture_output=True)

    def _ip(self, net, command):
        self._run(net, "ip", *command.split())

    @property
    def prefix(self):
        return ["nsenter", f"--net={self.near}"]

    def lose(self, *directions):
        """These directions only, from now on."""
        for direction, address in ((">", FAR), ("<", NEAR)):
            verb = "replace" if direction in directions else "del"
            try:
                self._ip(self.router, f"route {verb} blackhole {address}.2/32")
            except subprocess.CalledProcessError:
                if verb == "replace":
                    raise


def missing():
    """Why there can be no such network here; None when there can."""
    if shutil.which("ip") is None:
        return "needs ip (iproute2)"
    try:
        with Network():
            return None
    except (OSError, subprocess.CalledProcessError) as e:
        return f"no network namespaces here: {e}"
