-- polypresence on Prosody 0.12 or later: what to add to prosody.cfg.lua.
--
-- Put your domain in the place of example.org, and a secret of your own (openssl rand -hex 32)
-- in the place of the one below.  mod_privilege comes with prosody-modules (Debian: the package
-- of that name).  A domain that is there already keeps what it has: add the two settings to its
-- VirtualHost section, "privilege" to its modules_enabled.  Each further domain whose users are
-- to be served gets the same two settings, and its place in `hosts' of polypresence.conf.

VirtualHost "example.org"
	modules_enabled = { "privilege" }
	privileged_entities = {
		["presence.example.org"] = {
			iq = {
				-- To publish the list of devices into a user's own account.  Without it users
				-- have to invite polypresence themselves (README, "Without privileges").
				["http://jabber.org/protocol/pubsub"] = "both",
				-- To create that node so that contacts alone can read it, to repair it when
				-- somebody has opened it, and to make the user's bridge contact its publisher:
				-- after that an ordinary publish will do, which costs Prosody half as much.
				["http://jabber.org/protocol/pubsub#owner"] = "both",
				-- Of no use, unless `deliver = always' is set: Prosody's own PEP delivers to
				-- contacts whom a user blocks as well.
				-- ["urn:xmpp:blocking"] = "get",
			},
			-- To read whom a user has as contacts: to find the accounts that she puts into the
			-- roster group "Devices", and to end a subscription to the node when the contact is
			-- removed (Prosody itself would go on telling him).  Never "set", never "both".
			roster = "get",
			-- Not needed: presence comes through the bridge contact that users accept.  With this
			-- line that of their own account comes without it, and a moment sooner.
			-- presence = "managed_entity",
		},
	}

-- The module has to be enabled here as well, otherwise nothing is granted.
Component "presence.example.org"
	component_secret = "put-a-secret-here"
	modules_enabled = { "privilege" }
	-- The item of a user with many devices has up to 256 KiB.  Prosody takes 512 of a component, unless
	-- s2s_stanza_size_limit is set to less, which counts for components as well: then set this one, or
	-- each such item costs polypresence its stream.
	-- component_stanza_size_limit = 512 * 1024
