"""What the component answers to any XMPP client, asked through real servers."""
import pytest
from clients import condition
from serverconf import PRESENCE, WORK
from slixmpp.exceptions import IqError

INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"
COMMANDS = "http://jabber.org/protocol/commands"


async def test_the_domain_says_what_it_is_and_lists_its_commands(scene):
    alice = await scene.laptop()
    info = await alice.iq("get", PRESENCE, f"<query xmlns='{INFO}'/>")
    features = {f.get("var") for f in info.iter("{%s}feature" % INFO)}
    assert {INFO, ITEMS, COMMANDS, "jabber:iq:version", "urn:xmpp:ping", "urn:xmpp:time", "jabber:iq:last"} <= features
    assert info.find(".//{%s}identity" % INFO) is not None
    items = await alice.iq("get", PRESENCE, f"<query xmlns='{ITEMS}' node='{COMMANDS}'/>")
    nodes = {i.get("node") for i in items.iter("{%s}item" % ITEMS)}
    assert {"enrol", "devices", "link", "edit", "unlink", "leave", "confirm"} <= nodes


@pytest.mark.parametrize("where", ["domain", "bridge"])
async def test_ping_version_time_and_last_activity_are_answered(scene, where):
    alice, dave = await scene.laptop(), await scene.client("dave", "d", host=WORK)
    await scene.enrol(alice)
    to = PRESENCE if where == "domain" else scene.bridge
    for asker in (alice, dave):
        await asker.iq("get", to, "<ping xmlns='urn:xmpp:ping'/>")
        version = await asker.iq("get", to, "<query xmlns='jabber:iq:version'/>")
        assert version.findtext(".//{jabber:iq:version}name") == "polypresence"
        time = await asker.iq("get", to, "<time xmlns='urn:xmpp:time'/>")
        assert time.findtext(".//{urn:xmpp:time}utc").endswith("Z") and time.findtext(".//{urn:xmpp:time}tzo")
        last = await asker.iq("get", to, "<query xmlns='jabber:iq:last'/>")
        assert int(last.find(".//{jabber:iq:last}query").get("seconds")) >= 0
        await asker.iq("get", to, f"<query xmlns='{INFO}'/>")


async def test_everything_else_gets_the_right_error(scene):
    alice = await scene.laptop()
    await scene.enrol(alice)
    for to in (PRESENCE, scene.bridge):
        for type in ("get", "set"):
            with pytest.raises(IqError) as refused:
                await alice.iq(type, to, "<query xmlns='urn:x-nobody:knows:this'/>")
            assert condition(refused.value) == "service-unavailable"
    with pytest.raises(IqError) as refused:
        await alice.iq("get", PRESENCE, f"<query xmlns='{INFO}' node='nowhere'/>")
    assert condition(refused.value) == "item-not-found"
    with pytest.raises(IqError) as refused:
        await alice.iq("get", "nobody@" + PRESENCE, f"<query xmlns='{INFO}'/>")
    assert condition(refused.value) in ("item-not-found", "service-unavailable")
    for form in ("<x xmlns='jabber:x:data'/>", "<x xmlns='jabber:x:data' type='form'/>"):
        with pytest.raises(IqError) as refused:
            await alice.iq("set", PRESENCE, f"<command xmlns='http://jabber.org/protocol/commands' node='devices'>{form}</command>")
        assert condition(refused.value) == "bad-request"
        assert "submit" in refused.value.iq["error"]["text"]
    with pytest.raises(IqError) as refused:
        await alice.command("no-such-command")
    assert condition(refused.value) == "item-not-found"
