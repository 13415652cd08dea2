#!/usr/bin/env python3
"""No text of ours is longer than a value of the log may be: the end of an advice, where the remedy is, would be cut."""
import re

import source

LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
PART = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
# SQL, and what is said on the terminal.
OTHERS = re.compile(r"^\s*(?:CREATE|INSERT|UPDATE|SELECT|DELETE|ALTER|PRAGMA|registry %s: it is of the component)\b")


def bound():
    return int(re.search(r"#define LOG_VALUE_BYTES_MAX (\d+)", (source.SRC / "base/limits.h").read_text())[1])


def length(literal):
    return len(re.sub(r"\\.", "x", "".join(PART.findall(literal))).encode())


def texts(path):
    """(line, literal) of what stands as one string in the source."""
    text = source.without_comments(path.read_text())
    for m in LITERALS.finditer(text):
        if not OTHERS.match("".join(PART.findall(m.group()))):
            yield text.count("\n", 0, m.start()) + 1, m.group()


def main():
    most, problems, checked = bound(), [], 0
    for part in ("core", "sys"):
        for path in source.files(".c", ".h", under=(f"src/{part}",)):
            for line, literal in texts(path):
                checked += 1
                if length(literal) > most:
                    problems.append(f"{source.name(path)}:{line}: {length(literal)} bytes, a value of the log has {most}")
    source.end(problems, checked > 100)


main()
