#!/usr/bin/env python3
"""Every mutation of `make mutants', and each that `make mutate' has drawn and that is explained, still fits the source; there
is one for each file of the core and each of the invariants of doc/threats.md.  Each file is judged by some unit test."""
import sys

import source

sys.path.insert(0, str(source.TOP / "tests/mutants"))
import mutation  # noqa: E402
import run  # noqa: E402


def problems_of(mutations):
    files, always = set(), set()
    for m in mutations:
        files.update(m.files())
        always.update(m.always)
        try:
            m.apply(source.TOP)
        except mutation.Wrong as e:
            yield str(e)
    for path in source.files(".c", under=("src/core",)):
        if source.name(path) not in files:
            yield f"no mutation of {source.name(path)}"
    for n in mutation.INVARIANTS:
        if n not in always:
            yield f"no mutation breaks invariant {n}"


def unjudged():
    """Files that no unit test is about; those of base and core are judged by all of theirs."""
    tests = [path.stem for path in sorted((source.TOP / "tests/unit").glob("test_*.c"))]
    for path in source.files(".c", under=("src/wire", "src/sys", "src/watch")):
        if not run.tests_about(source.name(path), tests):
            yield f"{source.name(path)}: no unit test is about it: say in tests/mutants/run.py which are"


def stale():
    """Explanations of `make mutate' that don't fit the source any more."""
    for m in mutation.read_list(source.TOP / "tests/mutate/equal.list"):
        try:
            m.apply(source.TOP)
        except mutation.Wrong as e:
            yield str(e)


def main():
    try:
        mutations = mutation.read_all()
    except mutation.Wrong as e:
        source.end([str(e)], True)
    source.end([*problems_of(mutations), *unjudged(), *stale()], len(mutations) > 20)


main()
