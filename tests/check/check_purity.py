#!/usr/bin/env python3
"""The core decides and touches nothing: what its archive needs from outside is on a list."""
import os
import re
import subprocess
import sys

import source

# Pure functions of the C library: memory that they are given, and nothing else, so none that asks a locale (bcmp is how
# clang spells memcmp).
PURE = """
bcmp memchr memcmp memcpy memmove memset qsort snprintf strchr strcmp strcpy strcspn strlen strncmp strnlen strrchr
strspn strstr vsnprintf
""".split()

# The allocation seam is base's (src/base/mem.c); and one library prepares addresses.
BASE = """
calloc realloc free explicit_bzero
stringprep stringprep_nameprep stringprep_xmpp_nodeprep stringprep_xmpp_resourceprep punycode_decode punycode_encode
""".split()

# What compilers add: hardening, sanitizers, coverage.
COMPILER = re.compile(r"_GLOBAL_OFFSET_TABLE_$|__stack_chk_|__(asan|ubsan|sanitizer|gcov|llvm)_")


def symbols(archive, *options):
    out = subprocess.run([os.environ.get("NM") or "nm", "-P", *options, str(archive)], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return {line.split()[0] for line in out.splitlines() if len(line.split()) > 1 and not line.endswith(":")}


def defined(archive):
    return symbols(archive, "-g", "--defined-only")


def foreign(archive, known, allowed):
    for symbol in sorted(symbols(archive, "-u") - known):
        plain = re.sub(r"^__(\w+)_chk$", r"\1", symbol)  # as _FORTIFY_SOURCE calls it
        if plain not in allowed and not COMPILER.match(symbol):
            yield f"{archive.name} needs {symbol}, which is not on the list of what a pure function may call"


def main():
    core, base = source.BUILD / "libcore.a", source.BUILD / "libbase.a"
    for archive in core, base:
        if not archive.exists():
            print(f"{archive} was not built")
            sys.exit(77)
    own = defined(base)
    problems = list(foreign(core, defined(core) | own, PURE))
    problems += foreign(base, own, PURE + BASE)
    source.end(problems, "core_feed" in defined(core))


main()
