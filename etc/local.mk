EXTRA_DIST += etc/polypresence.service.in
CLEANFILES += etc/polypresence.service

exampledir = $(docdir)/examples
dist_example_DATA = etc/polypresence.conf.sample etc/prosody.cfg.lua etc/ejabberd.yml

etc/polypresence.service: $(srcdir)/etc/polypresence.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(SED) -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(srcdir)/etc/polypresence.service.in > $@.tmp && mv $@.tmp $@

if SYSTEMD_UNIT
systemdsystemunit_DATA = etc/polypresence.service
else
noinst_DATA = etc/polypresence.service
endif
