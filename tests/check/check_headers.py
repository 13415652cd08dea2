#!/usr/bin/env python3
"""Every header compiles alone, without a warning."""
import os
import shlex
import subprocess

import source

WARNINGS = "-Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wundef -Werror".split()


def main():
    compiler = shlex.split(os.environ.get("CC") or "cc")
    problems, checked = [], 0
    for path in source.files(".h"):
        # Twice, so that a missing guard shows.
        text = f'#include "{path.relative_to(source.SRC)}"\n' * 2
        flags = ["-std=gnu11", *WARNINGS, "-I", str(source.SRC), "-I", str(source.BUILD)]
        run = subprocess.run([*compiler, *flags, "-fsyntax-only", "-x", "c", "-"], input=text, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        checked += 1
        if run.returncode != 0:
            problems.append(f"{source.name(path)} does not compile alone:\n{run.stdout}")
    source.end(problems, checked > 30)


main()
