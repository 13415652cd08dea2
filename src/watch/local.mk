# Everything but the connection and main(), for the program and for the tests.
noinst_LIBRARIES += libwatch.a
libwatch_a_SOURCES = \
	src/watch/address.c src/watch/address.h \
	src/watch/board.c src/watch/board.h \
	src/watch/caps.c src/watch/caps.h \
	src/watch/fetch.c src/watch/fetch.h \
	src/watch/interrupt.c src/watch/interrupt.h \
	src/watch/item.c src/watch/item.h \
	src/watch/json.c src/watch/json.h \
	src/watch/lines.c src/watch/lines.h \
	src/watch/password.c src/watch/password.h \
	src/watch/screen.c src/watch/screen.h \
	src/watch/stamp.c src/watch/stamp.h \
	src/watch/stanza.c src/watch/stanza.h \
	src/watch/table.c src/watch/table.h \
	src/watch/talk.c src/watch/talk.h \
	src/watch/system.c src/watch/system.h \
	src/watch/text.c src/watch/text.h \
	src/watch/tree.c src/watch/tree.h \
	src/watch/view.c src/watch/view.h \
	src/watch/wipe.c src/watch/wipe.h
libwatch_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE

bin_PROGRAMS += polypresence-watch
polypresence_watch_SOURCES = \
	src/watch/main.c \
	src/watch/session.c src/watch/session.h
polypresence_watch_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
polypresence_watch_CFLAGS = $(AM_CFLAGS) $(STROPHE_CFLAGS)
polypresence_watch_LDADD = libwatch.a libbase.a $(STROPHE_LIBS)
