# Built and run by `make bench' only.
BENCH_BINS = bench/bench bench/bare_expat bench/strophe_component bench/micro
EXTRA_PROGRAMS = $(BENCH_BINS) bench/one_feed

BENCH_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -D_GNU_SOURCE

bench_bench_SOURCES = \
	bench/bench.c \
	bench/fakeserver.c bench/fakeserver.h \
	bench/feed.c bench/feed.h \
	bench/outcome.c bench/outcome.h \
	bench/prefill.c bench/prefill.h
bench_bench_CPPFLAGS = $(BENCH_CPPFLAGS)
bench_bench_LDADD = $(SYS_LIBS)

bench_bare_expat_SOURCES = bench/bare_expat.c
bench_bare_expat_CPPFLAGS = $(BENCH_CPPFLAGS) $(EXPAT_CFLAGS)
bench_bare_expat_LDADD = libbase.a $(EXPAT_LIBS)

bench_strophe_component_SOURCES = bench/strophe_component.c bench/feed.c bench/feed.h
bench_strophe_component_CPPFLAGS = $(BENCH_CPPFLAGS) $(STROPHE_CFLAGS)
bench_strophe_component_LDADD = libbase.a $(STROPHE_LIBS)

bench_micro_SOURCES = bench/micro.c bench/micro_roster.c bench/micro_roster.h bench/feed.c bench/feed.h
bench_micro_CPPFLAGS = $(BENCH_CPPFLAGS) $(EXPAT_CFLAGS)
bench_micro_LDADD = libwire.a libcore.a libbase.a $(EXPAT_LIBS) $(IDN_LIBS)

bench_one_feed_SOURCES = bench/one_feed.c bench/feed.c bench/feed.h
bench_one_feed_CPPFLAGS = $(BENCH_CPPFLAGS)
bench_one_feed_LDADD = libcore.a libbase.a $(IDN_LIBS)

# BENCH_FLAGS: see the top of bench/bench.c.  Fails when a goal is missed.
.PHONY: bench
bench: polypresence$(EXEEXT) $(BENCH_BINS)
	bench/micro$(EXEEXT)
	@echo
	bench/bench$(EXEEXT) $(BENCH_FLAGS) ./polypresence$(EXEEXT) bench/bare_expat$(EXEEXT) \
		bench/strophe_component$(EXEEXT)

# Fails when a presence costs 5 % more instructions than recorded: see the top of bench/feed_cost.
.PHONY: bench-check bench-record
bench-check: bench/one_feed$(EXEEXT)
	$(srcdir)/bench/feed_cost bench/one_feed$(EXEEXT)
bench-record: bench/one_feed$(EXEEXT)
	$(srcdir)/bench/feed_cost bench/one_feed$(EXEEXT) --record

CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += bench/feed_cost bench/feed_cost.record bench/results.md
