#!/usr/bin/env python3
"""make mutants: are known bugs found?  Each mutation of the lists beside this is made in a copy of its file, built and
judged: by the unit tests of what it is in, then (src/base and src/core) by the simulator.  Programs come from the
build tree; only what was changed is compiled, and linked before the library that has the right one."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import mutation

TOP = pathlib.Path(os.environ.get("srcdir", mutation.HERE.parents[1])).resolve()
BUILD = pathlib.Path(os.environ.get("builddir", ".")).resolve()
UNIT_SECONDS, SIM_SECONDS = 60, 900
MEMORY_KIB = 4 * 1024 * 1024
SANITIZED = "-fsanitize" in os.environ.get("CFLAGS", "")
VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=definite"]
UNDER = {"valgrind": VALGRIND} if not SANITIZED else {}

# Tests of files of src/sys, src/wire and src/watch that don't begin with the file's name.
TESTS = {
    "src/sys/conf.c": "conf(?!_bounds)",
    "src/sys/conf_places.c": "conf(?!_bounds)",
    "src/sys/conf_text.c": "conf(?!_bounds)",
    "src/sys/conf_values.c": "conf(?!_bounds)",
    "src/sys/crypto.c": "link(?!_fail)",
    "src/sys/daemon.c": "program(?!_fail) report",
    "src/sys/db.c": "store",
    "src/sys/link.c": "link(?!_fail)",
    "src/sys/link_in.c": "link(?!_fail)",
    "src/sys/link_info.c": "link(?!_fail)",
    "src/sys/liveness.c": "link(?!_fail) backoff",
    "src/sys/loop.c": "program(?!_fail)",
    "src/sys/main.c": "program(?!_fail)",
    "src/sys/notes.c": "store",
    "src/sys/notify.c": "program(?!_fail)",
    "src/sys/options.c": "conf(?!_bounds)",
    "src/sys/outqueue.c": "outqueue link(?!_fail)",
    "src/sys/owner.c": "store",
    "src/sys/problems.c": "conf(?!_bounds)",
    "src/sys/regfile.c": "store",
    "src/sys/reload.c": "program(?!_fail)",
    "src/sys/rows.c": "store",
    "src/sys/schema.c": "store",
    "src/sys/store_open.c": "store",
    "src/sys/tls.c": "conn",
    "src/watch/main.c": "watch_program",
    "src/watch/session.c": "watch_program",
    "src/wire/catalogue.c": "words log",
    "src/wire/course.c": "parse",
    "src/wire/decode_answer.c": "decode",
    "src/wire/decode_part.c": "decode",
    "src/wire/decode_privilege.c": "decode",
    "src/wire/decode_request.c": "decode",
    "src/wire/encode_answer.c": "encode",
    "src/wire/encode_command.c": "encode",
    "src/wire/encode_frame.c": "encode",
    "src/wire/encode_item.c": "encode",
    "src/wire/reader.c": "parse plain",
    "src/wire/scan.c": "parse",
    "src/wire/xml.c": "parse decode",
}
# Programs that a test starts: they are changed, not the test.
STARTED = {
    "test_program": "tests/unit/failing_polypresence",
    "test_program_moved": "tests/unit/failing_polypresence",
    "test_program_reload": "tests/unit/failing_polypresence",
    "test_watch_program": "polypresence-watch",
}


def words(name):
    return shlex.split(os.environ.get(name, ""))


def names(programs):
    return [pathlib.Path(p).name for p in words(programs)]


RUNNING, WORK = set(), []


def run(command, seconds, **env):
    """(exit status or None after SECONDS, output)."""
    p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=BUILD,
                         env={**os.environ, **env})
    RUNNING.add(p)
    try:
        text, _ = p.communicate(timeout=seconds)
        status = p.returncode
    except subprocess.TimeoutExpired:
        p.kill()
        text, _ = p.communicate()
        status = None
    RUNNING.discard(p)
    return status, text.decode(errors="replace")


def interrupted(_signal, _frame):
    """Nothing that was started goes on."""
    for p in list(RUNNING):
        p.kill()
    for directory in WORK:
        shutil.rmtree(directory, ignore_errors=True)
    os._exit(1)


def judge_run(command, seconds, **env):
    """The same for what may have gone mad."""
    if SANITIZED:
        return run(command, seconds, **env)
    return run(["sh", "-c", f'ulimit -v {MEMORY_KIB}; exec "$@"', "sh", *map(str, command)], seconds, **env)


def link(name, objects, libraries, out):
    status, text = run([*words("CC"), *words("CFLAGS"), *words("LDFLAGS"), *words(f"LDFLAGS_{name}"), "-o", str(out), *map(str, objects),
                        *libraries], 120)
    if status != 0:
        raise mutation.Wrong(f"it can't be linked: {text.strip()}")


class Started:
    """A program of the build tree that a test starts."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.name = self.path.name.replace("-", "_")
        self.objects = [BUILD / o for o in words(f"OBJECTS_{self.name}")]
        self.libraries = words(f"LIBS_{self.name}")

    def make(self, made, work):
        """The program with the objects MADE, at its place under WORK."""
        # Its own objects have the names of their sources, behind the program's own name or alone.
        changed = {o.relative_to(work) for o in made}
        own = [o for o in self.objects if o.relative_to(BUILD).with_name(o.name.split("-")[-1]) not in changed]
        (work / self.path).parent.mkdir(parents=True, exist_ok=True)
        link(self.name, [*own, *made], self.libraries, work / self.path)


class Program:
    """A program of the build tree that judges."""

    def __init__(self, name):
        self.name = name
        directory = BUILD / "tests/unit"
        self.objects = sorted(directory.glob(f"{name}-*.o"))
        which = next((w for w in ("WIRE", "SYS", "WATCH") if f"tests/unit/{name}" in words(f"{w}_TESTS")), "CORE")
        self.libraries = words(f"{which}_LIBS")
        self.starts = Started(STARTED[name]) if name in STARTED else None
        if not self.objects or not self.libraries:
            raise mutation.Wrong(f"{name} was not built (is cmocka missing?)")

    def find(self, made, work, under=""):
        """What fails with the objects MADE, in WORK, in place of the right ones; None: nothing."""
        out, env = work / self.name, {}
        if self.starts is not None:
            self.starts.make(made, work)
            env["builddir"] = str(work)
        link(self.name, [*self.objects, *(made if self.starts is None else ())], self.libraries, out)
        status, text = judge_run([*UNDER.get(under, ()), out], UNIT_SECONDS, **env)
        out.unlink()
        if status == 0:
            return None
        failed = re.search(r"^\[  FAILED  \] (?:\S+: )?([a-z]\w+)", text, re.M)
        last = re.findall(r"^\[ RUN      \] (\w+)", text, re.M)
        name = failed[1] if failed else last[-1] if last else "?"
        return f"{self.name}: {name}" + (" (it hangs)" if status is None else f" ({under})" if under else "")


class Simulator:
    def __init__(self, seeds):
        self.seeds = seeds
        self.objects = sorted((BUILD / "tests/sim").glob("*.o"))
        self.libraries = words("SIM_LIBS")

    def right(self, seed):
        return run([BUILD / "tests/sim/sim", "--seed", str(seed)], SIM_SECONDS)[0] == 0

    def find(self, made, out):
        first, end = 1, self.seeds + 1
        link("sim", [*self.objects, *made], self.libraries, out)
        while first < end:
            status, text = judge_run([out, "--seeds", f"{first}:{end}"], SIM_SECONDS)
            if status == 0:
                return None
            failed = re.search(r"^seed (\d+) failed: (.*)", text, re.M)
            if failed is None:
                return "sim: " + ("it hangs" if status is None else f"it dies of signal {abs(status)}")
            seed = int(failed[1])
            # A seed that fails without the mutation as well says nothing of it.
            if self.right(seed):
                return f"sim: seed {seed}: {failed[2]}"
            first = seed + 1
        return None


def is_for_sim(m):
    return any(f.startswith(("src/core/", "src/base/")) for f in m.files())


def tests_about(file, all_tests):
    """Those that judge a FILE of wire, sys or watch."""
    usual = "watch" if file.startswith("src/watch/") else pathlib.Path(file).stem
    about = "|".join(TESTS.get(file, usual).split())
    return [t for t in all_tests if re.match(rf"test_({about})(_|$)", t)]


def tests_of(m):
    tests = list(m.tests)
    for file in m.files() if not tests else ():
        if file.startswith("src/core/"):
            tests += names("CORE_TESTS")
        elif file.startswith("src/base/"):
            tests += names("BASE_TESTS") + names("CORE_TESTS")
        else:
            tests += tests_about(file, names("WIRE_TESTS") + names("SYS_TESTS") + names("WATCH_TESTS"))
    if not tests:
        raise mutation.Wrong(f"{m.place}: {m.name}: no unit test is about {', '.join(m.files())}")
    # Those first that are most likely to find it, and those last that take long.
    stems = {pathlib.Path(f).stem.split("_")[0] for f in m.files()}
    return sorted(dict.fromkeys(tests), key=lambda t: (not any(s in t for s in stems), t.endswith(("_memory", "_crowd", "_fail"))))


def compile_one(m, work):
    """The objects of what M changes, made in WORK."""
    made = []
    for file, text in m.apply(TOP).items():
        copy = work / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text)
        made.append(copy.with_suffix(".o"))
        gnu = ["-D_GNU_SOURCE"] if file.startswith("src/watch/") else []
        # What is made when it is built is there, and not beside the copy.
        status, said = run([*words("CC"), *words("CPPFLAGS"), f"-I{BUILD / 'src'}", *gnu, *words("CFLAGS"), "-std=gnu11", "-w", "-c", "-o",
                            str(made[-1]), str(copy)], 120)
        if status != 0:
            raise mutation.Wrong(f"{m.place}: {m.name}: it does not compile:\n{said}")
    return made


class Judge:
    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.sim = Simulator(options.seeds)
        self.programs = {}

    def prepare(self, mutations):
        for m in mutations if not self.options.sim_only else ():
            if m.under in UNDER and shutil.which(m.under) is None:
                raise mutation.Wrong(f"{m.place}: {m.name}: {m.under} is not installed")
            for name in tests_of(m):
                self.programs.setdefault(name, Program(name))

    def judge(self, m):
        """(unit test or None, sim or None, seconds)"""
        unit = sim = None
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mutant-", dir=self.work) as directory:
            work = pathlib.Path(directory)
            try:
                made = compile_one(m, work)
            except mutation.Wrong as e:
                return None, f"BROKEN: {e}", 0
            for name in tests_of(m) if not self.options.sim_only else ():
                unit = self.programs[name].find(made, work, m.under)
                if unit is not None:
                    break
            if is_for_sim(m) and not self.options.unit_only and (unit is None or self.options.both):
                sim = self.sim.find(made, work / "sim")
        return unit, sim, time.monotonic() - began

    def right(self):
        """Nothing is found where nothing is wrong."""
        for program in self.programs.values():
            found = program.find([], self.work)
            if found is not None:
                raise mutation.Wrong(f"fails without any mutation: {found}")


def chosen(options):
    found = mutation.read_all()
    wanted = [m for m in found if not options.names or any(re.fullmatch(n, m.name) for n in options.names)]
    if options.sim_only:
        wanted = [m for m in wanted if is_for_sim(m)]
    if not wanted:
        raise mutation.Wrong("there is no such mutation")
    return wanted


def told(m, unit, sim, options):
    if options.both and is_for_sim(m):
        return f"{unit or 'no unit test'}; {sim or 'not the simulator'}"
    if unit or sim:
        return unit or sim
    return "survived, as explained" if m.survives else "SURVIVED"


def score(results, options):
    """Print the last lines; true if all is as it should be."""
    n = len(results)
    units = [m for m, unit, _ in results if unit]
    sims = [m for m, _, sim in results if sim and sim.startswith("sim")]
    found = [m for m, unit, sim in results if unit or sim]
    left = [m for m, unit, sim in results if not unit and not sim]
    explained = [m for m in left if m.survives]
    wrongly = [m for m in found if m.survives]
    if options.sim_only or options.both:
        judged = [m for m, _, _ in results if is_for_sim(m)]
        print(f"the simulator alone finds {len(sims)} of {len(judged)} in {options.seeds} seeds "
              f"({100 * len(sims) // max(1, len(judged))} %)")
    if options.both:
        print("not found by it: " + " ".join(m.name for m, _, sim in results if is_for_sim(m) and not sim))
    if not options.sim_only:
        print(f"{n} mutations: {len(units)} found by unit tests, {len(found) - len(units)} by the simulator only, "
              f"{len(explained)} explained, {len(left) - len(explained)} survived; "
              f"score {100 * (n - len(left)) // max(1, n - len(explained))} %")
    for m in wrongly:
        print(f"{m.place}: {m.name} is found; it needs no explanation")
    return options.sim_only or options.unit_only or (len(left) == len(explained) and not wrongly)


def judge_all(mutations, options, work):
    judge = Judge(options, work)
    judge.prepare(mutations)
    judge.right()
    results, broken, began = [], False, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
        for m, (unit, sim, seconds) in zip(mutations, pool.map(judge.judge, mutations)):
            print(f"{m.name:46} {seconds:5.1f} s  {told(m, unit, sim, options)}", flush=True)
            broken = broken or (sim or "").startswith("BROKEN")
            results.append((m, unit, sim))
    print(f"{time.monotonic() - began:.0f} s")
    return score(results, options) and not broken


def options_of(args):
    p = argparse.ArgumentParser(prog="make mutants MUTANTS=", description=__doc__)
    p.add_argument("names", nargs="*", help="these mutations only (regular expressions)")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--seeds", type=int, default=10000, help="of the simulator, for each")
    p.add_argument("--unit-only", action="store_true", help="not the simulator")
    p.add_argument("--sim-only", action="store_true", help="not the unit tests")
    p.add_argument("--both", action="store_true", help="the simulator also where a unit test has found it")
    p.add_argument("--list", action="store_true", help="only say which there are, and why they are bugs")
    return p.parse_args(args)


def main():
    options = options_of(sys.argv[1:])
    for s in (signal.SIGINT, signal.SIGTERM):
        signal.signal(s, interrupted)
    try:
        mutations = chosen(options)
        if options.list:
            for m in mutations:
                print(f"{m.name} ({', '.join(m.files())}; breaks {', '.join(map(str, m.always))})\n    {m.why}")
            return
        for m in mutations:
            m.apply(TOP)
        with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
            WORK.append(directory)
            well = judge_all(mutations, options, pathlib.Path(directory))
        sys.exit(0 if well else 1)
    except mutation.Wrong as e:
        sys.exit(str(e))


if __name__ == "__main__":
    main()
