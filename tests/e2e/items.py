"""What the component publishes: the payload as values."""
from dataclasses import dataclass, field
from datetime import datetime
import xml.etree.ElementTree as ET

NODE = "urn:x-polypresence:devices:0"
PRIVATE = "urn:x-polypresence:devices-private:0"
NS = "{urn:x-polypresence:devices:0}"
IDLE = "{urn:xmpp:idle:1}idle"


@dataclass
class Resource:
    id: str
    show: str = "available"
    status: str = None
    idle: str = None


@dataclass
class Device:
    id: str
    label: str
    kind: str
    since: str
    stale: bool
    preferred: bool
    jid: str
    resources: list = field(default_factory=list)

    RANK = ("chat", "available", "away", "xa", "dnd")

    @property
    def state(self):
        """unavailable, unknown, or the best show of its resources."""
        if not self.resources:
            return "unknown" if self.stale else "unavailable"
        return min((r.show for r in self.resources), key=self.RANK.index)

    @property
    def statuses(self):
        return [r.status for r in self.resources if r.status]

    @property
    def idle(self):
        return next((r.idle for r in self.resources if r.idle), None)

    def __str__(self):
        return (f"{self.label}[{self.kind}]={self.state}" + ("(" + "; ".join(self.statuses) + ")" if self.statuses else "")
                + (" idle" if self.idle else "") + (" stale" if self.stale else "") + ("*" if self.preferred else "")
                + (f" x{len(self.resources)}" if len(self.resources) > 1 else ""))


class Item(dict):
    """Devices by label; updated and expires as datetimes."""

    def __init__(self, el):
        super().__init__()
        assert el.tag == NS + "devices", el.tag
        self.xml = ET.tostring(el, encoding="unicode")
        self.updated, self.expires = time(el.get("updated")), time(el.get("expires"))
        for d in el.findall(NS + "device"):
            dev = Device(id=d.get("id"), label=d.findtext(NS + "label"), kind=d.get("kind"), since=d.get("since"),
                         stale=d.get("stale") == "true", preferred=d.get("preferred") == "true", jid=d.get("jid"))
            for r in d.findall(NS + "resource"):
                idle = r.find(IDLE)
                dev.resources.append(Resource(r.get("id"), r.findtext(NS + "show") or "available", r.findtext(NS + "status"),
                                              None if idle is None else idle.get("since")))
            assert dev.id and dev.label and dev.kind, self.xml
            assert dev.label not in self, f"two devices with one label: {self.xml}"
            self[dev.label] = dev

    def state(self, label):
        """The state of a device; None when the item doesn't hold it."""
        return self[label].state if label in self else None

    def __str__(self):
        return "{" + ", ".join(str(d) for d in self.values()) + "}"


def time(text):
    """XEP-0082."""
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))
