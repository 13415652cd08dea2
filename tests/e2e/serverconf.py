"""The servers' configurations, made in this one place.

write(kind, directory, ports, variant) writes the configuration file of a server into its
directory and returns its path.  The directory is known to the server as INSIDE.

In the variant "etc" what concerns the component is what etc/prosody.cfg.lua and etc/ejabberd.yml
tell an administrator to add, with the names of this test; in the others it is made here.
"""
import pathlib, re

HOME, WORK = "home.test", "work.test"
BOOKS, BOOKS_ASCII = "bücher.test", "xn--bcher-kva.test"      # one domain
PRESENCE, ECHO = "presence.home.test", "echo.home.test"      # the component under test, another one
SPARES = tuple(f"spare{i}.home.test" for i in range(2))      # others, without any privilege
LONERS = tuple(f"loner{i}.home.test" for i in range(12))     # the same, each in a listener's routes of its own
SECRET = "s3cret"
INSIDE = "/run/polypresence"        # where a server's directory is mounted in its root
ETC = pathlib.Path(__file__).resolve().parents[2] / "etc"

PUBSUB = "http://jabber.org/protocol/pubsub"
OWNER = PUBSUB + "#owner"
DISCO_INFO = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
BLOCKING = "urn:xmpp:blocking"

FULL = dict(presence="managed_entity", roster="both", message="outgoing",
            iq={PUBSUB: "both", OWNER: "both", DISCO_INFO: "get", DISCO_ITEMS: "get", BLOCKING: "get"})


def both(perms):
    return {HOME: perms, WORK: perms}


def less(**changes):
    """FULL with some permissions changed; None takes one away."""
    return {k: v for k, v in dict(FULL, **changes).items() if v is not None}


# variant -> what each host grants: a dict of permissions; {} the module is loaded and grants
# nothing; None the module is not loaded.
VARIANTS = {
    "etc": None,
    "federated": None,      # the same, and other servers may connect
    "strangers": None,      # the same, and accounts take no messages of who is no contact of theirs
    "crowded": None,        # the same, for whoever leaves rosters that keep a server busy at each start
    "full": both(FULL),
    "roster": both(less(presence="roster", roster="get")),
    "idn": {**both(FULL), BOOKS: FULL},
    "idn-ascii": {**both(FULL), BOOKS_ASCII: FULL},
    "homeonly": {HOME: FULL, WORK: {}},
    "homemod": {HOME: FULL, WORK: None},
    "pubsub-only": both(less(iq={PUBSUB: "both"})),
    "noiq": both(less(iq=None)),
    "noblocking": both(less(presence="roster", iq={PUBSUB: "both", OWNER: "both"})),
    "nomessage": both(less(message=None)),
    "noroster": both(less(roster=None, message=None)),
    "none": both({}),
    "nomod": both(None),
}


def snippet(name):
    """A file of etc/ with the names of this test; example.org is left: it stands for each host."""
    text = (ETC / name).read_text().replace("presence.example.org", PRESENCE)
    assert "put-a-secret-here" in text and "example.org" in text, f"{name} is not as this expects it"
    return text.replace("put-a-secret-here", SECRET)


def lua(x):
    if isinstance(x, dict):
        return "{ " + "; ".join(f'["{k}"] = {lua(y)}' for k, y in x.items()) + " }"
    return f'"{x}"'


def prosody(ports, grants, debug, federated, strangers=False):
    lines = [
        'run_as_root = true',
        f'pidfile = "{INSIDE}/server.pid"',
        f'data_path = "{INSIDE}/data"',
        'interfaces = { "127.0.0.1" }',
        f'c2s_ports = {{ {ports["c2s"]} }}',
        'c2s_direct_tls_ports = { }',
        'legacy_ssl_ports = { }',
        f's2s_ports = {{ {ports["s2s"] if federated else ""} }}',
        's2s_require_encryption = false',
        's2s_secure_auth = false',
        'use_ipv6 = false',
        'http_ports = { }',
        'https_ports = { }',
        f'component_ports = {{ {ports["component"]} }}',
        'component_interfaces = { "127.0.0.1" }',
        'c2s_require_encryption = false',
        'allow_unencrypted_plain_auth = true',
        'authentication = "internal_plain"',
        'storage = "internal"',
        'allow_registration = true',
        'limit_registration = false',
        'smacks_hibernation_time = 5',
        f'log = {{ {{ levels = {{ min = "{"debug" if debug else "info"}" }}, to = "file", '
        f'filename = "{INSIDE}/server.log" }} }}',
        'modules_enabled = { "roster"; "saslauth"; "disco"; "pep"; "ping"; "carbons"; "register_ibr"; '
        '"adhoc"; "smacks"; "blocklist"; "posix"; "user_account_management"' + ('; "stanza_debug"' if debug else '')
        + ('; "s2s"; "dialback"' if federated else '') + ('; "block_strangers"' if strangers else '') + ' }',
        'modules_disabled = { ' + ('' if federated else '"s2s"; ') + '"admin_shell"; "admin_socket"; "tls"; "http" }',
    ]
    if grants is None:
        host, component = re.search(r"^(VirtualHost.*?)^(Component.*)", snippet("prosody.cfg.lua"), re.M | re.S).groups()
        lines += [host.replace("example.org", h) for h in (HOME, WORK)]
        lines += [component, *(f'Component "{c}"\n  component_secret = "{SECRET}"' for c in (ECHO, *SPARES, *LONERS))]
        return "prosody.cfg.lua", "\n".join(lines) + "\n"
    for host, perms in grants.items():
        lines.append(f'\nVirtualHost "{host}"')
        if perms is not None:
            lines.append('  modules_enabled = { "privilege" }')
        if perms:
            lines.append(f'  privileged_entities = {{ ["{PRESENCE}"] = {lua(perms)} }}')
    for component in (PRESENCE, ECHO, *SPARES, *LONERS):
        lines.append(f'\nComponent "{component}"\n  component_secret = "{SECRET}"')
        if any(p is not None for p in grants.values()):
            lines.append('  modules_enabled = { "privilege" }')
    return "prosody.cfg.lua", "\n".join(lines) + "\n"


def service(port, *components, routes=""):
    return (f"  - port: {port}\n    ip: 127.0.0.1\n    module: ejabberd_service\n{routes}    hosts:\n" +
            "".join(f"      {c}:\n        password: {SECRET}\n" for c in components))


def privileges(host, perms, knows_iq):
    lines = [f"  {host}:\n    modules:\n      mod_privilege:" + ("" if perms else " {}")]
    for kind in ("presence", "roster", "message"):
        if kind in perms:
            lines.append(f"        {kind}:\n          {perms[kind]}: presence_component")
    if "iq" in perms and knows_iq:
        lines.append("        iq:")
        for ns, type in perms["iq"].items():
            lines.append(f'          "{ns}":\n            {type}: presence_component')
    return "\n".join(lines) + "\n"


def ejabberd(ports, grants, debug, knows_iq, federated, strangers=False):
    lines = [
        "hosts:" + "".join(f"\n  - {h}" for h in grants or (HOME, WORK)),
        f"loglevel: {'debug' if debug else 'info'}",
        "log_rotate_count: 0",
        "auth_method: internal",
        "auth_password_format: plain",
        "registration_timeout: infinity",
        f"s2s_access: {'all' if federated else 'none'}",
        "s2s_use_starttls: false",
        "disable_sasl_mechanisms: [digest-md5, X-OAUTH2]",
        "shaper_rules:\n  max_user_sessions: 50",
    ]
    if grants is None:
        ours = dict(re.findall(r"^(\w+):\n((?:[ #].*\n|\n)+)", snippet("ejabberd.yml"), re.M))
        assert set(ours) == {"acl", "access_rules", "listen", "append_host_config"}, list(ours)
        ours["listen"], found = re.subn(r"port: 5347", f"port: {ports['component']}", ours["listen"])
        assert found == 1
        ours["append_host_config"] = "".join(ours["append_host_config"].replace("example.org", h) for h in (HOME, WORK))
    else:
        ours = {
            "acl": f"  presence_component:\n    server: {PRESENCE}\n",
            "access_rules": "  presence_component:\n    allow: presence_component\n",
            "listen": service(ports["component"], PRESENCE),
            "append_host_config": "".join(privileges(h, p, knows_iq) for h, p in grants.items() if p is not None),
        }
    lines.append('acl:\n  local:\n    user_regexp: ""\n' + ours["acl"])
    lines.append("access_rules:\n  local:\n    allow: local\n" + ours["access_rules"])
    lines.append(f"listen:\n  - port: {ports['c2s']}\n    ip: 127.0.0.1\n    module: ejabberd_c2s\n    starttls: false\n"
                 "    max_stanza_size: 262144\n" + service(ports["echo"], ECHO, *SPARES)
                 + service(ports["loner"], *LONERS, routes="    global_routes: false\n") + ours["listen"])
    if federated:
        lines.append(f"  - port: {ports['s2s']}\n    ip: 127.0.0.1\n    module: ejabberd_s2s_in")
    lines.append("""modules:
  mod_roster: {}
  mod_disco: {}
  mod_caps: {}
  mod_ping: {}
  mod_adhoc: {}
  mod_carboncopy: {}
  mod_blocking: {}
  mod_privacy: {}
  mod_last: {}
  mod_offline: {}
  mod_stream_mgmt:
    resume_timeout: 5
  mod_register:
    ip_access: all
    access: all
  mod_pubsub:
    plugins: [flat, pep]""")
    if federated:
        lines.append("  mod_s2s_dialback: {}")
    if strangers:
        lines.append("  mod_block_strangers:\n    allow_local_users: false")
    if ours["append_host_config"]:
        lines.append("append_host_config:\n" + ours["append_host_config"])
    return "ejabberd.yml", "\n".join(lines) + "\n"


def write(kind, directory, ports, variant, debug=False, knows_iq=True, secret=SECRET):
    grants, federated, strangers = VARIANTS[variant], variant == "federated", variant == "strangers"
    name, text = (prosody(ports, grants, debug, federated, strangers) if kind == "prosody"
                  else ejabberd(ports, grants, debug, knows_iq, federated, strangers))
    path = pathlib.Path(directory) / name
    path.write_text(text.replace(SECRET, secret))
    return path
