#!/usr/bin/env python3
"""
Each fact has one writer: the room that owns it (writers.table).  For each room the core's headers are copied with every
field of other rooms `const', and its sources compiled against them: what the compiler then refuses is a write into what is
somebody else's.
"""
import pathlib
import re
import tempfile

import fields
import rooms
import source

TABLE = rooms.HERE / "writers.table"

# gcc's words and clang's.
WRITE = re.compile(r"(?:assignment|increment|decrement) of (?:read-only|member)|cannot assign to ")
LENT = re.compile(r".* discards ('const' )?qualifier")
LENT_HERE = re.compile(r"[&(]*\w*(?:(?:->|\.)(\w+)|\[[^\]]*\])*")
NAMED = re.compile(r"(\w+)(?:\[[^']*\])?'")


class Owners:
    """Which room owns which field."""

    def __init__(self, table, headers):
        """HEADERS: {name: Fields}, of the core but for the face."""
        self.rooms, self.owners, self.home, self.problems = table, {}, {}, []
        there = {}
        for name, header in headers.items():
            there.update(header.there)
            self.home.update({s: name for s in header.there})
        for number, columns in rooms.rows(TABLE):
            struct, owners, names = (columns + [""])[:3]
            for field in names.split():
                if (struct, field) in self.owners:
                    self.problems.append(f"{source.name(TABLE)}:{number}: {struct}.{field} is there twice")
                if struct not in there or field not in there[struct] + ["*"]:
                    self.problems.append(f"{source.name(TABLE)}:{number}: there is no {struct}.{field}")
                self.owners[struct, field] = owners.split()
            for room in owners.split():
                if room not in table.below and room != "any":
                    self.problems.append(f"{source.name(TABLE)}:{number}: {room} is no room")
        for struct, names in there.items():
            for field in names:
                if self.of(struct, field) is None:
                    self.problems.append(f"{self.home[struct]}: who writes {struct}.{field}?  {source.name(TABLE)} doesn't say")

    def of(self, struct, field):
        """Rooms; None: nobody has said.  What is in another header than state.h and its parts is of the header's room."""
        owner = self.owners.get((struct, field)) or self.owners.get((struct, "*"))
        if owner is None and not pathlib.PurePath(self.home[struct]).stem.startswith("state"):
            return [self.rooms.of(self.home[struct])]
        return owner

    def foreign(self, room):
        def asked(struct, field):
            owner = self.of(struct, field) or ["any"]
            return room not in owner and "any" not in owner
        return asked


def compiled(path, name, headers):
    """
    The foreign writes in a source that is compiled with the headers of a directory, as {(word, struct): descriptions}, and
    what went wrong.
    """
    uses, said, failed = fields.compiled(path, headers)
    found, wrong, lines = {}, [f"{name}: {failed}"] if failed else [], path.read_text().splitlines()
    for where, line, column, kind, what, before in said:
        word = "writes" if WRITE.match(what) else "lends" if LENT.match(what) else None
        if where != str(path):
            wrong += [f"{where}:{line}: {what}"] if word or kind == "error" else []
            continue
        struct = blamed(uses, before, line, written(word, what, lines[line - 1], column)) if word else None
        if struct:
            found.setdefault((word, struct), []).append(f"{name}:{line}: {what}")
        elif word or kind == "error":
            wrong.append(f"{name}:{line}: {what}{', but of which struct?' if word else ''}")
    return found, wrong


def written(word, what, line, column):
    """The field that is written, as far as that is said: by name, or by where the argument begins; None: part of a field."""
    if word == "lends":
        if fields.compiler()[-1] == fields.GCC:
            line = line.expandtabs(8)
        named = LENT_HERE.match(line, column - 1)
    else:
        named = None if "read-only object" in what else NAMED.search(what)
    return named and named[1]


def blamed(uses, before, line, field):
    """
    The struct whose field it is.  The compiler, which doesn't tell, complains of each use of a foreign field: it is the first
    of that name in the line; or the latest one before, since gcc gives the line in which a statement begins.
    """
    named = [u for u in uses if u[1] == field]
    here = [u for u in named or uses if u[0] == line]
    earlier = [u for u in uses[:before] if u[1] == field]
    return here[0][2] if here else earlier[-1][2] if earlier else None


class House:
    """The core's headers, once for each room, in a temporary directory."""

    def __init__(self, directory, table, headers):
        self.directory, self.rooms = pathlib.Path(directory), table
        self.headers = {name: fields.Fields(text) for name, text in headers.items() if table.of(name) != "face"}
        self.owners = Owners(table, self.headers)
        for room in table.below:
            for header in self.headers.values():
                header.marked, header.known = self.owners.foreign(room), self.owners.home.__contains__
            fields.write(self.directory / room, self.headers)

    def look_at(self, name, text=None, room=None):
        """At a source of the core; or TEXT in its place."""
        path = source.TOP / name
        if text is not None:
            path = self.directory / pathlib.PurePath(name).name
            path.write_text(text)
        return compiled(path, name, self.directory / (room or self.rooms.of(name)))

    def look_at_all(self, names):
        """{(word, file, struct): descriptions}, and what went wrong."""
        found, wrong = {}, list(self.owners.problems)
        for name in names:
            if self.rooms.of(name) is None:
                wrong.append(f"{name}: which room is it in?")
                continue
            writes, problems = self.look_at(name)
            wrong += problems
            found.update({(word, name, struct): what for (word, struct), what in writes.items()})
        return found, wrong


# A struct of the tools, and what may be done to it there, and not in talk; so many writes are in a line.
PLANTED = {"src/core/tools/planted.h": """
#include "base/ring.h"
struct planted_part {
	int x;
};
struct planted {
	int plain, *pointer, many[2];
	bool flag : 1;
	enum { PLANTED } kind;
	struct ring ring;
	struct planted_in { int x; } in[2], *next;
	struct planted_part part;
	union {
		int one, two;
	};
	char name[];
};
"""}
SINS = """
#include <string.h>
#include "core/tools/planted.h"
int planted(struct planted *p, const struct planted *q);
int planted(struct planted *p, const struct planted *q)
{
	struct planted_part mine = { .x = q->plain }; /* 0 */
	p->plain = p->many[0] = 1; /* 1: of the two the compiler tells the inner one alone */
	p->plain++, --p->plain, p->plain += q->plain; /* 3 */
	p->many[q->plain] = 1; /* 1 */
	p->flag = true; /* 1 */
	p->pointer = NULL; /* 1 */
	*p->pointer = 1; /* 0 */
	p->kind = PLANTED; /* 1 */
	p->ring.next = NULL; /* 1 */
	p->in[1].x = 1; /* 1 */
	p->next = NULL; /* 1 */
	p->part.x = mine.x; /* 1 */
	p->part = mine; /* 1 */
	p->two = 1; /* 1 */
	memset(&p->ring, 0, sizeof(p->ring)); /* 1 */
	memcpy(p->name, q->name, 1); /* 1 */
	return p->plain + p->many[1]; /* 0 */
}
"""


def blind(table, headers, names):
    """What is planted and not seen."""
    with tempfile.TemporaryDirectory() as directory:
        house = House(directory, table, {**headers, **PLANTED})
        for room, guilty in (("talk", True), ("tools", False)):
            found, wrong = house.look_at("planted.c", SINS, room)
            yield from wrong
            said = [d for what in found.values() for d in what]
            for number, line in enumerate(SINS.splitlines(), 1):
                expected = re.search(r"/\* (\d)", line)
                seen = sum(d.startswith(f"planted.c:{number}:") for d in said)
                if expected and seen != int(expected[1]) * guilty:
                    yield f"{seen} foreign writes seen in {room}: {line.strip()}"
        # The same in a source that there is, into a struct that there is.
        name, header, struct, field = next(
            (n, h, s, f) for n in names for h, found in house.headers.items() if h in headers
            for s, body in fields.STRUCT.findall(found.text) for f in re.findall(r"^\tbool (\w+);", body, re.M)
            if house.owners.foreign(table.of(n))(s, f))
        text = (source.TOP / name).read_text() + (f'\n#include "{header[len("src/"):]}"\nvoid planted(struct {struct} *x);\n'
                                                  f"void\nplanted(struct {struct} *x)\n{{\n\tx->{field} = true;\n}}\n")
        found, wrong = house.look_at(name, text)
        yield from wrong
        if not any(field in d for what in found.values() for d in what):
            yield f"a write into {struct}.{field} was planted into {name} and not seen"


def main():
    table = rooms.Rooms()
    headers = {source.name(p): p.read_text() for p in source.files(".h", under=("src/core",))}
    names = [source.name(p) for p in source.files(".c", under=("src/core",))]
    with tempfile.TemporaryDirectory() as directory:
        found, problems = House(directory, table, headers).look_at_all(names)
    for (word, name, struct), what in sorted(found.items()):
        problems.append(f"{name} {word} to fields of struct {struct} that another room owns ({source.name(TABLE)}):")
        problems += (f"\t{d}" for d in what)
    source.end([*problems, *blind(table, headers, names)], len(names) > 20)


if __name__ == "__main__":
    main()
