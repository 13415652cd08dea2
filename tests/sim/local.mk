# The simulator: `make check' runs a few seeds, `make sim SEEDS=n' as many as are wanted (from FIRST on).
check_PROGRAMS += tests/sim/sim
tests_sim_sim_SOURCES = \
	tests/sim/actions.h tests/sim/actions_text.h \
	tests/sim/cover.h \
	tests/sim/oracle.h \
	tests/sim/range.h \
	tests/sim/rest.h \
	tests/sim/sim.h \
	tests/sim/actions.c tests/sim/actions_text.c \
	tests/sim/check.c \
	tests/sim/claims.c \
	tests/sim/count.c \
	tests/sim/cover.c \
	tests/sim/drive.c \
	tests/sim/faults.c \
	tests/sim/final.c \
	tests/sim/haste.c \
	tests/sim/items.c \
	tests/sim/known.c \
	tests/sim/known_heard.c \
	tests/sim/main.c \
	tests/sim/oracle.c \
	tests/sim/people.c \
	tests/sim/pep.c \
	tests/sim/range.c \
	tests/sim/registry.c \
	tests/sim/rest.c \
	tests/sim/route.c \
	tests/sim/server.c \
	tests/sim/silent.c \
	tests/sim/sim.c \
	tests/sim/strangers.c \
	tests/sim/trace.c \
	tests/sim/world.c
tests_sim_sim_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=rng_below
tests_sim_sim_LDADD = libwire.a libcore.a libbase.a $(IDN_LIBS)
EXTRA_DIST += tests/sim/compare_actions tests/sim/rest.table
dist_check_SCRIPTS = tests/sim/sim_check
TESTS += tests/sim/sim_check

# A range that was stopped goes on where it was; another version of the program starts from its beginning.
SEEDS = 1000
FIRST = 1
CLEANFILES += tests/sim/progress tests/sim/coverage
.PHONY: sim
sim: tests/sim/sim
	tests/sim/sim --seeds $(FIRST):$$(($(FIRST) + $(SEEDS))) --jobs $(JOBS) --progress tests/sim/progress \
	    --coverage tests/sim/coverage
