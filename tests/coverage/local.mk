# Which lines and branches the tests reach; see the top of tests/coverage/run.
.PHONY: coverage
coverage:
	$(srcdir)/tests/coverage/run $(COVERAGE_FLAGS)

EXTRA_DIST += tests/coverage/run tests/coverage/cc tests/coverage/report tests/coverage/decisions tests/coverage/impossible
