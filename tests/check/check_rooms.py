#!/usr/bin/env python3
"""Calls go down: the core's rooms include and call only what is below them (rooms.table), no files of src go in a circle,
and nobody outside looks further into the core than its face, but for the tests of its parts that the table names."""
import pathlib
import re

import rooms
import source

STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
DEFINED = re.compile(r"^(?![^\n]*\bstatic\b)\w[^\n;{}()=]*\n(\w+)\(", re.M)
CALL = re.compile(r"(?<![\w.>])(\w+)\(")
# Whose functions a file can call, nearest first: as check_layers.py has it.
LINKED = {"base": ["base"], "core": ["core", "base"], "wire": ["wire", "core", "base"],
          "sys": ["sys", "wire", "core", "base"], "watch": ["watch", "base"]}


def layer(name):
    return name.split("/")[1]


class Tree:
    """Some sources, by name, and the arrows between the concepts that they hold."""

    def __init__(self, texts, table):
        self.texts = {n: source.without_comments(t) for n, t in texts.items()}
        self.rooms = table
        self.inside = [n for n in self.texts if n.startswith("src/")]
        self.arrows = {}        # (from, to): where, each a line
        self.room = {}          # of a concept of the core
        for name in self.inside:
            if name.startswith(rooms.CORE):
                self.room[self.concept(name)] = table.of(name)
        self.look_at_includes()
        self.look_at_calls()

    def concept(self, name):
        """X.c and X.h are one, unless they are in two rooms: then the header of the face is one of its own."""
        path = pathlib.PurePath(name)
        plain = str(path.with_suffix(""))[len("src/"):]
        if path.suffix == ".h" and self.rooms.of(name) == "face" and name.startswith(rooms.CORE):
            twin = name[:-1] + "c"
            if twin in self.texts and self.rooms.of(twin) != "face":
                return plain + ".h"
        return plain

    def arrow(self, name, other, where):
        pair = self.concept(name), self.concept(other)
        if pair[0] != pair[1]:
            self.arrows.setdefault(pair, []).append(f"{name}:{where}")

    def look_at_includes(self):
        for name in self.inside:
            for m in source.INCLUDE.finditer(self.texts[name]):
                if m[1] and "src/" + m[1] in self.texts:
                    line = self.texts[name].count("\n", 0, m.start()) + 1
                    self.arrow(name, "src/" + m[1], f'{line}: includes "{m[1]}"')

    def look_at_calls(self):
        defined, bare = {}, {n: STRING.sub('""', self.texts[n]) for n in self.inside if n.endswith(".c")}
        for name, text in bare.items():
            for m in DEFINED.finditer(text):
                defined.setdefault(layer(name), {})[m[1]] = name
        for name, text in bare.items():
            known = {}
            for directory in reversed(LINKED.get(layer(name), [])):
                known.update(defined.get(directory, {}))
            seen = {}
            for m in CALL.finditer(text):
                if known.get(m[1], name) != name and m[1] not in seen:
                    seen[m[1]] = text.count("\n", 0, m.start()) + 1
            for word, line in seen.items():
                self.arrow(name, known[word], f"{line}: calls {word}()")

    def circles(self):
        """The strongly connected components that are more than one file (Tarjan, without recursion)."""
        below = {}
        for a, b in self.arrows:
            below.setdefault(a, set()).add(b)
        index, low, stack, on, found = {}, {}, [], set(), []
        for root in sorted(below):
            work = [(root, None)] if root not in index else []
            while work:
                node, rest = work.pop()
                if rest is None:
                    index[node] = low[node] = len(index)
                    stack.append(node)
                    on.add(node)
                    rest = iter(sorted(below.get(node, ())))
                for other in rest:
                    if other not in index:
                        work += [(node, rest), (other, None)]
                        break
                    if other in on:
                        low[node] = min(low[node], index[other])
                else:
                    if low[node] == index[node]:
                        at = stack.index(node)
                        members, stack[at:] = set(stack[at:]), []
                        on -= members
                        if len(members) > 1:
                            found.append(members)
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[node])
        return found

    def forbidden(self):
        """Of what a room may not include."""
        for (a, b), where in sorted(self.arrows.items()):
            if self.room.get(a) and self.room.get(b) and not self.rooms.may_include(self.room[a], self.room[b]):
                yield f"{where[0]}: {self.room[a]} may not know {b}, of {self.room[b]}"

    def outside(self):
        """Who is not in the core, and includes more than the face, and what the table lets him."""
        seen = set()
        for name, text in self.texts.items():
            for own, _ in source.INCLUDE.findall(text):
                if own.startswith("core/") and not name.startswith(rooms.CORE) and self.rooms.of("src/" + own) != "face":
                    seen.add((name, own))
        for name, own in sorted(seen - self.rooms.outside):
            yield f'{name}: includes "{own}", which is not of the face'
        for name, own in sorted(self.rooms.outside - seen):
            yield f"{name} doesn't include {own}: {source.name(rooms.TABLE)} need not let it"


def problems_of(tree):
    yield from tree.rooms.problems(tree.inside)
    for circle in sorted(tree.circles(), key=len):
        yield f"a circle of {len(circle)}:"
        for (a, b), where in sorted(tree.arrows.items()):
            if {a, b} <= circle:
                yield f"\t{a} -> {b}: {where[0]}"
    yield from tree.forbidden()
    yield from tree.outside()


def blind(texts, table):
    """Sins planted into a copy, each with what has to be said of it: those that go unseen."""
    low, high = (next(n for n in sorted(texts) if n.startswith(rooms.CORE) and n.endswith(suffix) and table.of(n) == room)
                 for room, suffix in (("tools", ".c"), ("talk", ".h")))
    include = f'#include "{high[len("src/"):]}"\n'
    a, b = "core/tools/planted.h", "core/talk/planted.h"
    looker = sorted(name for name, _ in table.outside)[0]
    for what, planted, said in (
            ("a forbidden include", {low: include + texts[low]}, f"{low}:1: includes"),
            ("one in a directory", {f"src/{a}": f'#include "{b}"\n', f"src/{b}": ""}, f"src/{a}:1: includes"),
            ("a forbidden call", {"src/core/talk/planted.c": "void\nplanted_it(void)\n{\n}\n",
                                  low: texts[low] + "\nvoid\nplanted_too(void)\n{\n\tplanted_it();\n}\n"},
             "calls planted_it()"),
            ("a circle", {"src/base/planted_a.h": '#include "base/planted_b.h"\n',
                          "src/base/planted_b.h": '#include "base/planted_a.h"\n'}, "base/planted_a -> base/planted_b"),
            ("a look behind the face", {"src/sys/planted.c": include}, "src/sys/planted.c: includes"),
            ("another one of who may look", {looker: include + texts[looker]}, f"{looker}: includes"),
            ("a look that nobody takes", {looker: ""}, f"{looker} doesn't include"),
            ("a file in no room", {"src/core/planted.c": ""}, "src/core/planted.c: which room")):
        if not any(said in p for p in problems_of(Tree({**texts, **planted}, table))):
            yield f"{what} was planted and not seen"


def main():
    paths = [*source.files(".c", ".h", under=("src", "tests", "bench"))]
    texts = {source.name(p): p.read_text() for p in paths}
    table = rooms.Rooms()
    tree = Tree(texts, table)
    source.end([*problems_of(tree), *blind(texts, table)], len(tree.arrows) > 200)


if __name__ == "__main__":
    main()
