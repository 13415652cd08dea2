noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/err.c src/base/err.h \
	src/base/hash.c src/base/hash.h \
	src/base/jid.c src/base/jid_escape.c src/base/jid.h \
	src/base/limits.h \
	src/base/mem.c src/base/mem.h \
	src/base/mention.c src/base/mention.h \
	src/base/rate.c src/base/rate.h \
	src/base/ring.c src/base/ring.h \
	src/base/table.c src/base/table.h \
	src/base/utf8.c src/base/utf8.h
libbase_a_CFLAGS = $(AM_CFLAGS) $(IDN_CFLAGS)
