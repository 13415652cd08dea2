noinst_LIBRARIES += libwire.a
libwire_a_SOURCES = \
	src/wire/catalogue.c src/wire/catalogue.h \
	src/wire/course.c src/wire/course.h \
	src/wire/datetime.c src/wire/datetime.h \
	src/wire/decode.c src/wire/decode.h \
	src/wire/decode_answer.c src/wire/decode_answer.h \
	src/wire/decode_part.c src/wire/decode_part.h \
	src/wire/decode_privilege.c src/wire/decode_privilege.h \
	src/wire/decode_request.c src/wire/decode_request.h \
	src/wire/decoded.h \
	src/wire/encode.c src/wire/encode.h \
	src/wire/encode_answer.c src/wire/encode_answer.h \
	src/wire/encode_command.c src/wire/encode_command.h \
	src/wire/encode_frame.c src/wire/encode_frame.h \
	src/wire/encode_identity.h \
	src/wire/encode_item.c src/wire/encode_item.h \
	src/wire/encode_pubsub.c src/wire/encode_pubsub.h \
	src/wire/ns.h \
	src/wire/parse.c src/wire/parse.h \
	src/wire/plain.c src/wire/plain.h \
	src/wire/reader.c src/wire/reader.h \
	src/wire/scan.c src/wire/scan.h \
	src/wire/stream.c src/wire/stream.h \
	src/wire/words.c src/wire/words.h \
	src/wire/write.c src/wire/write.h \
	src/wire/xml.c src/wire/xml.h
libwire_a_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)

# The texts for people, as a table.
src/wire/english.inc: po/polypresence.pot po/catalogue.awk
	$(AM_V_GEN)$(MKDIR_P) src/wire && \
	$(AWK) -f $(srcdir)/po/catalogue.awk $(srcdir)/po/polypresence.pot >$@.new && mv $@.new $@
src/wire/libwire_a-catalogue.$(OBJEXT): src/wire/english.inc
CLEANFILES += src/wire/english.inc
EXTRA_DIST += po/polypresence.pot po/catalogue.awk
