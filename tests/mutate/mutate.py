#!/usr/bin/env python3
"""make mutate: what do the tests find of mistakes that nobody has thought of?  A machine knows every place of src where a
statement can be left out, a condition negated, an operator, a constant, a returned value be another one, two arguments be
exchanged, a loop end early (places.py).  It draws a sample in each directory, by the hash of the commit, makes one at a time
in a copy of its file, and has it judged: by the unit tests of the file, the corpora of the fuzz targets, and (core, base)
2,000 seeds of the simulator.  What the compiler makes the same code of is no mistake.  It goes on where it was stopped."""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "mutants"))

import mutation  # noqa: E402
import places  # noqa: E402
import run as judges  # noqa: E402

DIRECTORIES = ("core", "wire", "sys", "base", "watch")
FUZZ = {"core": "core command registry", "wire": "stream plain decode answer command write date",
        "base": "jid write core", "sys": "conf log registry", "watch": "watch talk text"}
EXPLAINED = HERE / "equal.list"
EQUAL, BROKEN, SURVIVED = "equal", "broken", "survived"


def flags(file):
    more = ["-D_GNU_SOURCE"] if file.startswith("src/watch/") else []
    if file == "src/sys/main.c":
        more = ['-DSYSCONFDIR="/etc"', '-DLOCALSTATEDIR="/var"']
    return [*judges.words("CPPFLAGS"), f"-I{judges.BUILD}", f"-I{judges.BUILD / 'src'}", *more, *judges.words("CFLAGS"),
            "-std=gnu11", "-w"]


def tests_for(file):
    return judges.tests_of(mutation.Mutation("mutate", file, hunks=[[file, "", ""]]))


class Fuzz:
    """A fuzz target of the build tree, which replays its corpus."""

    def __init__(self, name):
        self.name = name
        self.objects = sorted((judges.BUILD / "tests/fuzz").glob(f"{name}-*.o"))
        self.libraries = judges.words(f"FUZZ_LIBS_{name}")

    def find(self, made, work):
        out = work / f"fuzz-{self.name}"
        judges.link(f"fuzz_{self.name}", [*self.objects, *made], self.libraries, out)
        status, _ = judges.judge_run([out, judges.TOP / "tests/fuzz/corpus" / self.name], judges.UNIT_SECONDS)
        out.unlink()
        return None if status == 0 else f"fuzz {self.name}" + (" (it hangs)" if status is None else "")


class Judge:
    def __init__(self, options):
        self.sim = judges.Simulator(options.seeds)
        self.programs, self.fuzz, self.right_objects, self.lock = {}, {}, {}, threading.Lock()
        self.explained = [(m.apply(judges.TOP), m.why) for m in mutation.read_list(EXPLAINED)]

    def program(self, name):
        return self.trusted(self.programs, name, judges.Program)

    def target(self, name):
        return self.trusted(self.fuzz, name, Fuzz)

    def trusted(self, known, name, make):
        """What finds something where nothing is wrong is no judge."""
        with self.lock:
            if name not in known:
                known[name] = make(name)
                with tempfile.TemporaryDirectory(prefix="mutate-") as directory:
                    found = known[name].find([], pathlib.Path(directory))
                if found is not None:
                    raise mutation.Wrong(f"fails without any mutation: {found}")
        return known[name]

    def compile(self, file, data, work, debug):
        copy = work / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)
        made = copy.with_suffix(".o")
        status, _ = judges.run([*judges.words("CC"), *flags(file), *([] if debug else ["-g0"]), "-c", "-o", str(made), str(copy)], 120)
        return made if status == 0 else None

    def code(self, file, data):
        """What the compiler makes of it: always at the same path, which may be in it."""
        with tempfile.TemporaryDirectory(prefix="code-") as directory:
            work = pathlib.Path(directory)
            made = self.compile(file, data, work, False)
            return None if made is None else made.read_bytes()

    def right(self, file, data):
        if file not in self.right_objects:
            self.right_objects[file] = hashlib.sha256(self.code(file, data) or b"").hexdigest()
        return self.right_objects[file]

    def judge(self, place):
        """(what has found it, or one of the words above; why)."""
        data = (judges.TOP / place.file).read_bytes()
        changed = place.apply(data)
        code = self.code(place.file, changed)
        if code is None:
            return BROKEN, ""
        if hashlib.sha256(code).hexdigest() == self.right(place.file, data):
            return EQUAL, "the same code"
        for texts, why in self.explained:
            if texts.get(place.file, "").encode() == changed:
                return EQUAL, why
        layer = place.file.split("/")[1]
        with tempfile.TemporaryDirectory(prefix="mutate-") as directory:
            work = pathlib.Path(directory)
            made = [self.compile(place.file, changed, work, True)]
            return self.found(place, layer, made, work)

    def found(self, place, layer, made, work):
        try:
            for name in tests_for(place.file):
                found = self.program(name).find(made, work)
                if found is not None:
                    return found, ""
            for name in FUZZ[layer].split():
                found = self.target(name).find(made, work)
                if found is not None:
                    return found, ""
            found = self.sim.find(made, work / "sim") if layer in ("core", "base") else None
            return (found, "") if found is not None else (SURVIVED, "")
        except mutation.Wrong as e:
            if "linked" not in str(e):
                raise
            return BROKEN, str(e)


def sources(layer):
    return sorted(p.relative_to(judges.TOP).as_posix() for p in (judges.TOP / "src" / layer).rglob("*.c"))


def drawn(options, layer):
    """The sample of a directory: the same for the same seed and the same source."""
    found = []
    for file in sources(layer):
        found += places.find(judges.TOP / file, file, [a for a in flags(file) if a.startswith(("-I", "-D", "-std"))])
    order = list(found)
    random.Random(f"{options.seed}:{layer}").shuffle(order)
    return order[:options.sample], len(found)


def commit():
    status, text = judges.run(["git", "-C", str(judges.TOP), "rev-parse", "HEAD"], 30)
    return text.strip() if status == 0 else "no-commit"


def show(place):
    old = (judges.TOP / place.file).read_bytes()[place.start:place.end].decode(errors="replace")
    return f"{place.file}:{place.line}: {place.function}: {place.kind}: {' '.join(old.split()) or 'nothing'} -> {' '.join(place.new.split()) or 'nothing'}"


def table(results):
    """Lines of it, and the share that was found of all that isn't equal."""
    print(f"{'':8}{'drawn':>8}{'equal':>8}{'found':>8}{'survived':>10}{'found of':>10}")
    for layer in DIRECTORIES:
        counted = collections.Counter()
        for key, (verdict, _) in results.items():
            if key.startswith(f"src/{layer}/") and verdict != BROKEN:
                counted[verdict if verdict in (EQUAL, SURVIVED) else "found"] += 1
        judged = counted["found"] + counted[SURVIVED]
        if sum(counted.values()):
            print(f"{layer:8}{sum(counted.values()):8}{counted[EQUAL]:8}{counted['found']:8}{counted[SURVIVED]:10}"
                  f"{100 * counted['found'] / judged if judged else 100:9.1f}%")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("directories", nargs="*", default=[], help="of src; all of them")
    p.add_argument("--sample", type=int, default=40, help="places in each")
    p.add_argument("--seed", default="", help="instead of the hash of the commit")
    p.add_argument("--seeds", type=int, default=2000, help="of the simulator, for each")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--minutes", type=float, default=0, help="stop after so many; 0: when all are judged")
    p.add_argument("--list", action="store_true", help="only say which are drawn")
    options = p.parse_args()
    options.seed = options.seed or commit()
    signal.signal(signal.SIGTERM, judges.interrupted)
    chosen, until = [], time.monotonic() + options.minutes * 60
    for layer in options.directories or DIRECTORIES:
        sample, there = drawn(options, layer)
        print(f"{layer}: {len(sample)} of {there} places, seed {options.seed}", flush=True)
        chosen += sample
    if options.list:
        print(*map(show, chosen), sep="\n")
        return
    judge, path = Judge(options), judges.BUILD / f"mutate-{options.seed}.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    left = [c for c in chosen if c.key() not in results]
    with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
        for place, answer in zip(left, pool.map(
                lambda c: judge.judge(c) if not options.minutes or time.monotonic() < until else None, left)):
            if answer is None:
                continue
            results[place.key()] = answer
            path.write_text(json.dumps(results, indent=0))
            if answer[0] == SURVIVED:
                print(f"SURVIVED {show(place)}", flush=True)
    mine = {c.key(): results[c.key()] for c in chosen if c.key() in results}
    print(f"{len(mine)} of {len(chosen)} judged")
    table(mine)


if __name__ == "__main__":
    main()
