#!/usr/bin/env python3
"""What the makefiles name is there, and what is there is named, so that `make dist' takes it along: a header that is
missing in a release is missed by nobody who builds in a checkout."""
import re

import source

NAME = re.compile(r"(?<![\w./$()-])(?:src|tests)/[\w./-]+")
SUFFIXES = (".c", ".h", ".py", ".list", ".table")


def named():
    makefiles = [source.TOP / "Makefile.am", *source.TOP.glob("src/*/*.mk"), *(source.TOP / "tests").rglob("*.mk")]
    for path in makefiles:
        for word in NAME.findall(re.sub(r"#.*", "", path.read_text())):
            yield word, source.name(path)


def problems_of(words, files):
    for word, where in words:
        if word.endswith(SUFFIXES) and not (source.TOP / word).exists():
            yield f"{where} names {word}, which is not there"
    known = {word for word, _ in words}
    for path in files:
        # A directory that is named is taken along as it is.
        if not known & {source.name(p) for p in (path, *path.parents) if source.TOP in p.parents}:
            yield f"{source.name(path)} is in no makefile: `make dist' leaves it out"


def main():
    words = list(named())
    files = list(source.files(*SUFFIXES, under=("src", "tests")))
    source.end(list(problems_of(words, files)), words and files)


main()
