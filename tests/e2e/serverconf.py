"""The servers' configurations, made in this one place.

write(server, directory, ports, variant) writes the configuration file of a server into its
directory and returns its path.  The directory is known to the server as INSIDE.
"""
import pathlib

HOME, WORK = "home.test", "work.test"
PRESENCE, ECHO = "presence.home.test", "echo.home.test"      # the component under test, another one
SECRET = "s3cret"
INSIDE = "/run/polypresence"        # where a server's directory is mounted in its root

PUBSUB = "http://jabber.org/protocol/pubsub"
OWNER = PUBSUB + "#owner"
DISCO_INFO = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"

FULL = dict(presence="managed_entity", roster="both", message="outgoing",
            iq={PUBSUB: "both", OWNER: "both", DISCO_INFO: "get", DISCO_ITEMS: "get"})


def both(perms):
    return {HOME: perms, WORK: perms}


def less(**changes):
    """FULL with some permissions changed; None takes one away."""
    return {k: v for k, v in dict(FULL, **changes).items() if v is not None}


# variant -> what each host grants: a dict of permissions; {} the module is loaded and grants
# nothing; None the module is not loaded.
VARIANTS = {
    "full": both(FULL),
    "least": both(dict(roster="get", message="outgoing", iq={PUBSUB: "both", OWNER: "both"})),
    "roster": both(less(presence="roster", roster="get")),
    "homeonly": {HOME: FULL, WORK: {}},
    "homemod": {HOME: FULL, WORK: None},
    "pubsub-only": both(less(iq={PUBSUB: "both"})),
    "noiq": both(less(iq=None)),
    "nomessage": both(less(message=None)),
    "none": both({}),
    "nomod": both(None),
}


def lua(x):
    if isinstance(x, dict):
        return "{ " + "; ".join(f'["{k}"] = {lua(y)}' for k, y in x.items()) + " }"
    return f'"{x}"'


def prosody(ports, grants, debug):
    lines = [
        'run_as_root = true',
        f'pidfile = "{INSIDE}/server.pid"',
        f'data_path = "{INSIDE}/data"',
        'interfaces = { "127.0.0.1" }',
        f'c2s_ports = {{ {ports["c2s"]} }}',
        'c2s_direct_tls_ports = { }',
        'legacy_ssl_ports = { }',
        's2s_ports = { }',
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
        '"adhoc"; "smacks"; "blocklist"; "posix"' + ('; "stanza_debug"' if debug else '') + ' }',
        'modules_disabled = { "s2s"; "admin_shell"; "admin_socket"; "tls"; "http" }',
    ]
    for host, perms in grants.items():
        lines.append(f'\nVirtualHost "{host}"')
        if perms is not None:
            lines.append('  modules_enabled = { "privilege" }')
        if perms:
            lines.append(f'  privileged_entities = {{ ["{PRESENCE}"] = {lua(perms)} }}')
    for component in (PRESENCE, ECHO):
        lines.append(f'\nComponent "{component}"\n  component_secret = "{SECRET}"')
        if any(p is not None for p in grants.values()):
            lines.append('  modules_enabled = { "privilege" }')
    return "prosody.cfg.lua", "\n".join(lines) + "\n"


def ejabberd(ports, grants, debug, knows_iq):
    lines = [
        f"hosts:\n  - {HOME}\n  - {WORK}",
        f"loglevel: {'debug' if debug else 'info'}",
        "log_rotate_count: 0",
        "auth_method: internal",
        "auth_password_format: plain",
        "registration_timeout: infinity",
        "s2s_access: none",
        "disable_sasl_mechanisms: [digest-md5, X-OAUTH2]",
        'acl:\n  local:\n    user_regexp: ""\n  presence_component:\n    server: ' + PRESENCE,
        "access_rules:\n  presence_component:\n    allow: presence_component\n  local:\n    allow: local",
        "shaper_rules:\n  max_user_sessions: 50",
        "listen:",
        f"  - port: {ports['c2s']}\n    ip: 127.0.0.1\n    module: ejabberd_c2s\n    starttls: false\n"
        "    max_stanza_size: 262144",
    ]
    for port, component in ((ports["component"], PRESENCE), (ports["echo"], ECHO)):
        lines.append(f"  - port: {port}\n    ip: 127.0.0.1\n    module: ejabberd_service\n    hosts:\n"
                     f"      {component}:\n        password: {SECRET}")
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
    loaded = {h: p for h, p in grants.items() if p is not None}
    if loaded:
        lines.append("append_host_config:")
    for host, perms in loaded.items():
        lines.append(f"  {host}:\n    modules:\n      mod_privilege:" + ("" if perms else " {}"))
        for kind in ("presence", "roster", "message"):
            if kind in perms:
                lines.append(f"        {kind}:\n          {perms[kind]}: presence_component")
        if "iq" in perms and knows_iq:
            lines.append("        iq:")
            for ns, type in perms["iq"].items():
                lines.append(f'          "{ns}":\n            {type}: presence_component')
    return "ejabberd.yml", "\n".join(lines) + "\n"


def write(kind, directory, ports, variant, debug=False, knows_iq=True):
    grants = VARIANTS[variant]
    name, text = (prosody(ports, grants, debug) if kind == "prosody"
                  else ejabberd(ports, grants, debug, knows_iq))
    path = pathlib.Path(directory) / name
    path.write_text(text)
    return path
