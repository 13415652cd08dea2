#!/usr/bin/env python3
"""Each bound of base/limits.h is tried at one less, at it, and at one more: `make mutants' makes it one more and one less,
and a unit test finds both."""
import re
import sys

import source

sys.path.insert(0, str(source.TOP / "tests/mutants"))
import mutation  # noqa: E402

# No thing whose number could be one more or less: why.
NO_NUMBER = {
    "JID_MAX": "three parts and what is between them, each with its own bound",
    "SCRATCH_BYTES_MAX": "memory, which is taken in pieces: what fits into the stanzas' bounds fits into it",
}


def problems_of(limits, mutations):
    hunks = [(old, new) for m in mutations for _, old, new in m.hunks]
    for bound in limits:
        more, less = (any(re.search(rf"\b{bound}\b", old) and re.search(rf"\b{bound}\b[^,;]*? \{sign} 1\)", new)
                          for old, new in hunks) for sign in "+-")
        if bound in NO_NUMBER:
            if more and less:
                yield f"{bound} is tried: it needs no explanation"
            continue
        for there, what in ((more, f"({bound} + 1)"), (less, f"({bound} - 1)")):
            if not there:
                yield f"no mutation puts {what} in the place of {bound}: who would find one too many, or too few?"
    for bound in NO_NUMBER:
        if bound not in limits:
            yield f"there is no bound {bound}"


def main():
    text = source.without_comments((source.SRC / "base/limits.h").read_text())
    limits = [name for name in re.findall(r"^#define (\w+) \S", text, re.M)]
    source.end(list(problems_of(limits, mutation.read_all())), len(limits) > 20)


main()
