#!/usr/bin/env python3
"""Small promises of the source: guards named by their file, nothing left for later, no trailing blanks; one concept a file."""
import re

import source

# The words in two halves, so that this file may name them.
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
# A file that is longer, or has more functions, holds more than one concept.
LINES, FUNCTIONS = {"src": 500, "tests": 600}, 25
FUNCTION = re.compile(r"^[a-z_][a-z0-9_]*\(", re.M)
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
    top = path.relative_to(source.TOP).parts[0]
    if text.count("\n") > LINES.get(top, 600) and path.suffix in (".c", ".h", ".py"):
        yield f"{source.name(path)}: has {text.count(chr(10))} lines; more than {LINES.get(top, 600)} are more than one concept"
    if top == "src" and path.suffix == ".c" and len(FUNCTION.findall(text)) > FUNCTIONS:
        yield f"{source.name(path)}: has {len(FUNCTION.findall(text))} functions; more than {FUNCTIONS} are more than one concept"
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
