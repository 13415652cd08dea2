"""The rooms of src/core (rooms.table), and the tables of what is still to be put right, which may only become shorter."""
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
        self.below, self.listed = {}, {}
        for number, columns in rows(TABLE):
            word, room, names = (columns + [""])[:3]
            if word == "room":
                self.below[room] = names.split()
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


def ratchet(path, before, found):
    """
    What differs between the counts of a table, BEFORE, and those FOUND, a list of descriptions for each.  A count may only
    fall, and has to be written down when it has.
    """
    for key in sorted(set(before) | set(found)):
        was, what = before.get(key, 0), found.get(key, [])
        if len(what) > was:
            yield f"{' '.join(key)}: {len(what)}, and {source.name(path)} allows {was}:"
            yield from (f"\t{w}" for w in what)
        elif len(what) < was:
            now = "\t".join([*key, str(len(what))])
            yield (f"{' '.join(key)}: {len(what)} instead of {was}: " +
                   (f"lower it in {source.name(path)}: {now}" if what else f"take its line out of {source.name(path)}"))
