# Fuzz targets.  `make check' replays the inputs kept in corpus/ (replay.c has main());
# tests/fuzz/run builds them with libFuzzer, whose main() then stands before that one.
FUZZ_TARGETS = \
	tests/fuzz/answer \
	tests/fuzz/command \
	tests/fuzz/conf \
	tests/fuzz/core \
	tests/fuzz/date \
	tests/fuzz/decode \
	tests/fuzz/jid \
	tests/fuzz/log \
	tests/fuzz/plain \
	tests/fuzz/registry \
	tests/fuzz/stream \
	tests/fuzz/talk \
	tests/fuzz/text \
	tests/fuzz/watch \
	tests/fuzz/write
check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += $(FUZZ_TARGETS)

FUZZ_ENGINE = # -fsanitize=fuzzer
FUZZ_LINK = $(AM_LDFLAGS) $(FUZZ_ENGINE)
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
FUZZ_WIRE_LIBS = tests/fuzz/libfuzz.a libwire.a libcore.a libbase.a $(EXPAT_LIBS) $(IDN_LIBS)
FUZZ_SYS_LIBS = tests/fuzz/libfuzz.a $(SYS_LIBS)
FUZZ_WATCH_LIBS = tests/fuzz/libfuzz.a libwatch.a $(SYS_LIBS)

EXTRA_LIBRARIES = tests/fuzz/libfuzz.a
CLEANFILES += tests/fuzz/libfuzz.a
tests_fuzz_libfuzz_a_SOURCES = \
	tests/fuzz/fuzz.c tests/fuzz/fuzz.h \
	tests/fuzz/markup.c tests/fuzz/markup.h \
	tests/fuzz/reference.c tests/fuzz/reference.h \
	tests/fuzz/replay.c \
	tests/fuzz/script.c tests/fuzz/script.h \
	tests/fuzz/sent.c tests/fuzz/sent.h \
	tests/fuzz/speak.c tests/fuzz/speak.h
tests_fuzz_libfuzz_a_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzz_a_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)

tests_fuzz_answer_SOURCES = tests/fuzz/answer.c
tests_fuzz_answer_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_answer_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_answer_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_conf_SOURCES = tests/fuzz/conf.c
tests_fuzz_conf_CPPFLAGS = $(FUZZ_CPPFLAGS) -D_GNU_SOURCE
tests_fuzz_conf_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_conf_LDADD = $(FUZZ_SYS_LIBS)
FUZZ_WORLD = \
	tests/fuzz/core_check.c \
	tests/fuzz/core_run.c \
	tests/fuzz/core_server.c \
	tests/fuzz/core_world.c tests/fuzz/core_world.h
tests_fuzz_command_SOURCES = tests/fuzz/command.c tests/fuzz/command_words.c tests/fuzz/command_words.h $(FUZZ_WORLD)
tests_fuzz_command_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_command_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_command_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_core_SOURCES = tests/fuzz/core.c $(FUZZ_WORLD)
tests_fuzz_core_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_core_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_core_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_date_SOURCES = tests/fuzz/date.c
tests_fuzz_date_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_date_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_date_LDADD = $(FUZZ_WATCH_LIBS)
tests_fuzz_decode_SOURCES = tests/fuzz/decode.c
tests_fuzz_decode_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_decode_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_decode_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_jid_SOURCES = tests/fuzz/jid.c
tests_fuzz_jid_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_jid_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_jid_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_log_SOURCES = tests/fuzz/log.c
tests_fuzz_log_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_log_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_log_LDADD = $(FUZZ_SYS_LIBS)
tests_fuzz_plain_SOURCES = tests/fuzz/plain.c
tests_fuzz_plain_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_plain_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_plain_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_registry_SOURCES = tests/fuzz/registry.c tests/fuzz/registry_file.c tests/fuzz/registry_file.h
tests_fuzz_registry_CPPFLAGS = $(FUZZ_CPPFLAGS) -D_GNU_SOURCE
tests_fuzz_registry_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_fuzz_registry_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_registry_LDADD = $(FUZZ_SYS_LIBS)
tests_fuzz_stream_SOURCES = tests/fuzz/stream.c
tests_fuzz_stream_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_stream_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_stream_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_talk_SOURCES = \
	tests/fuzz/talk.c \
	tests/fuzz/leaf.c tests/fuzz/leaf.h \
	tests/fuzz/watch_check.c tests/fuzz/watch_check.h
tests_fuzz_talk_CPPFLAGS = $(FUZZ_CPPFLAGS) -D_GNU_SOURCE
tests_fuzz_talk_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
tests_fuzz_talk_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_talk_LDADD = $(FUZZ_WATCH_LIBS)
tests_fuzz_text_SOURCES = tests/fuzz/text.c tests/fuzz/watch_check.c tests/fuzz/watch_check.h
tests_fuzz_text_CPPFLAGS = $(FUZZ_CPPFLAGS) -D_GNU_SOURCE
tests_fuzz_text_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_text_LDADD = $(FUZZ_WATCH_LIBS)
tests_fuzz_watch_SOURCES = \
	tests/fuzz/watch.c \
	tests/fuzz/leaf.c tests/fuzz/leaf.h \
	tests/fuzz/watch_check.c tests/fuzz/watch_check.h
tests_fuzz_watch_CPPFLAGS = $(FUZZ_CPPFLAGS) -D_GNU_SOURCE
tests_fuzz_watch_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
tests_fuzz_watch_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_watch_LDADD = $(FUZZ_WATCH_LIBS)
tests_fuzz_write_SOURCES = tests/fuzz/write.c
tests_fuzz_write_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_write_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_write_LDADD = $(FUZZ_WIRE_LIBS)

# MINUTES for all of them; see the top of tests/fuzz/run.
MINUTES = 15
.PHONY: fuzz
fuzz:
	$(srcdir)/tests/fuzz/run all $(MINUTES)

EXTRA_DIST += tests/fuzz/run tests/fuzz/dict tests/fuzz/corpus
