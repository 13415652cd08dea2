"""Faults from inside: failing calls and jumping clocks (faults.c, preloaded), disks that are full.

    shim = Shim(directory); component.environment = shim.environment
    shim.memory = 10000     # of a million allocations fail, from now on
    shim.wall_ms = -86400_000
    shim.heal()
"""
import mmap, os, pathlib, shutil, struct, subprocess

HERE = pathlib.Path(__file__).resolve().parent
FIELDS = ("memory", "files", "sockets", "seed", "wall_ms", "boot_ms", "failed_memory", "failed_files", "failed_sockets",
          "cut_short")


class Shim:
    """Each of FIELDS is an attribute that the running program shares."""

    def __init__(self, directory):
        library, control = pathlib.Path(directory) / "faults.so", pathlib.Path(directory) / "faults.control"
        if not library.exists():
            subprocess.run(["cc", "-O2", "-shared", "-fPIC", str(HERE / "faults.c"), "-o", str(library)], check=True)
        control.write_bytes(bytes(8 * len(FIELDS)))
        with open(control, "r+b") as f:
            self._map = mmap.mmap(f.fileno(), 0)
        self.environment = {"LD_PRELOAD": str(library), "FAULTS": str(control)}

    def __getattr__(self, name):
        if name not in FIELDS:
            raise AttributeError(name)
        return struct.unpack_from("q", self._map, 8 * FIELDS.index(name))[0]

    def __setattr__(self, name, value):
        if name in FIELDS:
            struct.pack_into("q", self._map, 8 * FIELDS.index(name), value)
        else:
            super().__setattr__(name, value)

    def heal(self):
        self.memory = self.files = self.sockets = 0

    def __str__(self):
        return " ".join(f"{f}={getattr(self, f)}" for f in FIELDS)


class SmallDisk:
    """A file system of its own for the component alone, in a mount namespace that is gone with it.

    disk = SmallDisk(directory); component.prefix = disk.prefix; component.configure(registry=disk / "registry.db")
    """

    def __init__(self, directory, kib=512):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.prefix = ["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                       f'mount -t tmpfs -o size={kib}k tmpfs "$0"; exec "$@"', str(self.directory)]

    def __truediv__(self, name):
        return self.directory / name

    def inside(self, component):
        """The same directory as the component sees it."""
        return pathlib.Path(f"/proc/{component.process.pid}/root{self.directory}")

    def fill(self, component):
        with open(self.inside(component) / "filler", "wb", buffering=0) as f:
            for size in (4096, 1):
                try:
                    while f.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def empty(self, component):
        (self.inside(component) / "filler").unlink()


def missing():
    """Why no fault can be put into the program here; None when it can."""
    return None if shutil.which("cc") else "needs cc"
