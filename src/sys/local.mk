sbin_PROGRAMS += polypresence
noinst_LIBRARIES += libsys.a
libsys_a_SOURCES = \
	src/sys/backoff.c src/sys/backoff.h \
	src/sys/clock.c src/sys/clock.h \
	src/sys/conf.c src/sys/conf.h \
	src/sys/conf_places.c src/sys/conf_places.h \
	src/sys/conf_text.c src/sys/conf_text.h \
	src/sys/conf_values.c src/sys/conf_values.h \
	src/sys/conn.c src/sys/conn.h \
	src/sys/crypto.c src/sys/crypto.h \
	src/sys/daemon.c src/sys/daemon.h \
	src/sys/db.c src/sys/db.h \
	src/sys/link.c src/sys/link.h \
	src/sys/link_in.c src/sys/link_info.c src/sys/link_state.h src/sys/link_values.h \
	src/sys/liveness.c src/sys/liveness.h \
	src/sys/log.c src/sys/log.h \
	src/sys/loop.c src/sys/loop.h \
	src/sys/notes.c src/sys/notes.h \
	src/sys/notify.c src/sys/notify.h \
	src/sys/options.c src/sys/options.h \
	src/sys/outqueue.c src/sys/outqueue.h \
	src/sys/owner.c src/sys/owner.h \
	src/sys/perform.c src/sys/perform.h \
	src/sys/problems.c src/sys/problems.h \
	src/sys/regfile.c src/sys/regfile.h \
	src/sys/reload.c src/sys/reload.h \
	src/sys/report.c src/sys/report.h \
	src/sys/rows.c src/sys/rows.h \
	src/sys/schema.c src/sys/schema.h \
	src/sys/secret.c src/sys/secret.h \
	src/sys/store.c src/sys/store.h \
	src/sys/store_open.c src/sys/store_state.h \
	src/sys/tls.c src/sys/tls.h
libsys_a_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS) $(SSL_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS) $(CONFUSE_CFLAGS)

SYS_LIBS = libsys.a libwire.a libcore.a libbase.a \
	$(SSL_LIBS) $(CRYPTO_LIBS) $(EVENT_LIBS) $(SQLITE_LIBS) $(CONFUSE_LIBS) $(EXPAT_LIBS) $(IDN_LIBS)

polypresence_SOURCES = src/sys/main.c
polypresence_LDADD = $(SYS_LIBS)
