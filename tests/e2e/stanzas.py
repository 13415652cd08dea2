"""Stanzas cut out of a stream's bytes, each as its text and as a tree."""
import functools, time
import xml.etree.ElementTree as ET
from xml.parsers import expat
from xml.sax.saxutils import quoteattr


PREFIXES = {"stream": "http://etherx.jabber.org/streams", "db": "jabber:server:dialback"}


class Stanza:
    def __init__(self, raw, ns, name, attrs):
        self.raw, self.t, self.stream_ns = raw, time.time(), ns
        prefix, _, self.name = name.rpartition(":")
        self.ns = PREFIXES.get(prefix) if prefix else attrs.get("xmlns", ns)
        self.type, self.id = attrs.get("type"), attrs.get("id")
        self.sender, self.to = attrs.get("from", ""), attrs.get("to", "")

    @functools.cached_property
    def el(self):
        """As a tree; floods are not worth one each."""
        prefixes = " ".join(f"xmlns:{p}='{ns}'" for p, ns in PREFIXES.items())
        return ET.fromstring(f"<w xmlns='{self.stream_ns}' {prefixes}>{self.raw}</w>")[0]

    def has(self, text):
        return text in self.raw

    def __str__(self):
        return self.raw

    def __repr__(self):
        return self.raw[:300]


class Cutter:
    """Feed it bytes; it calls stanza(Stanza) for each, header(attributes) for the stream's header."""

    def __init__(self, ns, stanza, header=lambda attrs: None):
        self.ns, self.stanza, self.header = ns, stanza, header
        self.buf, self.off, self.depth, self.start, self.done = b"", 0, 0, 0, 0     # offsets in the stream
        self.head = 0           # where the header ends
        p = self.parser = expat.ParserCreate()
        p.StartElementHandler, p.EndElementHandler = self._opens, self._closes

    def feed(self, data):
        if self.depth <= 1 and self.done > self.off:        # forget the finished ones, keep a cut-off tag
            self.buf, self.off = self.buf[self.done - self.off:], self.done
        self.buf += data
        self.parser.Parse(data, False)

    @property
    def between(self):
        """Nothing but the stream itself has begun and not ended."""
        return self.depth == 1 and b"<" not in self.buf[self.done - self.off:]

    def _opens(self, name, attrs):
        if self.depth == 0:
            i = self.parser.CurrentByteIndex
            self.head = self.off + self.buf.index(b">", i - self.off) + 1
            self.header(attrs)
        elif self.depth == 1:
            self.start, self.name, self.attrs = self.parser.CurrentByteIndex, name, attrs
        self.depth += 1

    def _closes(self, name):
        self.depth -= 1
        if self.depth == 1:
            i = self.parser.CurrentByteIndex - self.off
            has_end_tag = self.buf.startswith(b"</" + name.encode(), i)     # else <name/>: i is just behind it
            end = self.buf.index(b">", i) + 1 if has_end_tag else i
            self.done = self.off + end
            self.stanza(Stanza(self.buf[self.start - self.off:end].decode(), self.ns, self.name, self.attrs))


def attr(x):
    return quoteattr(str(x))
