"""A cluster of two ejabberd nodes, the component attached to the first: what becomes of the devices on a node that dies."""
import time, types
import pytest
from cluster import NAME, Cluster
from component import Component
from scene import Scene
from serverconf import WORK
from tap import Tap

AUDIT, ANSWER = 30, 10      # seconds, as in test_gateway.py
pytestmark = [pytest.mark.slow, pytest.mark.timeout_s(400),
              pytest.mark.skipif(Cluster.missing() is not None, reason=str(Cluster.missing()))]


@pytest.fixture
def clustered(request, loop):
    """(scene, node 1, node 2): the scene's clients are on node 1, unless they say otherwise."""
    if not request.config.getoption("--all-servers") and NAME not in (request.config.getoption("--server") or [NAME]):
        pytest.skip(f"is for {NAME}; not among the servers of this run")
    with Cluster() as cluster:
        one, two = cluster.nodes
        tap = Tap(one.ports["component"], loop)
        component = Component(tap.port, loop, extra=f'presence {{ audit = "{AUDIT}s" }}\nconsent {{ trusted = {{"{WORK}"}} }}\n')
        component.start()
        try:
            loop.run_until_complete(component.ready(60))
            scene = Scene(types.SimpleNamespace(server=one, component=component, tap=tap, remote=None, name=NAME))
            request.node.scene = scene
            yield scene, one, two
            loop.run_until_complete(scene.close())
            component.stop()
            assert not component.complaints(), component.complaints()
        finally:
            component.close()
            tap.close()


async def telephone(scene, laptop, who, server, show):
    """An account of the other host that is alice's device, signed in at this node; its label is its name."""
    phone = await scene.client(who, "line", host=WORK, kind="phone", server=server, show=show)
    await scene.link(laptop, phone.me, label=who)
    await phone.request(scene.bridge)
    phone.approve(scene.bridge)
    return phone


async def test_the_devices_of_a_node_that_dies_are_stale_and_then_unavailable(clustered):
    scene, one, two = clustered
    laptop, bob = await scene.laptop(), await scene.contact()
    await laptop.befriend(bob)
    await scene.enrol(laptop)
    tablet = await scene.client("alice", "tablet", kind="tablet", server=two, show="away")
    living = [await telephone(scene, laptop, f"living{i}", one, "dnd") for i in range(4)]
    lost = [await telephone(scene, laptop, f"lost{i}", two, "dnd") for i in range(2)]
    there = [f"living{i}" for i in range(4)]
    dead = ["lost0", "lost1", "tablet"]
    await bob.sees(scene.alice, lambda i: all(i.state(l) == "dnd" for l in (*there, "lost0", "lost1")) and
                   i.state("tablet") == "away" and i.state("laptop") == "available", "all of them", timeout=60)
    # Everybody has answered a probe when one round has gone by.
    await scene.tap.stanzas.wait(lambda t: t[0] == ">" and t[1].name == "presence" and t[1].type == "probe", "an audit",
                                 timeout=2 * AUDIT, since=scene.tap.stanzas.mark())
    await bob.fence()
    mark, began = bob.events.mark(), time.monotonic()
    two.kill()
    one.sees(1)

    await bob.sees(scene.alice, lambda i: all(i[l].stale for l in dead), "its devices stale",
                   timeout=AUDIT + 4 * ANSWER, since=mark)
    item = bob.item_of(scene.alice)
    assert [item.state(l) for l in dead] == ["dnd", "dnd", "away"], "that is what they said last"
    await bob.sees(scene.alice, lambda i: all(i.state(l) == "unavailable" for l in dead), "its devices unavailable",
                   timeout=2 * AUDIT + 4 * ANSWER - (time.monotonic() - began), since=mark)
    seen = bob.items_of(scene.alice, since=mark)
    for item in seen:
        assert all(item.state(l) == "dnd" and not item[l].stale for l in there), str(item)
        assert item.state("laptop") == "available" and not item["laptop"].stale, str(item)
    assert len(seen) <= 2 * len(dead), "a storm"

    # The node comes back, and so do they.
    two.start(90)
    two.sees(2)
    await scene.client("lost0", "line", host=WORK, kind="phone", server=two, show="chat")
    await scene.client("alice", "tablet", kind="tablet", server=two, show="xa")
    await bob.sees_states(scene.alice, timeout=20, lost0="chat", tablet="xa", lost1="unavailable")
    for client in (tablet, *living, *lost):
        client.drop()
