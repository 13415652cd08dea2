"""One user whose desk phone counts: each change bears a number, so that what is older is seen to be.

    story = await Story(scene).begin()
    await story.change()            # the desk phone's next state, told by its server to everyone
    await story.converges(30)       # bob, a contact, has the newest, and so has the server
    story.never_went_back()
"""
import time
from items import NODE
from scene import SETTLE

SHOWS = ("dnd", "away", "xa", "chat")
LABEL = "Desk phone"


def number(item):
    """The newest change that the item shows; None when it shows none."""
    found = [int(s) for s in item[LABEL].statuses if s.isdigit()] if LABEL in item else []
    return found[-1] if found else None


class Story:
    def __init__(self, scene):
        self.scene, self.n = scene, 0

    async def begin(self):
        s = self.scene
        self.laptop, self.desk, self.bob = await s.set_up(show="dnd", status="0")
        await self.bob.sees(s.alice, lambda i: number(i) == 0, "the first state", timeout=20)
        self.mark, self.wire, self.logged = self.bob.events.mark(), s.tap.stanzas.mark(), s.component.log.mark()
        self.descriptors, self.rss = s.component.descriptors(), s.component.rss_kib()
        return self

    async def sign_in_again(self):
        """After a restart of the server."""
        s = self.scene
        self.laptop, self.bob = await s.laptop(), await s.contact()
        self.desk = await s.desk_phone(show=SHOWS[self.n % len(SHOWS)], status=str(self.n))
        self.since()

    def since(self):
        """Look only at what comes from now on."""
        self.mark, self.wire, self.logged = (self.bob.events.mark(), self.scene.tap.stanzas.mark(),
                                             self.scene.component.log.mark())

    async def change(self, times=1):
        for _ in range(times):
            self.n += 1
            self.desk.presence(show=SHOWS[self.n % len(SHOWS)], status=str(self.n))
        await self.desk.fence()

    async def event(self, name, timeout=8, **keys):
        return await self.scene.component.event(name, timeout=timeout, since=self.logged, **keys)

    async def converges(self, timeout=SETTLE + 15):
        """The newest state is what the contact has and what the account's server keeps; the seconds it took."""
        began = time.monotonic()
        await self.bob.sees(self.scene.alice, lambda i: number(i) == self.n and i.state(LABEL) == SHOWS[self.n % len(SHOWS)],
                            f"change {self.n}", timeout=timeout)
        took = time.monotonic() - began
        kept = await self.laptop.fetch(self.scene.alice)
        assert number(kept) == self.n, kept
        self.never_went_back()
        return took

    def seen(self):
        return [number(i) for i in self.bob.items_of(self.scene.alice, since=self.mark)]

    def never_went_back(self):
        """The contact never got an older value after a newer one, nor was a device that stayed said to be gone."""
        seen = self.seen()
        assert None not in seen and seen == sorted(seen), seen
        for item in self.bob.items_of(self.scene.alice, since=self.mark):
            for label in (LABEL, "laptop"):
                assert item.state(label) not in (None, "unavailable"), f"{label} flapped: {item}"
        assert self.scene.tap.malformed(self.wire) == []

    def nothing_grew(self, kib=4096):
        """Descriptors and memory of the component are as at the beginning (of the process now running, too)."""
        c = self.scene.component
        assert c.descriptors() <= self.descriptors, f"{c.descriptors()} descriptors, {self.descriptors} before"
        assert c.rss_kib() <= self.rss + kib, f"{c.rss_kib()} KiB, {self.rss} before"

    def publishes(self):
        return self.scene.tap.publishes(self.scene.alice, NODE, self.wire)
