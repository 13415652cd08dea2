#!/usr/bin/env python3
"""Privacy has one door: who may see what is decided in src/core/model/audience.c, from what the user and the administrator want;
nobody else of core and wire looks at that to decide, only to keep it or to say it.  And what a user has said of a device is
read in some rooms of the core alone."""
import pathlib
import re
import tempfile

import fields
import rooms
import source

DOOR = "src/core/model/audience.c"

# What of a device is read in which rooms only: elsewhere it can only be written, when rows come in.
DEVICE = ("visibility", "show_status", "label")
READERS = ("model", "view", "consent", "talk")

# What must not be looked at elsewhere, and the files that may all the same: each for a reason.
RULES = {
    # The user's word on a device.
    r"(?:->|\.)(?:visibility|show_status)\b": {
        "src/core/model/device.c",            # rows go out,
        "src/core/flight/change.c",            # by way of what is not durable yet
        "src/core/consent/consent.c",              # the word is given
        "src/core/consent/stored.c",       # and comes into force
        "src/core/talk/command_form.c",      # the user reads her own
    },
    # What it can be.
    r"\bVISIBLE_\w+": {
        "src/core/types.c",             # their names
        "src/core/types.h",
    },
    # Whom the user blocks.
    r"\bk->blocked\b": {
        "src/core/sources/blocking.c",          # who is marked
    },
    # The access model that the administrator wants.
    r"\bset(?:\.|->)access\b": {
        "src/core/view/item.c",              # the digest: another one is another item
    },
}


def problems_of(path):
    text = source.without_comments(path.read_text())
    for pattern, files in RULES.items():
        if source.name(path) in files | {DOOR}:
            continue
        for m in re.finditer(pattern, text):
            yield f"{source.name(path)}:{text.count(chr(10), 0, m.start()) + 1}: {m[0]} is for {DOOR} to look at"


class Device:
    """The headers of the core with these fields marked."""

    def __init__(self, directory, table):
        self.directory, self.rooms = pathlib.Path(directory), table
        headers = {source.name(p): fields.Fields(p.read_text()) for p in source.files(".h", under=("src/core",))
                   if table.of(source.name(p)) != "face"}
        for header in headers.values():
            header.marked = lambda struct, field: struct == "device" and field in DEVICE
        self.there = {f for header in headers.values() for f in header.there.get("device", []) if f in DEVICE}
        self.home = next((n[len("src/"):] for n, header in headers.items() if "device" in header.there), "core/model/device.h")
        fields.write(self.directory, headers)

    def readers(self, path):
        """Where a source of the core reads them: each use that isn't a write, which the compiler refuses."""
        uses, said, failed = fields.compiled(path, self.directory)
        if failed:
            yield failed
        wrote = [line for where, line, _, kind, _, _ in said if kind == "error"]
        for line, field, _ in uses:
            if line in wrote:
                wrote.remove(line)
            else:
                yield f"{path.name}:{line}: a device's {field} is read, which is for {', '.join(READERS)} only"

    def problems_of(self, path):
        if self.rooms.of(source.name(path)) not in READERS:
            yield from self.readers(path)

    def blind(self):
        """Readers that are planted and not seen, and writers that are."""
        path = self.directory / "planted.c"
        for what, seen in (("x->show_status = true", 0), ("return x->show_status", 1), ("x->label = NULL", 0),
                           ("if (*x->label)\n\t\tx->visibility = 1", 1), ("x->jid = x->label", 1)):
            path.write_text(f'#include "{self.home}"\nint planted(struct device *x);\nint\nplanted(struct device *x)\n'
                            f"{{\n\t{what};\n\treturn 0;\n}}\n")
            found = len(list(self.readers(path)))
            if found != seen:
                yield f"{what}: {found} readers were seen"


def unused():
    """An exception that nobody needs any more."""
    for pattern, files in RULES.items():
        for name in sorted(files | {DOOR}):
            if not re.search(pattern, source.without_comments((source.TOP / name).read_text())):
                yield f"{name} has nothing like {pattern}"


def main():
    paths = [p for p in source.files(".c", ".h", under=("src/core", "src/wire"))]
    problems = [p for path in paths for p in problems_of(path)] + list(unused())
    with tempfile.TemporaryDirectory() as directory:
        device = Device(directory, rooms.Rooms())
        for path in source.files(".c", under=("src/core",)):
            problems += device.problems_of(path)
        problems += device.blind()
    source.end(problems, len(paths) > 30 and device.there == set(DEVICE))


main()
