#!/usr/bin/python3
"""Run a program under the system call filter of the systemd unit, without systemd.

    sandbox.py PROGRAM [ARGUMENT ...]

SystemCallFilter, SystemCallArchitectures, RestrictAddressFamilies and MemoryDenyWriteExecute of
etc/polypresence.service.in are applied with seccomp; systemd-analyze says what the groups (@system-service) stand
for.  What the unit answers with an error ends the program here (SIGSYS), so that nothing goes wrong unseen.
"""
import errno, mmap, os, pathlib, re, shutil, socket, subprocess, sys

UNIT = pathlib.Path(__file__).resolve().parents[2] / "etc/polypresence.service.in"


def missing():
    """Why this can't be done here, or None."""
    try:
        import seccomp      # noqa: F401
    except ImportError:
        return "needs python3-seccomp"
    return None if shutil.which("systemd-analyze") else "needs systemd-analyze, for the groups of system calls"


def directives(name):
    """The values of all lines NAME= of the unit, in order."""
    return [m[1].strip() for m in re.finditer(rf"^{name}=(.*)$", UNIT.read_text(), re.M)]


def groups():
    """What each @group of systemd holds: names of system calls and of groups."""
    out, group = {}, None
    listing = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        word = line.strip()
        if line.startswith("@"):
            group = out.setdefault(word, set())
        elif line.startswith(" ") and word and not word.startswith("#"):
            group.add(word)
    return out


def expand(words, known):
    out = set()
    for word in words:
        out |= expand(known[word], known) if word.startswith("@") else {word}
    return out


def allowed():
    """The system calls that SystemCallFilter= leaves: an allow-list, from which later lines with ~ take."""
    known = groups()
    calls = expand(["@default"], known)
    for line in directives("SystemCallFilter"):
        if line.startswith("~"):
            calls -= expand(line[1:].split(), known) - expand(["@default"], known)
        else:
            calls |= expand(line.split(), known)
    return calls


def load():
    """Apply it to this process, for good."""
    import seccomp as s
    f = s.SyscallFilter(s.KILL_PROCESS)
    families = {getattr(socket, name) for name in directives("RestrictAddressFamilies")[-1].split()}
    guarded = {"socket", "mmap", "mprotect"} if directives("MemoryDenyWriteExecute") == ["yes"] else {"socket"}
    calls = allowed() - guarded
    if os.geteuid() == 0:
        calls.add("fchown")                     # SQLite gives its files the owner of the database; the unit's user isn't root
    for call in calls:
        try:
            f.add_rule(s.ALLOW, call)
        except RuntimeError:                    # of another architecture
            continue
    for family in families:
        f.add_rule(s.ALLOW, "socket", s.Arg(0, s.EQ, family))
    if "mmap" in guarded:
        both = mmap.PROT_WRITE | mmap.PROT_EXEC
        for prot in (0, mmap.PROT_WRITE, mmap.PROT_EXEC):
            f.add_rule(s.ALLOW, "mmap", s.Arg(2, s.MASKED_EQ, both, prot))
        f.add_rule(s.ALLOW, "mprotect", s.Arg(2, s.MASKED_EQ, mmap.PROT_EXEC, 0))
    f.load()


if __name__ == "__main__":
    if len(sys.argv) < 2 or missing():
        sys.exit(missing() or __doc__)
    load()
    try:
        os.execv(sys.argv[1], sys.argv[1:])
    except OSError as e:
        sys.exit(f"{sys.argv[1]}: {errno.errorcode[e.errno]}")
