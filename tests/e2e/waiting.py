"""Waiting for what comes, with a deadline and without sleeping."""
import asyncio, time

# Seconds that a thing which should come soon may take on a busy machine; and a roster that was asked for before she had
# accepted counts for nothing, and is read again after ten seconds.
PATIENCE = 15.0


class Missed(AssertionError):
    """What was waited for did not come in time."""


class Box:
    """Things in the order in which they came.  put() may be called from any thread."""

    def __init__(self, name, loop=None):
        self.name, self.things, self.loop = name, [], loop
        self._waiters = set()

    def put(self, thing):
        self.things.append(thing)
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.wake)
        else:
            self.wake()

    def wake(self):
        for w in list(self._waiters):
            w.done() or w.set_result(None)

    def mark(self):
        """A position: later look only at what came after it."""
        return len(self.things)

    def since(self, mark, pred=lambda x: True):
        return [x for x in self.things[mark:] if pred(x)]

    async def until(self, question, what, timeout=PATIENCE, since=0):
        """Ask question() now and after each thing that comes, until the answer is true; return it."""
        end = time.monotonic() + timeout
        while True:
            answer = question()
            if answer:
                return answer
            left = end - time.monotonic()
            if left <= 0:
                came = "\n  ".join(str(x) for x in self.things[since:][-12:]) or "(nothing)"
                raise Missed(f"{self.name}: no {what} within {timeout:g} s; what came:\n  {came}")
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait_for(waiter, left)
            except asyncio.TimeoutError:
                pass
            finally:
                self._waiters.discard(waiter)

    async def wait(self, pred, what="such thing", timeout=PATIENCE, since=0):
        """The first thing from position since, come or to come, for which pred is true."""
        at = since

        def look():
            nonlocal at
            while at < len(self.things):
                at += 1
                if pred(self.things[at - 1]):
                    return (self.things[at - 1],)
            return None

        return (await self.until(look, what, timeout, since))[0]


async def eventually(question, what, timeout=PATIENCE, every=0.1):
    """For what tells nobody when it changes (a screen, a file): look again and again."""
    end = time.monotonic() + timeout
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Missed(f"not within {timeout:g} s: {what}")
        await asyncio.sleep(every)
