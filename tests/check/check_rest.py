#!/usr/bin/env python3
"""Every field of the core's structs is in tests/sim/rest.table, once, and rest.c looks at each that has to come home."""
import re, sys

import source

CORE = source.TOP / "src/core"
STATE = sorted([*CORE.glob("*/state*.h"), CORE / "tools/env.h", CORE / "top.h"])
TABLE = source.TOP / "tests/sim/rest.table"
REST = source.TOP / "tests/sim/rest.c"
WORDS = ("home", "state", "time", "part")


def fields():
    text = re.sub(r"/\*.*?\*/", "", "\n".join(path.read_text() for path in STATE), flags=re.S)
    for m in re.finditer(r"^struct (\w+) \{(.*?)^\};", text, re.S | re.M):
        body = re.sub(r"(struct|enum) *\w* *\{.*?\}", r"\1 x", m.group(2), flags=re.S)
        for declaration in body.split(";"):
            for part in filter(str.strip, declaration.split(",")):
                yield m.group(1), re.search(r"(\w+)(?:\[[^\]]*\])*\s*$", part.strip()).group(1)


def main():
    problems, told, looks = [], {}, REST.read_text()
    for number, line in enumerate(TABLE.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        struct, word, names = line.split("\t")
        if word not in WORDS:
            problems.append(f"{TABLE.name}:{number}: '{word}' is none of {', '.join(WORDS)}")
        for name in names.split():
            if (struct, name) in told:
                problems.append(f"{TABLE.name}:{number}: {struct}.{name} is there twice")
            told[struct, name] = word
            if word == "home" and not re.search(rf"(->|\.){name}\b", looks):
                problems.append(f"{REST.name} doesn't look at {struct}.{name}, which has to come home")
    there = set(fields())
    problems += [f"{s}.{f} is not in {TABLE.name}: where is its home?" for s, f in sorted(there - set(told))]
    problems += [f"{TABLE.name}: there is no {s}.{f}" for s, f in sorted(set(told) - there)]
    source.end(problems, len(there) > 100)


main()
