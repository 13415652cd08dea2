"""Looking at the fields of the core's structs by the compiler: headers with some of them marked, and what it says of a
source that is compiled against those."""
import functools
import os
import re
import shlex
import subprocess

import source

STRUCT = re.compile(r"^struct (\w+) \{\n(.*?)^\}", re.S | re.M)
DECLARATOR = re.compile(r"^\s*((?:\*\s*)*)(\w+)\s*((?:\[[^\]]*\])*)\s*(:\s*\d+)?$")
SAID = re.compile(r"^([^\n:]+):(\d+):(\d+): (?:fatal )?(error|warning): (.*)$", re.M)
USE = re.compile(r"'(\w+)' is deprecated: struct (\w+)")
GCC, CLANG = "-fmax-errors=0", "-ferror-limit=0"  # as many errors as there are


def pieces(text, separator):
    """The parts of TEXT between separators that are not within braces, brackets or parentheses."""
    depth, start = 0, 0
    for at, c in enumerate(text):
        depth += (c in "{[(") - (c in "}])")
        if c == separator and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


class Fields:
    """
    The fields of the structs of a header, and the header with some of them marked: `const', and deprecated, so that the
    compiler complains of each use and tells the struct.
    """

    def __init__(self, text):
        self.text = source.without_comments(text)
        self.there = {}     # struct: its fields
        self.marked = lambda struct, field: False
        self.known = lambda struct: False   # is this one whose fields are marked by themselves?
        self.written()                      # to learn what there is

    def written(self):
        self.there = {}
        return STRUCT.sub(lambda m: f"struct {m[1]} {{\n{self.body(m[1], m[2])}}}", self.text)

    def body(self, struct, text):
        return ";".join([*(self.declaration(struct, d) for d in [*pieces(text, ";")][:-1]), [*pieces(text, ";")][-1]])

    def declaration(self, struct, text):
        lead, rest = re.match(r"(\s*)(.*)", text, re.S).groups()
        first, *others = pieces(rest, ",")
        if "{" in rest:
            head, inner, last = re.match(r"(\w+ ?\w*) ?\{(.*)\}(.*)", first, re.S).groups()
            if head.startswith("enum"):
                base = f"{head} {{{inner}}}"
            else:
                base = f"{head} {{{self.body((head.split() + [struct])[1], inner)}}}"
        else:
            base, last = re.match(r"(.*?)((?:\*\s*)*\w+\s*(?:\[[^\]]*\])*\s*(?::\s*\d+)?)$", first, re.S).groups()
        base = base.strip()
        made = []
        if not last.strip():
            return lead + base  # an anonymous struct or union: its fields are this one's
        for declarator in (last, *others):
            stars, field, array, bits = DECLARATOR.match(declarator.strip()).groups()
            self.there.setdefault(struct, []).append(field)
            part = re.match(r"struct (\w+)", base)
            if part and not stars and self.known(part[1]):
                const, mine = False, part[1]  # its own fields are what is marked
            else:
                const, mine = self.marked(struct, field), struct
            mark = f' __attribute__((deprecated("struct {mine}")))' if const or mine != struct else ""
            made.append(f"{'const ' if const and not stars else ''}{base} {stars}{'const ' if const and stars else ''}"
                        f"{field}{array}{bits or ''}{mark}")
            base = re.sub(r" ?\{.*\}", "", base, flags=re.S)
        return lead + "; ".join(made)


@functools.lru_cache
def compiler():
    command = shlex.split(os.environ.get("CC") or "cc")
    version = subprocess.run([*command, "--version"], stdout=subprocess.PIPE, text=True).stdout
    return [*command, "-std=gnu11", "-fsyntax-only", CLANG if "clang" in version else GCC]


def write(directory, headers):
    """Marked headers, {name: Fields}, into a directory that is looked into before src."""
    for name, fields in headers.items():
        path = directory / name[len("src/"):]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fields.written())


def compiled(path, headers):
    """
    What the compiler says of a source, with the headers of a directory: of each use of a marked field in it (line, field,
    struct), and of everything else (file, line, column, error or warning, text, how many of those uses were before); all of it,
    if it failed for a reason that isn't among them.
    """
    flags = [f"-I{directory}" for directory in (headers, source.SRC, source.BUILD)]
    run = subprocess.run([*compiler(), *flags, str(path)], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         env={**os.environ, "LC_ALL": "C"})
    uses, said = [], []
    for where, line, column, kind, what in SAID.findall(run.stdout):
        use = USE.match(what)
        if use and where == str(path):
            uses.append((int(line), *use.groups()))
        elif not use:
            said.append((where, int(line), int(column), kind, what, len(uses)))
    failed = run.returncode != 0 and not any(s[3] == "error" for s in said)
    return uses, said, run.stdout if failed else None
