"""Stanzas cut out of a stream's bytes, each as its text and as a tree."""
import time
import xml.etree.ElementTree as ET
from xml.parsers import expat
from xml.sax.saxutils import quoteattr


class Stanza:
    def __init__(self, raw, ns):
        self.raw, self.t = raw, time.time()
        self.el = ET.fromstring(f"<w xmlns='{ns}' xmlns:stream='http://etherx.jabber.org/streams' "
                                f"xmlns:db='jabber:server:dialback'>{raw}</w>")[0]
        self.ns, _, self.name = self.el.tag[1:].rpartition("}")
        self.type, self.id = self.el.get("type"), self.el.get("id")
        self.sender, self.to = self.el.get("from") or "", self.el.get("to") or ""

    def has(self, text):
        return text in self.raw

    def __str__(self):
        return self.raw


class Cutter:
    """Feed it bytes; it calls stanza(Stanza) for each, header(attributes) for the stream's header."""

    def __init__(self, ns, stanza, header=lambda attrs: None):
        self.ns, self.stanza, self.header = ns, stanza, header
        self.buf, self.off, self.depth, self.start, self.done = b"", 0, 0, 0, 0
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
            self.header(attrs)
        elif self.depth == 1:
            self.start = self.parser.CurrentByteIndex
        self.depth += 1

    def _closes(self, name):
        self.depth -= 1
        if self.depth == 1:
            i = self.parser.CurrentByteIndex - self.off
            has_end_tag = self.buf.startswith(b"</" + name.encode(), i)     # else <name/>: i is just behind it
            end = self.buf.index(b">", i) + 1 if has_end_tag else i
            self.done = self.off + end
            self.stanza(Stanza(self.buf[self.start - self.off:end].decode(), self.ns))


def attr(x):
    return quoteattr(str(x))
