"""Every place of a C source where something small can be put in the place of what is there, found by libclang."""
import dataclasses
import re

from clang import cindex
from clang.cindex import CursorKind as K
from clang.cindex import TypeKind

SWAPS = {"&&": "||", "||": "&&", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+"}
STEPS = {"++": "--", "--": "++"}
NUMBER = re.compile(r"(?:0|[1-9][0-9]*)[uUlL]*$")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
LOOPS = (K.FOR_STMT, K.WHILE_STMT, K.DO_STMT)
BODIES = (K.COMPOUND_STMT, K.IF_STMT, K.CASE_STMT, K.DEFAULT_STMT, *LOOPS)
ASSIGNS = (K.CALL_EXPR, K.COMPOUND_ASSIGNMENT_OPERATOR, K.UNARY_OPERATOR, K.BINARY_OPERATOR)
POINTERS = (TypeKind.POINTER,)
INTEGERS = (TypeKind.INT, TypeKind.UINT, TypeKind.LONG, TypeKind.ULONG, TypeKind.SHORT, TypeKind.USHORT, TypeKind.ENUM,
            TypeKind.LONGLONG, TypeKind.ULONGLONG, TypeKind.UCHAR, TypeKind.SCHAR, TypeKind.CHAR_S)


@dataclasses.dataclass(frozen=True, order=True)
class Place:
    file: str
    start: int          # in bytes
    end: int
    kind: str
    new: str
    function: str
    line: int

    def key(self):
        return f"{self.file}:{self.start}:{self.end}:{self.kind}:{self.new}"

    def apply(self, data):
        return data[:self.start] + self.new.encode() + data[self.end:]


class Source:
    """One source, as the compiler reads it with these arguments."""

    def __init__(self, path, name, arguments):
        self.name, self.data, self.found, self.function = name, path.read_bytes(), set(), ""
        unit = cindex.Index.create().parse(str(path), arguments)
        errors = [d.spelling for d in unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
        if errors:
            raise SystemExit(f"{name}: libclang: {errors[0]}")
        # What a macro writes is not here.
        for cursor in unit.cursor.get_children():
            if cursor.kind == K.FUNCTION_DECL and cursor.is_definition() and cursor.location.file and \
                    cursor.location.file.name == str(path):
                self.function = cursor.spelling
                self.walk(cursor, None)

    def span(self, cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def text(self, start, end):
        return self.data[start:end].decode(errors="replace")

    def put(self, kind, start, end, new):
        if self.text(start, end) != new:
            self.found.add(Place(self.name, start, end, kind, new, self.function, self.data.count(b"\n", 0, start) + 1))

    def is_here(self, cursor):
        """Is all of it written here?  Of what comes from a macro, the tokens are others."""
        start, end = self.span(cursor)
        if not 0 <= start < end <= len(self.data):
            return False
        tokens = next(iter(cursor.get_tokens()), None)
        return tokens is not None and self.data[start:end].startswith(tokens.spelling.encode())

    def walk(self, cursor, parent):
        children = list(cursor.get_children())
        if self.is_here(cursor):
            self.look(cursor, parent, children)
        for child in children:
            self.walk(child, cursor)

    def look(self, cursor, parent, children):
        start, end = self.span(cursor)
        kind = cursor.kind
        if kind in ASSIGNS and parent is not None and self.is_statement(cursor, parent) and self.acts(cursor, children):
            self.put("drop", start, end, "")
        if kind == K.BINARY_OPERATOR and len(children) == 2:
            self.operator(children)
        if kind == K.UNARY_OPERATOR and len(children) == 1:
            for old, new in STEPS.items():
                text = self.text(start, end)
                if text.startswith(old):
                    self.put("step", start, start + 2, new)
                elif text.endswith(old):
                    self.put("step", end - 2, end, new)
        # How large an array is shows in nothing but a tool that looks for overruns.
        sizes = parent is not None and parent.kind == K.VAR_DECL and self.text(start - 1, start) == "["
        if kind == K.INTEGER_LITERAL and NUMBER.match(self.text(start, end)) and not sizes:
            number = re.match(r"[0-9]+", self.text(start, end))[0]
            self.put("constant", start, start + len(number), str(int(number) + 1))
        if kind in (K.IF_STMT, K.WHILE_STMT, K.CONDITIONAL_OPERATOR) and children:
            self.negate(children[0])
        if kind == K.DO_STMT and len(children) == 2:
            self.negate(children[1])
        if kind == K.FOR_STMT:
            self.for_condition(cursor, children)
        if kind in LOOPS:
            self.loop(children)
        if kind == K.RETURN_STMT and children:
            self.returned(children[0])
        if kind == K.CALL_EXPR:
            self.arguments(list(cursor.get_arguments()))

    def is_statement(self, cursor, parent):
        """A statement of its own, and not a condition or a part of a for()."""
        if parent.kind not in BODIES:
            return False
        rest = COMMENT.sub("", self.text(self.span(cursor)[1], self.span(cursor)[1] + 200)).lstrip()
        before = COMMENT.sub("", self.text(max(0, self.span(cursor)[0] - 200), self.span(cursor)[0])).rstrip()
        return rest.startswith(";") and (before.endswith((";", "{", "}", ":", "else")) or
                                         (parent.kind != K.COMPOUND_STMT and before.endswith(")")))

    def acts(self, cursor, children):
        if cursor.kind == K.BINARY_OPERATOR:
            return len(children) == 2 and self.between(children) == "="
        if cursor.kind == K.UNARY_OPERATOR:
            return any(s in self.text(*self.span(cursor)) for s in STEPS)
        return True

    def between(self, children):
        return COMMENT.sub("", self.text(self.span(children[0])[1], self.span(children[1])[0])).strip()

    def operator(self, children):
        a, b = self.span(children[0])[1], self.span(children[1])[0]
        text = self.text(a, b)
        old = text.strip()
        if old in SWAPS:
            at = a + text.index(old)
            self.put("operator", at, at + len(old), SWAPS[old])

    def negate(self, condition):
        if self.is_here(condition):
            start, end = self.span(condition)
            self.put("negate", start, end, f"!({self.text(start, end)})")

    def for_condition(self, cursor, children):
        """The one between the semicolons, if it is written: its place says which child it is."""
        start, end = self.span(cursor)
        body = self.span(children[-1])[0] if children else end
        semicolons = [start + m.start() for m in re.finditer(";", self.text(start, body))]
        for child in children[:-1] if len(semicolons) == 2 else ():
            a, b = self.span(child)
            if semicolons[0] < a and b <= semicolons[1]:
                self.negate(child)

    def loop(self, children):
        for child in children:
            if child.kind == K.COMPOUND_STMT and self.is_here(child):
                end = self.span(child)[1] - 1
                self.put("break", end, end, "\tbreak; ")

    def returned(self, value):
        if not self.is_here(value):
            return
        start, end = self.span(value)
        text, kind = self.text(start, end), value.type.get_canonical().kind
        if kind == TypeKind.BOOL or text in ("true", "false"):
            self.put("return", start, end, f"!({text})")
        elif kind in POINTERS:
            if text != "NULL":
                self.put("return", start, end, "NULL")
        elif kind in INTEGERS:
            self.put("return", start, end, f"({text}) + 1")

    def arguments(self, values):
        for a, b in zip(values, values[1:]):
            if a is None or b is None or not self.is_here(a) or not self.is_here(b):
                continue
            if a.type.get_canonical().spelling.replace("const ", "") != b.type.get_canonical().spelling.replace("const ", ""):
                continue
            (start, a_end), (b_start, end) = self.span(a), self.span(b)
            first, second = self.text(start, a_end), self.text(b_start, end)
            if first != second and a_end <= b_start:
                self.put("arguments", start, end, second + self.text(a_end, b_start) + first)


def find(path, name, arguments):
    """All places of a source, in order."""
    return sorted(Source(path, name, arguments).found)
