# `make mutants': known bugs, one at a time, have to be found.  MUTANTS: options and names, see `MUTANTS=--help'.
MUTATIONS = \
	tests/mutants/answers.list \
	tests/mutants/bounds.list \
	tests/mutants/audience.list \
	tests/mutants/audit.list \
	tests/mutants/blocking.list \
	tests/mutants/commands.list \
	tests/mutants/consent.list \
	tests/mutants/delivery.list \
	tests/mutants/line.list \
	tests/mutants/node.list \
	tests/mutants/pace.list \
	tests/mutants/presence.list \
	tests/mutants/publish.list \
	tests/mutants/registry.list \
	tests/mutants/roster.list \
	tests/mutants/sys.list \
	tests/mutants/verify.list \
	tests/mutants/watch.list \
	tests/mutants/withhold.list \
	tests/mutants/wire.list
EXTRA_DIST += $(MUTATIONS) tests/mutants/mutation.py tests/mutants/run.py

# What judges, as it was built; also of `make mutate'.
MUTANTS_ENVIRONMENT = \
	srcdir='$(srcdir)' builddir='$(builddir)' CC='$(CC)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' \
	CPPFLAGS='-I. -I$(top_srcdir)/src $(CPPFLAGS) $(SSL_CFLAGS) $(CRYPTO_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS) $(STROPHE_CFLAGS)' \
	BASE_TESTS='$(BASE_TESTS)' CORE_TESTS='$(CORE_TESTS)' WIRE_TESTS='$(WIRE_TESTS)' SYS_TESTS='$(SYS_TESTS)' \
	WATCH_TESTS='$(WATCH_TESTS)' WATCH_LIBS='$(WATCH_TEST_LIBS)' \
	CORE_LIBS='$(CORE_TEST_LIBS)' WIRE_LIBS='$(WIRE_TEST_LIBS)' SYS_LIBS='$(SYS_TEST_LIBS)' \
	LDFLAGS_test_core_contacts_many='$(tests_unit_test_core_contacts_many_LDFLAGS)' \
	LDFLAGS_test_store_crash='$(tests_unit_test_store_crash_LDFLAGS)' \
	LDFLAGS_test_store_fail='$(tests_unit_test_store_fail_LDFLAGS)' \
	LDFLAGS_failing_polypresence='$(CALLS_LINK)' \
	LIBS_failing_polypresence='$(tests_unit_failing_polypresence_LDADD)' \
	OBJECTS_failing_polypresence='$(tests_unit_failing_polypresence_OBJECTS)' \
	LIBS_polypresence_watch='$(polypresence_watch_LDADD)' OBJECTS_polypresence_watch='$(polypresence_watch_OBJECTS)' \
	SIM_LIBS='$(tests_sim_sim_LDADD)' PYTHONDONTWRITEBYTECODE=1

MUTANTS =
.PHONY: mutants
mutants: $(UNIT_TESTS) tests/unit/failing_polypresence polypresence-watch tests/sim/sim
	@$(MUTANTS_ENVIRONMENT) $(PYTHON) '$(srcdir)/tests/mutants/run.py' --jobs $(JOBS) $(MUTANTS)
