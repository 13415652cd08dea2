"""The rooms of src/core (rooms.table)."""
import pathlib

import source

HERE = source.TOP / "tests/check"
TABLE = HERE / "rooms.table"
CORE = "src/core/"


def rows(path):
    """(number, columns) of each line of a table."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            yield number, line.split("\t")


class Rooms:
    """Which room a file of src/core is in, and what that may include."""

    def __init__(self):
        self.below, self.listed, self.outside = {}, {}, set()
        for number, columns in rows(TABLE):
            word, room, names = (columns + [""])[:3]
            if word == "room":
                self.below[room] = names.split()
            elif word == "look":
                self.outside.update((room, f"core/{name}") for name in names.split())
            else:
                for name in names.split():
                    if name in self.listed:
                        raise SystemExit(f"{source.name(TABLE)}:{number}: {name} is there twice")
                    self.listed[name] = room

    def of(self, name):
        """The room of a file, `src/core/...'; None: nobody has said."""
        path = pathlib.PurePath(name[len(CORE):])
        if len(path.parts) > 1:
            return path.parts[0] if path.parts[0] in self.below else None
        return self.listed.get(path.name) or self.listed.get(path.stem)

    def may_include(self, room, other):
        return other in (room, "face") or other in self.below[room] or self.below[room] == ["*"]

    def problems(self, names):
        """Files that are nowhere, and entries that are nobody's."""
        names = [n for n in names if n.startswith(CORE)]
        for name in names:
            if self.of(name) is None:
                yield f"{name}: which room is it in?  {source.name(TABLE)} doesn't say"
        there = {part for n in names if n.count("/") == 2 for part in (pathlib.PurePath(n).name, pathlib.PurePath(n).stem)}
        for name, room in self.listed.items():
            if name not in there:
                yield f"{source.name(TABLE)}: there is no src/core/{name}"
            if room not in self.below:
                yield f"{source.name(TABLE)}: {name} is in {room}, which is no room"

