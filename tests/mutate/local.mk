# `make mutate', with Debian's python3-clang: what is found of mistakes that a machine makes.  MUTATE: options, see `MUTATE=--help'; SAMPLE, SEED.
EXTRA_DIST += tests/mutate/equal.list tests/mutate/mutate.py tests/mutate/places.py

SAMPLE = 40
SEED =
MUTATE =
.PHONY: mutate
mutate: $(UNIT_TESTS) $(FUZZ_TARGETS) tests/unit/failing_polypresence polypresence-watch tests/sim/sim
	@$(MUTANTS_ENVIRONMENT) \
	FUZZ_LIBS_answer='$(FUZZ_WIRE_LIBS)' FUZZ_LIBS_command='$(tests_fuzz_command_LDADD)' \
	FUZZ_LIBS_conf='$(tests_fuzz_conf_LDADD)' FUZZ_LIBS_core='$(tests_fuzz_core_LDADD)' \
	FUZZ_LIBS_date='$(tests_fuzz_date_LDADD)' FUZZ_LIBS_decode='$(tests_fuzz_decode_LDADD)' \
	FUZZ_LIBS_jid='$(tests_fuzz_jid_LDADD)' FUZZ_LIBS_log='$(tests_fuzz_log_LDADD)' \
	FUZZ_LIBS_plain='$(tests_fuzz_plain_LDADD)' FUZZ_LIBS_registry='$(tests_fuzz_registry_LDADD)' \
	FUZZ_LIBS_stream='$(tests_fuzz_stream_LDADD)' FUZZ_LIBS_talk='$(tests_fuzz_talk_LDADD)' \
	FUZZ_LIBS_text='$(tests_fuzz_text_LDADD)' FUZZ_LIBS_watch='$(tests_fuzz_watch_LDADD)' \
	FUZZ_LIBS_write='$(tests_fuzz_write_LDADD)' \
	/usr/bin/python3 '$(srcdir)/tests/mutate/mutate.py' --jobs $(JOBS) --sample $(SAMPLE) $(if $(SEED),--seed '$(SEED)') $(MUTATE)
