# `make soak HOURS=h', `make soak-real HOURS=h', `make flood SECONDS=s'; none is part of `make check'.
EXTRA_PROGRAMS += tests/soak/soak tests/soak/flood

SOAK_WORLD = \
	tests/soak/answer.c \
	tests/soak/child.c tests/soak/child.h \
	tests/soak/server.c tests/soak/server.h \
	tests/soak/strangers.c tests/soak/strangers.h \
	tests/soak/world.c tests/soak/world.h
SOAK_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -D_GNU_SOURCE

tests_soak_soak_SOURCES = tests/soak/soak.c $(SOAK_WORLD)
tests_soak_soak_CPPFLAGS = $(SOAK_CPPFLAGS)
tests_soak_soak_LDADD = $(SYS_LIBS)

tests_soak_flood_SOURCES = tests/soak/flood.c $(SOAK_WORLD)
tests_soak_flood_CPPFLAGS = $(SOAK_CPPFLAGS)
tests_soak_flood_LDADD = $(SYS_LIBS)

HOURS = 0.5
SECONDS = 60
SERVER = prosody-0.12
.PHONY: soak soak-real flood
soak: polypresence$(EXEEXT) tests/soak/soak$(EXEEXT)
	tests/soak/soak$(EXEEXT) -h $(HOURS) $(SOAK_FLAGS) ./polypresence$(EXEEXT)

# Needs root and the servers' roots, as tests/e2e does.
soak-real: polypresence$(EXEEXT)
	$(PYTHON) -B $(srcdir)/tests/soak/real.py --hours $(HOURS) --server $(SERVER) $(SOAK_REAL_FLAGS) ./polypresence$(EXEEXT)

flood: polypresence$(EXEEXT) tests/soak/flood$(EXEEXT)
	tests/soak/flood$(EXEEXT) -t $(SECONDS) $(FLOOD_FLAGS) ./polypresence$(EXEEXT)

EXTRA_DIST += tests/soak/real.py tests/soak/results.md
