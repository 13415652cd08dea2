#!/usr/bin/env python3
"""Every test that doc/threats.md names exists, as does every `make TARGET`: a table that lies is worse than none."""
import re

import source

CELL = re.compile(r"^(?:(?:(e2e/)?(\w+): )|(e2e/)(\w+)$)?(\w+)?$")


def named(cell):
    """(file, test or None) for each test that the last cell of a row names: `file: test, test; file: test'."""
    for group in cell.split(";"):
        file = None
        for part in group.split(","):
            m = CELL.match(part.strip())
            if m is None:
                continue
            where = (m[1] or m[3]), (m[2] or m[4])
            if where[1] is not None:
                file = ("tests/e2e/test_%s.py" if where[0] else "tests/unit/test_%s.c") % where[1]
            if file is not None:
                yield file, m[5]


def problems_of(row):
    for file, test in named(row.rsplit("|", 2)[1]):
        path = source.TOP / file
        if not path.exists():
            yield f"doc/threats.md: there is no {file}"
        elif test is not None and not re.search(rf"\b{test}\b", path.read_text()):
            yield f"doc/threats.md: {file} has no test {test}"


def targets():
    """What `make' can be told to do."""
    for path in source.TOP.rglob("local.mk"):
        yield from re.findall(r"^([\w-]+):", path.read_text(), re.M)


def unmade(rows):
    known = set(targets())
    for row in rows:
        for target in re.findall(r"`make ([\w-]+)", row):
            if target not in known:
                yield f"doc/threats.md: no local.mk makes {target}"


def main():
    rows = [r for r in (source.TOP / "doc/threats.md").read_text().splitlines() if re.match(r"\| [BF]?\d+ \|", r)]
    source.end([p for row in rows for p in problems_of(row)] + list(unmade(rows)), len(rows) > 30)


main()
