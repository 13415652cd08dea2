"""Mutations: known bugs, each written as text of the source and what takes its place (see presence.list)."""
import dataclasses
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
INVARIANTS = range(1, 20)  # of doc/threats.md, "What is always true"


class Wrong(Exception):
    """The list is wrong: an entry that can't be read, or doesn't fit the source any more."""


@dataclasses.dataclass
class Mutation:
    name: str
    place: str
    always: tuple = ()  # the invariants that it breaks
    why: str = ""
    survives: str = ""  # why nothing can find it; "": something has to
    tests: tuple = ()  # unit tests that judge it; (): by its file
    under: str = ""  # what they are run under
    hunks: list = dataclasses.field(default_factory=list)  # [file, text, what takes its place]

    def files(self):
        return list(dict.fromkeys(file for file, _, _ in self.hunks))

    def apply(self, top):
        """{file: its text, changed}; Wrong if some text isn't there exactly once."""
        texts = {}
        for file, old, new in self.hunks:
            if not (top / file).is_file():
                raise Wrong(f"{self.place}: {self.name}: there is no {file}")
            text = texts.get(file) or (top / file).read_text()
            if text.count(old) != 1:
                raise Wrong(f"{self.place}: {self.name}: {file} has this {text.count(old)} times, not once:\n{old}")
            texts[file] = text.replace(old, new)
        return texts


def _finish(m):
    if not m.why or not m.hunks:
        raise Wrong(f"{m.place}: {m.name}: no reason, or no change")
    for hunk in m.hunks:
        hunk[1:] = ["\n".join(lines) for lines in hunk[1:]]
        if not hunk[1] or hunk[1] == hunk[2]:
            raise Wrong(f"{m.place}: {m.name}: it changes nothing")


def _word(m, word, rest, file):
    """Take in a line `word rest'; the file of the hunks that follow."""
    if word == "always":
        m.always = tuple(int(n) for n in rest.split())
        if not m.always or any(n not in INVARIANTS for n in m.always):
            raise Wrong(f"{m.place}: {m.name}: no such invariant: {rest}")
    elif word == "tests":
        m.tests = tuple(rest.split())
    elif word == "under":
        m.under = rest
    elif word == "file":
        return rest
    elif word in ("why", "survives"):
        setattr(m, word, rest)
    else:
        raise Wrong(f"{m.place}: {m.name}: what is `{word}'?")
    return file


def _hunk_line(m, sign, text, file):
    if not m.hunks or (sign == "-" and m.hunks[-1][2]) or m.hunks[-1][0] != file:
        if sign == "+" or not file:
            raise Wrong(f"{m.place}: {m.name}: a change of nothing")
        m.hunks.append([file, [], []])
    m.hunks[-1][1 if sign == "-" else 2].append(text)


def read_list(path):
    """The mutations of one list, in order."""
    found, m, word, file = [], None, "", ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        place = f"{path.name}:{number}"
        if not line or line[0] == "#":
            continue
        if line.startswith("mutation "):
            m = Mutation(line.split(" ", 1)[1], place)
            found.append(m)
            word = file = ""
        elif m is None:
            raise Wrong(f"{place}: this belongs to no mutation")
        elif line[0] in "-+":
            if line[1:2] not in ("", " "):
                raise Wrong(f"{place}: a blank belongs behind the {line[0]}")
            _hunk_line(m, line[0], line[2:], file)
        elif line[0] == " ":
            if word not in ("why", "survives"):
                raise Wrong(f"{place}: what does this go on with?")
            setattr(m, word, f"{getattr(m, word)} {line.strip()}")
        else:
            word, _, rest = line.partition(" ")
            file = _word(m, word, rest, file)
    for m in found:
        _finish(m)
    return found


def read_all():
    """All mutations of all lists; Wrong also when two have the same name."""
    found = [m for path in sorted(HERE.glob("*.list")) for m in read_list(path)]
    names = set()
    for m in found:
        if m.name in names or not re.fullmatch(r"[a-z0-9-]+", m.name):
            raise Wrong(f"{m.place}: {m.name}: there is another one of this name, or it is none")
        names.add(m.name)
    return found
