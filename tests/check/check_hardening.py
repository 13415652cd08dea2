#!/usr/bin/env python3
"""The programs are built as hardened as the toolchain allows, and the systemd unit confines what is left."""
import os
import pathlib
import re
import shutil
import subprocess

import source

PROGRAMS = ("polypresence", "polypresence-watch")
EXPOSURE_MAX = 15           # of systemd-analyze security, in tenths


def told(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def problems_of(path):
    readelf = os.environ.get("READELF") or "readelf"
    header, segments, dynamic = told(readelf, "-hW", path), told(readelf, "-lW", path), told(readelf, "-dW", path)
    symbols = told(readelf, "--dyn-syms", "-W", path)
    stack = re.search(r"GNU_STACK.*", segments)
    for wrong, what in (
            (not re.search(r"Type:\s+DYN", header), "isn't position independent"),
            ("GNU_RELRO" not in segments, "has no read-only relocations (-z relro)"),
            (not re.search(r"BIND_NOW|FLAGS_1.*NOW", dynamic), "binds symbols when they are first used (-z now)"),
            (stack is None or "RWE" in stack[0], "has an executable stack"),
            (re.search(r"\((RPATH|RUNPATH)\)", dynamic), "looks for libraries in a path of its own"),
            ("__stack_chk_fail" not in symbols, "has no stack protector"),
            (optimised() and not re.search(r"__\w+_chk\b(?<!__stack_chk)", symbols), "isn't fortified")):
        if wrong:
            yield f"{path.name} {what}"


def variable(name):
    return re.search(rf"^{name} = (.*)$", (source.BUILD / "Makefile").read_text(), re.M)[1]


def optimised():
    return bool(re.search(r"-O[1-9s]", variable("CFLAGS"))) and "-O0" not in variable("CFLAGS")


def exposure(unit):
    """The unit by systemd's own measure."""
    run = told("systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX}", unit)
    level = re.search(r"exposure level.*: ([0-9.]+)", run)
    if level is None or float(level[1]) * 10 > EXPOSURE_MAX:
        yield f"systemd-analyze security: {level[0] if level else run}, more than {EXPOSURE_MAX / 10}"


def main():
    problems = []
    if "-fsanitize" not in variable("HARDEN_CFLAGS") and shutil.which("readelf"):
        for name in PROGRAMS:
            problems += problems_of(source.BUILD / name)
    if shutil.which("systemd-analyze"):
        problems += exposure(source.BUILD / "etc/polypresence.service")
    source.end(problems, (source.BUILD / PROGRAMS[0]).exists())


main()
