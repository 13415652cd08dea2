#!/usr/bin/env python3
"""Small promises of the source: guards named by their file, nothing left for later, no trailing blanks."""
import re

import source

# The words in two halves, so that this file may name them.
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
GUARD = re.compile(r"\A(?:/\*.*?\*/\s*)?#ifndef (\w+)\n#define \1\n.*#endif\n?\Z", re.S)


def guard_of(path):
    parts = list(path.relative_to(source.TOP).parts)
    if parts[0] == "src":
        parts = parts[1:]
    elif parts[:2] == ["tests", "unit"]:
        parts = ["tests", *parts[2:]]
    return "PP_" + re.sub(r"\W", "_", "_".join(parts)).upper()


def problems_of(path):
    text = path.read_text()
    if path.suffix == ".h":
        guard = GUARD.match(text)
        if guard is None:
            yield f"{source.name(path)}: no include guard around it"
        elif guard.group(1) != guard_of(path):
            yield f"{source.name(path)}: its guard is {guard.group(1)}, not {guard_of(path)}"
    if text and not text.endswith("\n"):
        yield f"{source.name(path)}: the last line has no end"
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{source.name(path)}:{number}"
        if LATER.search(line):
            yield f"{where}: something is left for later"
        if line != line.rstrip():
            yield f"{where}: blanks at the end"
        if path.suffix in (".c", ".h") and re.match(r" {8}\s*[^\s\\]", line):
            yield f"{where}: blanks where a tab belongs"


def main():
    paths = list(source.files(".c", ".h", ".py", under=("src", "tests", "bench")))
    source.end([p for path in paths for p in problems_of(path)], len(paths) > 50)


main()
