#!/usr/bin/env python3
"""Includes point down (base, core, wire, sys), and each library has its one place in the program."""
import source

# What each directory may include of our own.
LAYERS = {
    "base": {"base"},
    "core": {"base", "core"},
    "wire": {"base", "core", "wire"},
    "sys": {"base", "core", "wire", "sys"},
    "watch": {"base", "watch"},
}

# Each third-party header, by its prefix, and the files that may include it.
LIBRARIES = {
    "expat.h": {"src/wire/reader.c"},
    "stringprep.h": {"src/base/jid.c"},
    "punycode.h": {"src/base/jid.c"},
    "sqlite3.h": {"src/sys/db.c"},
    "confuse.h": {"src/sys/conf.c"},
    "strophe.h": {"src/watch/session.c"},
    "openssl/evp.h": {"src/sys/crypto.c"},
    "openssl/rand.h": {"src/sys/crypto.c"},
    "openssl/err.h": {"src/sys/tls.c"},
    "openssl/ssl.h": {"src/sys/tls.c"},
    "openssl/x509v3.h": {"src/sys/tls.c"},
    "event2/bufferevent_ssl.h": {"src/sys/tls.c"},
    # The loop itself, and what waits on it for a socket.
    "event2/event.h": {"src/sys/loop.c", "src/sys/link.c"},
}

# Headers of the system that the layers below sys have no use for, as they touch nothing.
PURE = {"endian.h", "inttypes.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h",
        "string.h"}

# What is made when it is built.
MADE = {"wire/english.inc"}

# Of one directory alone, whoever else may see the rest of it.
PRIVATE = {
    **{f"core/model/{path.name}": "core" for path in (source.SRC / "core/model").glob("state*.h")},
    "core/consent/verify_private.h": "core",
    "core/outlets/errand.h": "core",
    "core/sources/audit_private.h": "core",
    "core/sources/roster_items.h": "core",
    **{f"wire/decode_{part}.h": "wire" for part in ("answer", "part", "privilege", "request")},
    **{f"wire/encode_{part}.h": "wire" for part in ("answer", "command", "frame", "item", "pubsub")},
}


def problems_of(path):
    layer = path.relative_to(source.SRC).parts[0]
    if layer not in LAYERS:
        yield f"{source.name(path)}: not in a directory that the layers know"
        return
    for own, system in source.includes(path):
        if own == "config.h":
            if layer in ("base", "core", "wire"):
                yield f"{source.name(path)}: includes config.h, which is for those who touch the world"
        elif own:
            below = own.split("/")[0]
            if "/" not in own or not ((source.SRC / own).exists() or own in MADE):
                yield f'{source.name(path)}: "{own}" is not a path from src/'
            elif below not in LAYERS[layer]:
                yield f'{source.name(path)}: includes "{own}", which is not below {layer}'
            elif PRIVATE.get(own, layer) != layer:
                yield f'{source.name(path)}: includes "{own}", which is private to {PRIVATE[own]}'
        elif system in LIBRARIES:
            if source.name(path) not in LIBRARIES[system]:
                yield f"{source.name(path)}: includes <{system}>, which is for {' and '.join(sorted(LIBRARIES[system]))}"
        elif system.startswith(("openssl/", "event2/")):
            yield f"{source.name(path)}: includes <{system}>, which has no place of its own yet"
        elif layer in ("base", "core", "wire") and system not in PURE:
            yield f"{source.name(path)}: includes <{system}>, which touches the world"


def main():
    paths = list(source.files(".c", ".h"))
    source.end([p for path in paths for p in problems_of(path)], len(paths) > 50)


main()
