"""What the source checks share: the tree, its files, and how a check ends."""
import os
import pathlib
import re
import sys

TOP = pathlib.Path(os.environ.get("srcdir", pathlib.Path(__file__).resolve().parents[2])).resolve()
BUILD = pathlib.Path(os.environ.get("builddir", ".")).resolve()
SRC = TOP / "src"

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<([^>]+)>)', re.M)


def files(*suffixes, under=("src",)):
    """Files below the given directories of the tree, sorted, by suffix."""
    for directory in under:
        for path in sorted((TOP / directory).rglob("*")):
            if path.is_file() and path.suffix in suffixes:
                yield path


def name(path):
    return str(path.relative_to(TOP))


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)


def includes(path):
    """(own header or None, system header or None) for each #include of a file."""
    return INCLUDE.findall(without_comments(path.read_text()))


def end(problems, checked):
    """Say what was found and leave; a check that found nothing to look at has failed."""
    for problem in problems:
        print(problem)
    if not checked:
        print("nothing was found to be checked")
    sys.exit(1 if problems or not checked else 0)
