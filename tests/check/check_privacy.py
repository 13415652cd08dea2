#!/usr/bin/env python3
"""Privacy has one door: who may see what is decided in src/core/audience.c, from what the user and the administrator want;
nobody else of core and wire looks at that to decide, only to keep it or to say it."""
import re

import source

DOOR = "src/core/audience.c"

# What must not be looked at elsewhere, and the files that may all the same: each for a reason.
RULES = {
    # The user's word on a device.
    r"(?:->|\.)(?:visibility|show_status)\b": {
        "src/core/core.c",              # rows come in,
        "src/core/device.c",            # and go out,
        "src/core/change.c",            # by way of what is not durable yet
        "src/core/link.c",              # the word is given
        "src/core/link_stored.c",       # and comes into force
        "src/core/command_form.c",      # the user reads her own
    },
    # What it can be.
    r"\bVISIBLE_\w+": {
        "src/core/types.c",             # their names
        "src/core/types.h",
    },
    # Whom the user blocks.
    r"\bk->blocked\b": {
        "src/core/blocking.c",          # who is marked
    },
    # The access model that the administrator wants.
    r"\bset(?:\.|->)access\b": {
        "src/core/item.c",              # the digest: another one is another item
        "src/core/outbox.c",            # as which a node is set up,
        "src/core/outbox_answer.c",     # and repaired
    },
}


def problems_of(path):
    text = source.without_comments(path.read_text())
    for pattern, files in RULES.items():
        if source.name(path) in files | {DOOR}:
            continue
        for m in re.finditer(pattern, text):
            yield f"{source.name(path)}:{text.count(chr(10), 0, m.start()) + 1}: {m[0]} is for {DOOR} to look at"


def unused():
    """An exception that nobody needs any more."""
    for pattern, files in RULES.items():
        for name in sorted(files | {DOOR}):
            if not re.search(pattern, source.without_comments((source.TOP / name).read_text())):
                yield f"{name} has nothing like {pattern}"


def main():
    paths = [p for p in source.files(".c", ".h", under=("src/core", "src/wire"))]
    source.end([p for path in paths for p in problems_of(path)] + list(unused()), len(paths) > 30)


main()
