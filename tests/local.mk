# `make check': programs of cmocka, one for each module, and checks of the source itself.

AM_TESTS_ENVIRONMENT = \
	srcdir='$(srcdir)'; builddir='$(builddir)'; CC='$(CC)'; NM='$(NM)'; \
	export srcdir builddir CC NM; PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = $(PYTHON)

SOURCE_CHECKS = \
	tests/check/check_headers.py \
	tests/check/check_layers.py \
	tests/check/check_bounds.py \
	tests/check/check_mutants.py \
	tests/check/check_dist.py \
	tests/check/check_doc.py \
	tests/check/check_log_texts.py \
	tests/check/check_hardening.py \
	tests/check/check_names.py \
	tests/check/check_privacy.py \
	tests/check/check_purity.py \
	tests/check/check_rest.py \
	tests/check/check_rooms.py \
	tests/check/check_writers.py
TESTS += $(SOURCE_CHECKS)
EXTRA_DIST += $(SOURCE_CHECKS) tests/check/source.py tests/check/rooms.py tests/check/fields.py \
	tests/check/rooms.table tests/check/writers.table

if HAVE_CMOCKA

UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(EVENT_CFLAGS) $(SSL_CFLAGS)
BASE_TEST_LIBS = libbase.a $(IDN_LIBS) $(CMOCKA_LIBS)
CORE_TEST_LIBS = tests/unit/libcoretest.a libwire.a libcore.a $(BASE_TEST_LIBS)
WIRE_TEST_LIBS = libwire.a libcore.a libbase.a $(EXPAT_LIBS) $(IDN_LIBS) $(CMOCKA_LIBS)
SYS_TEST_LIBS = $(SYS_LIBS) $(CMOCKA_LIBS)
WATCH_TEST_LIBS = libwatch.a libbase.a $(CMOCKA_LIBS)

# src/base
BASE_TESTS = \
	tests/unit/test_base \
	tests/unit/test_jid \
	tests/unit/test_mention \
	tests/unit/test_rate \
	tests/unit/test_ring
tests_unit_test_rate_SOURCES = tests/unit/test_rate.c
tests_unit_test_rate_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_rate_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_ring_SOURCES = tests/unit/test_ring.c
tests_unit_test_ring_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ring_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_base_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_jid_SOURCES = tests/unit/test_jid.c
tests_unit_test_jid_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_jid_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_mention_SOURCES = tests/unit/test_mention.c
tests_unit_test_mention_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_mention_LDADD = $(BASE_TEST_LIBS)

# src/core, with a world around it: a clock, a registry, a server
CORE_TESTS = \
	tests/unit/test_core_advice \
	tests/unit/test_core_anew \
	tests/unit/test_core_pace \
	tests/unit/test_ask_book \
	tests/unit/test_core_places \
	tests/unit/test_pace \
	tests/unit/test_core_audience \
	tests/unit/test_core_audience_linked \
	tests/unit/test_core_ask_rate \
	tests/unit/test_core_remind \
	tests/unit/test_core_question \
	tests/unit/test_core_audit \
	tests/unit/test_core_audit_gone \
	tests/unit/test_core_audit_server \
	tests/unit/test_core_bounds \
	tests/unit/test_core_clean \
	tests/unit/test_core_command \
	tests/unit/test_core_consent \
	tests/unit/test_core_contacts \
	tests/unit/test_core_contacts_many \
	tests/unit/test_core_crowd \
	tests/unit/test_core_blocking \
	tests/unit/test_core_blocklist \
	tests/unit/test_core_delivery \
	tests/unit/test_core_deliverer \
	tests/unit/test_core_greeting \
	tests/unit/test_core_edges \
	tests/unit/test_core_devices \
	tests/unit/test_core_doubt \
	tests/unit/test_core_enrol \
	tests/unit/test_core_expiry \
	tests/unit/test_core_hints \
	tests/unit/test_core_item \
	tests/unit/test_core_labels \
	tests/unit/test_core_late \
	tests/unit/test_core_line \
	tests/unit/test_core_limits \
	tests/unit/test_core_memory \
	tests/unit/test_core_heir \
	tests/unit/test_core_newcomer \
	tests/unit/test_core_node \
	tests/unit/test_core_node_private \
	tests/unit/test_core_node_settings \
	tests/unit/test_core_owed \
	tests/unit/test_core_parts \
	tests/unit/test_core_permit \
	tests/unit/test_core_publish \
	tests/unit/test_core_rest \
	tests/unit/test_core_share \
	tests/unit/test_core_answers \
	tests/unit/test_core_slots \
	tests/unit/test_core_mute \
	tests/unit/test_core_roster \
	tests/unit/test_core_roster_cost \
	tests/unit/test_core_roster_large \
	tests/unit/test_core_telling \
	tests/unit/test_core_sender \
	tests/unit/test_core_kind \
	tests/unit/test_core_settle \
	tests/unit/test_core_shown \
	tests/unit/test_core_silence \
	tests/unit/test_core_threats \
	tests/unit/test_core_urgent \
	tests/unit/test_core_urgent_unsettled \
	tests/unit/test_core_verdict \
	tests/unit/test_core_claims_linked \
	tests/unit/test_core_claims_unread \
	tests/unit/test_core_suspend \
	tests/unit/test_core_suspend_linked \
	tests/unit/test_core_suspend_many \
	tests/unit/test_core_suspend_over \
	tests/unit/test_core_verify \
	tests/unit/test_core_wide \
	tests/unit/test_core_wide_again \
	tests/unit/test_core_words \
	tests/unit/test_core_unnamed \
	tests/unit/test_core_unwritten \
	tests/unit/test_core_withhold \
	tests/unit/test_core_writes \
	tests/unit/test_types
check_LIBRARIES = tests/unit/libcoretest.a
tests_unit_libcoretest_a_SOURCES = \
	tests/unit/core_fixture.c tests/unit/core_fixture.h \
	tests/unit/core_fixture_items.c \
	tests/unit/core_fixture_line.c \
	tests/unit/core_fixture_list.c tests/unit/core_fixture_list.h \
	tests/unit/core_fixture_pep.c \
	tests/unit/core_fixture_probes.c \
	tests/unit/core_fixture_registry.c \
	tests/unit/core_fixture_rosters.c \
	tests/unit/core_fixture_seen.c \
	tests/unit/core_fixture_server.c \
	tests/unit/core_fixture_verbs.c
tests_unit_libcoretest_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_libcoretest_a_CFLAGS = $(UNIT_CFLAGS)
# What a few of them have in common.
AUDIT_FIXTURE = tests/unit/audit_fixture.c tests/unit/audit_fixture.h
BLOCKING_FIXTURE = tests/unit/blocking_fixture.c tests/unit/blocking_fixture.h
CLAIMS_FIXTURE = tests/unit/claims_fixture.c tests/unit/claims_fixture.h
IDN_FIXTURE = tests/unit/idn_fixture.c tests/unit/idn_fixture.h
DELIVERY_FIXTURE = tests/unit/delivery_fixture.c tests/unit/delivery_fixture.h
REMIND_FIXTURE = tests/unit/remind_fixture.c tests/unit/remind_fixture.h
ROSTER_FIXTURE = tests/unit/roster_fixture.c tests/unit/roster_fixture.h
SHARE_FIXTURE = tests/unit/share_fixture.c tests/unit/share_fixture.h
SLOTS_FIXTURE = tests/unit/slots_fixture.c tests/unit/slots_fixture.h
SUSPEND_FIXTURE = tests/unit/suspend_fixture.c tests/unit/suspend_fixture.h
WIDE_FIXTURE = tests/unit/wide_fixture.c tests/unit/wide_fixture.h
URGENT_FIXTURE = tests/unit/urgent_fixture.c tests/unit/urgent_fixture.h
tests_unit_test_core_remind_SOURCES = tests/unit/test_core_remind.c $(REMIND_FIXTURE)
tests_unit_test_core_remind_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_remind_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_question_SOURCES = tests/unit/test_core_question.c $(REMIND_FIXTURE)
tests_unit_test_core_question_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_question_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_ask_rate_SOURCES = tests/unit/test_core_ask_rate.c
tests_unit_test_core_ask_rate_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_ask_rate_LDADD = $(CORE_TEST_LIBS)

tests_unit_test_core_audit_SOURCES = tests/unit/test_core_audit.c $(AUDIT_FIXTURE)
tests_unit_test_core_audit_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_audit_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_audit_gone_SOURCES = tests/unit/test_core_audit_gone.c $(AUDIT_FIXTURE)
tests_unit_test_core_audit_gone_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_audit_gone_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_audit_server_SOURCES = tests/unit/test_core_audit_server.c $(AUDIT_FIXTURE)
tests_unit_test_core_audit_server_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_audit_server_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_command_SOURCES = tests/unit/test_core_command.c
tests_unit_test_core_command_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_command_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_claims_linked_SOURCES = tests/unit/test_core_claims_linked.c $(CLAIMS_FIXTURE)
tests_unit_test_core_claims_linked_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_claims_linked_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_suspend_linked_SOURCES = tests/unit/test_core_suspend_linked.c $(CLAIMS_FIXTURE)
tests_unit_test_core_suspend_linked_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_suspend_linked_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_claims_unread_SOURCES = tests/unit/test_core_claims_unread.c
tests_unit_test_core_claims_unread_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_claims_unread_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_suspend_SOURCES = tests/unit/test_core_suspend.c $(SUSPEND_FIXTURE)
tests_unit_test_core_suspend_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_suspend_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_suspend_many_SOURCES = tests/unit/test_core_suspend_many.c $(SUSPEND_FIXTURE)
tests_unit_test_core_suspend_many_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_suspend_many_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_suspend_over_SOURCES = tests/unit/test_core_suspend_over.c $(SUSPEND_FIXTURE)
tests_unit_test_core_suspend_over_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_suspend_over_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_verify_SOURCES = tests/unit/test_core_verify.c
tests_unit_test_core_verify_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_verify_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_wide_SOURCES = tests/unit/test_core_wide.c $(WIDE_FIXTURE)
tests_unit_test_core_wide_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_wide_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_wide_again_SOURCES = tests/unit/test_core_wide_again.c $(WIDE_FIXTURE)
tests_unit_test_core_wide_again_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_wide_again_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_consent_SOURCES = tests/unit/test_core_consent.c
tests_unit_test_core_consent_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_consent_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_pace_SOURCES = tests/unit/test_core_pace.c
tests_unit_test_core_pace_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_pace_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_ask_book_SOURCES = tests/unit/test_ask_book.c
tests_unit_test_ask_book_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ask_book_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_places_SOURCES = tests/unit/test_core_places.c
tests_unit_test_core_places_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_places_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_pace_SOURCES = tests/unit/test_pace.c
tests_unit_test_pace_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_pace_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_crowd_SOURCES = tests/unit/test_core_crowd.c
tests_unit_test_core_crowd_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_crowd_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_blocking_SOURCES = tests/unit/test_core_blocking.c $(BLOCKING_FIXTURE)
tests_unit_test_core_blocking_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_blocking_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_blocklist_SOURCES = tests/unit/test_core_blocklist.c $(BLOCKING_FIXTURE)
tests_unit_test_core_blocklist_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_blocklist_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_delivery_SOURCES = tests/unit/test_core_delivery.c $(DELIVERY_FIXTURE)
tests_unit_test_core_delivery_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_delivery_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_deliverer_SOURCES = tests/unit/test_core_deliverer.c $(DELIVERY_FIXTURE)
tests_unit_test_core_deliverer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_deliverer_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_greeting_SOURCES = tests/unit/test_core_greeting.c $(DELIVERY_FIXTURE)
tests_unit_test_core_greeting_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_greeting_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_edges_SOURCES = tests/unit/test_core_edges.c
tests_unit_test_core_edges_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_edges_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_clean_SOURCES = tests/unit/test_core_clean.c
tests_unit_test_core_clean_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_clean_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_enrol_SOURCES = tests/unit/test_core_enrol.c
tests_unit_test_core_enrol_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_enrol_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_expiry_SOURCES = tests/unit/test_core_expiry.c
tests_unit_test_core_expiry_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_expiry_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_hints_SOURCES = tests/unit/test_core_hints.c
tests_unit_test_core_hints_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_hints_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_item_SOURCES = tests/unit/test_core_item.c
tests_unit_test_core_item_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_item_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_labels_SOURCES = tests/unit/test_core_labels.c
tests_unit_test_core_labels_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_labels_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_late_SOURCES = tests/unit/test_core_late.c
tests_unit_test_core_late_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_late_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_line_SOURCES = tests/unit/test_core_line.c
tests_unit_test_core_line_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_line_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_limits_SOURCES = tests/unit/test_core_limits.c
tests_unit_test_core_limits_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_limits_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_memory_SOURCES = tests/unit/test_core_memory.c
tests_unit_test_core_memory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_memory_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_heir_SOURCES = tests/unit/test_core_heir.c
tests_unit_test_core_heir_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_heir_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_newcomer_SOURCES = tests/unit/test_core_newcomer.c
tests_unit_test_core_newcomer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_newcomer_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_node_SOURCES = tests/unit/test_core_node.c
tests_unit_test_core_node_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_node_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_node_private_SOURCES = tests/unit/test_core_node_private.c
tests_unit_test_core_node_private_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_node_private_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_node_settings_SOURCES = tests/unit/test_core_node_settings.c
tests_unit_test_core_node_settings_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_node_settings_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_owed_SOURCES = tests/unit/test_core_owed.c
tests_unit_test_core_owed_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_owed_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_roster_cost_SOURCES = tests/unit/test_core_roster_cost.c $(IDN_FIXTURE)
tests_unit_test_core_roster_cost_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_core_roster_cost_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_roster_cost_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_parts_SOURCES = tests/unit/test_core_parts.c
tests_unit_test_core_parts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_parts_LDADD = libcore.a $(BASE_TEST_LIBS)
tests_unit_test_core_advice_SOURCES = tests/unit/test_core_advice.c
tests_unit_test_core_advice_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_advice_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_anew_SOURCES = tests/unit/test_core_anew.c
tests_unit_test_core_anew_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_anew_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_verdict_SOURCES = tests/unit/test_core_verdict.c
tests_unit_test_core_verdict_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_verdict_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_slots_SOURCES = tests/unit/test_core_slots.c $(SLOTS_FIXTURE)
tests_unit_test_core_slots_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_slots_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_mute_SOURCES = tests/unit/test_core_mute.c $(SLOTS_FIXTURE)
tests_unit_test_core_mute_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_mute_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_share_SOURCES = tests/unit/test_core_share.c $(SHARE_FIXTURE)
tests_unit_test_core_share_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_share_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_answers_SOURCES = tests/unit/test_core_answers.c $(SHARE_FIXTURE)
tests_unit_test_core_answers_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_answers_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_rest_SOURCES = tests/unit/test_core_rest.c
tests_unit_test_core_rest_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_rest_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_contacts_many_SOURCES = tests/unit/test_core_contacts_many.c
tests_unit_test_core_contacts_many_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_contacts_many_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_contacts_many_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=strcmp
tests_unit_test_core_roster_SOURCES = tests/unit/test_core_roster.c $(ROSTER_FIXTURE)
tests_unit_test_core_roster_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_roster_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_roster_large_SOURCES = tests/unit/test_core_roster_large.c $(ROSTER_FIXTURE)
tests_unit_test_core_roster_large_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_roster_large_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_telling_SOURCES = tests/unit/test_core_telling.c
tests_unit_test_core_telling_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_telling_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_shown_SOURCES = tests/unit/test_core_shown.c
tests_unit_test_core_shown_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_shown_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_silence_SOURCES = tests/unit/test_core_silence.c
tests_unit_test_core_silence_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_silence_LDADD = libcore.a $(BASE_TEST_LIBS)
tests_unit_test_core_permit_SOURCES = tests/unit/test_core_permit.c
tests_unit_test_core_permit_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_permit_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_sender_SOURCES = tests/unit/test_core_sender.c
tests_unit_test_core_sender_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_sender_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_kind_SOURCES = tests/unit/test_core_kind.c
tests_unit_test_core_kind_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_kind_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_publish_SOURCES = tests/unit/test_core_publish.c
tests_unit_test_core_publish_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_publish_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_settle_SOURCES = tests/unit/test_core_settle.c
tests_unit_test_core_settle_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_settle_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_threats_SOURCES = tests/unit/test_core_threats.c
tests_unit_test_core_threats_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_threats_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_audience_SOURCES = tests/unit/test_core_audience.c
tests_unit_test_core_audience_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_audience_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_audience_linked_SOURCES = tests/unit/test_core_audience_linked.c
tests_unit_test_core_audience_linked_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_audience_linked_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_urgent_SOURCES = tests/unit/test_core_urgent.c $(URGENT_FIXTURE)
tests_unit_test_core_urgent_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_urgent_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_urgent_unsettled_SOURCES = tests/unit/test_core_urgent_unsettled.c $(URGENT_FIXTURE)
tests_unit_test_core_urgent_unsettled_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_urgent_unsettled_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_bounds_SOURCES = tests/unit/test_core_bounds.c
tests_unit_test_core_bounds_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_bounds_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_contacts_SOURCES = tests/unit/test_core_contacts.c
tests_unit_test_core_contacts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_contacts_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_devices_SOURCES = tests/unit/test_core_devices.c
tests_unit_test_core_devices_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_devices_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_doubt_SOURCES = tests/unit/test_core_doubt.c
tests_unit_test_core_doubt_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_doubt_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_withhold_SOURCES = tests/unit/test_core_withhold.c
tests_unit_test_core_withhold_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_withhold_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_writes_SOURCES = tests/unit/test_core_writes.c
tests_unit_test_core_writes_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_writes_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_unnamed_SOURCES = tests/unit/test_core_unnamed.c
tests_unit_test_core_unnamed_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_unnamed_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_unwritten_SOURCES = tests/unit/test_core_unwritten.c
tests_unit_test_core_unwritten_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_unwritten_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_core_words_SOURCES = tests/unit/test_core_words.c
tests_unit_test_core_words_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_words_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_types_SOURCES = tests/unit/test_types.c
tests_unit_test_types_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_types_LDADD = libcore.a $(BASE_TEST_LIBS)

# src/wire
WIRE_TESTS = \
	tests/unit/test_words \
	tests/unit/test_datetime \
	tests/unit/test_decode \
	tests/unit/test_decode_bounds \
	tests/unit/test_decode_answer \
	tests/unit/test_decode_privilege \
	tests/unit/test_decode_head \
	tests/unit/test_decode_request \
	tests/unit/test_decode_odd \
	tests/unit/test_encode \
	tests/unit/test_encode_pubsub \
	tests/unit/test_parse \
	tests/unit/test_parse_bounds \
	tests/unit/test_parse_large \
	tests/unit/test_plain \
	tests/unit/test_stream \
	tests/unit/test_write
WIRE_FIXTURE = tests/unit/wire_fixture.c tests/unit/wire_fixture.h
PARSE_FIXTURE = tests/unit/parse_fixture.c tests/unit/parse_fixture.h
DECODE_FIXTURE = tests/unit/decode_fixture.c tests/unit/decode_fixture.h $(WIRE_FIXTURE)
ENCODE_FIXTURE = tests/unit/encode_fixture.c tests/unit/encode_fixture.h $(WIRE_FIXTURE)
tests_unit_test_words_SOURCES = tests/unit/test_words.c
tests_unit_test_words_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_words_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_datetime_SOURCES = tests/unit/test_datetime.c
tests_unit_test_datetime_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_datetime_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_decode_SOURCES = tests/unit/test_decode.c $(DECODE_FIXTURE)
tests_unit_test_decode_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_decode_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_decode_bounds_SOURCES = tests/unit/test_decode_bounds.c $(DECODE_FIXTURE)
tests_unit_test_decode_bounds_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_decode_bounds_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_decode_answer_SOURCES = tests/unit/test_decode_answer.c $(DECODE_FIXTURE)
tests_unit_test_decode_answer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_decode_answer_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_decode_privilege_SOURCES = tests/unit/test_decode_privilege.c $(DECODE_FIXTURE)
tests_unit_test_decode_privilege_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_decode_privilege_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_decode_head_SOURCES = tests/unit/test_decode_head.c $(DECODE_FIXTURE) $(IDN_FIXTURE)
tests_unit_test_decode_head_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_decode_head_CFLAGS = $(UNIT_CFLAGS) $(IDN_CFLAGS)
tests_unit_test_decode_head_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_decode_request_SOURCES = tests/unit/test_decode_request.c $(DECODE_FIXTURE)
tests_unit_test_decode_request_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_decode_request_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_decode_odd_SOURCES = tests/unit/test_decode_odd.c $(DECODE_FIXTURE)
tests_unit_test_decode_odd_CFLAGS = $(UNIT_CFLAGS) $(IDN_CFLAGS)
tests_unit_test_decode_odd_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_encode_SOURCES = tests/unit/test_encode.c $(ENCODE_FIXTURE)
tests_unit_test_encode_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_encode_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_encode_pubsub_SOURCES = tests/unit/test_encode_pubsub.c $(ENCODE_FIXTURE)
tests_unit_test_encode_pubsub_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_encode_pubsub_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_parse_SOURCES = tests/unit/test_parse.c $(PARSE_FIXTURE)
tests_unit_test_parse_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_parse_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_parse_bounds_SOURCES = tests/unit/test_parse_bounds.c $(PARSE_FIXTURE)
tests_unit_test_parse_bounds_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_parse_bounds_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_parse_large_SOURCES = tests/unit/test_parse_large.c $(PARSE_FIXTURE)
tests_unit_test_parse_large_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_parse_large_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_plain_SOURCES = tests/unit/test_plain.c
tests_unit_test_plain_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_plain_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_stream_SOURCES = tests/unit/test_stream.c
tests_unit_test_stream_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_stream_LDADD = $(WIRE_TEST_LIBS)
tests_unit_test_write_SOURCES = tests/unit/test_write.c
tests_unit_test_write_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_write_LDADD = $(WIRE_TEST_LIBS)

# src/sys
SYS_TESTS = \
	tests/unit/test_clock \
	tests/unit/test_report \
	tests/unit/test_backoff \
	tests/unit/test_conf \
	tests/unit/test_conf_lines \
	tests/unit/test_conf_bounds \
	tests/unit/test_conn \
	tests/unit/test_link \
	tests/unit/test_link_down \
	tests/unit/test_link_fail \
	tests/unit/test_log \
	tests/unit/test_outqueue \
	tests/unit/test_perform \
	tests/unit/test_program \
	tests/unit/test_program_fail \
	tests/unit/test_program_moved \
	tests/unit/test_program_reload \
	tests/unit/test_secret \
	tests/unit/test_store \
	tests/unit/test_store_crash \
	tests/unit/test_store_damage \
	tests/unit/test_store_fail \
	tests/unit/test_store_owner \
	tests/unit/test_store_open
SYS_FIXTURE = tests/unit/sys_fixture.c tests/unit/sys_fixture.h
CONF_FIXTURE = tests/unit/conf_fixture.c tests/unit/conf_fixture.h $(SYS_FIXTURE)
LINK_FIXTURE = tests/unit/link_fixture.c tests/unit/link_fixture.h $(SYS_FIXTURE)
TLS_FIXTURE = tests/unit/tls_fixture.c tests/unit/tls_fixture.h
STORE_FIXTURE = tests/unit/store_fixture.c tests/unit/store_fixture.h $(SYS_FIXTURE)
VFS_FIXTURE = tests/unit/vfs_fixture.c tests/unit/vfs_fixture.h $(STORE_FIXTURE)
tests_unit_test_report_SOURCES = tests/unit/test_report.c $(SYS_FIXTURE)
tests_unit_test_report_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_report_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_clock_SOURCES = tests/unit/test_clock.c
tests_unit_test_clock_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_clock_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_backoff_SOURCES = tests/unit/test_backoff.c
tests_unit_test_backoff_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_backoff_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c $(CONF_FIXTURE)
tests_unit_test_conf_CPPFLAGS = $(AM_CPPFLAGS) -DSAMPLE='"$(srcdir)/etc/polypresence.conf.sample"'
tests_unit_test_conf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_conf_lines_SOURCES = tests/unit/test_conf_lines.c $(CONF_FIXTURE)
tests_unit_test_conf_lines_CPPFLAGS = $(AM_CPPFLAGS) -DSAMPLE='"$(srcdir)/etc/polypresence.conf.sample"'
tests_unit_test_conf_lines_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_lines_LDADD = $(SYS_TEST_LIBS)
# With the world around a core that those of the core have.
tests_unit_test_conf_bounds_SOURCES = tests/unit/test_conf_bounds.c $(SYS_FIXTURE)
tests_unit_test_conf_bounds_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_bounds_LDADD = tests/unit/libcoretest.a $(SYS_TEST_LIBS)
tests_unit_test_conn_SOURCES = tests/unit/test_conn.c $(TLS_FIXTURE) $(SYS_FIXTURE)
tests_unit_test_conn_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conn_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_link_SOURCES = tests/unit/test_link.c $(LINK_FIXTURE)
tests_unit_test_link_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_link_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_link_down_SOURCES = tests/unit/test_link_down.c $(LINK_FIXTURE)
tests_unit_test_link_down_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_link_down_LDADD = $(SYS_TEST_LIBS)
# Its calls are those of libcalls, see below.
tests_unit_test_link_fail_SOURCES = tests/unit/test_link_fail.c $(LINK_FIXTURE)
tests_unit_test_link_fail_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_link_fail_LDFLAGS = $(CALLS_LINK)
tests_unit_test_link_fail_LDADD = tests/unit/libcalls.a $(SYS_TEST_LIBS)
tests_unit_test_log_SOURCES = tests/unit/test_log.c $(SYS_FIXTURE)
tests_unit_test_log_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_log_LDADD = $(SYS_TEST_LIBS)
# Its own core, registry and link stand before those of the libraries.
tests_unit_test_outqueue_SOURCES = tests/unit/test_outqueue.c
tests_unit_test_outqueue_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_outqueue_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_perform_SOURCES = tests/unit/test_perform.c $(SYS_FIXTURE)
tests_unit_test_perform_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_perform_LDADD = $(SYS_TEST_LIBS)
# The program itself, with calls of the system that fail when a test wants them to.
# A sanitizer's runtime makes some of them before it can look at anybody's memory.
check_LIBRARIES += tests/unit/libcalls.a
tests_unit_libcalls_a_SOURCES = tests/unit/calls_fixture.c tests/unit/calls_fixture.h
tests_unit_libcalls_a_CFLAGS = $(AM_CFLAGS) -fno-sanitize=all
CALLS_LINK = $(AM_LDFLAGS) -Wl,--undefined=calls_plan
check_PROGRAMS += tests/unit/failing_polypresence
tests_unit_failing_polypresence_SOURCES = src/sys/main.c
tests_unit_failing_polypresence_LDFLAGS = $(CALLS_LINK)
tests_unit_failing_polypresence_LDADD = tests/unit/libcalls.a $(SYS_LIBS)
PROGRAM_FIXTURE = tests/unit/program_fixture.c tests/unit/program_fixture.h tests/unit/program_fixture_server.c \
	tests/unit/calls_fixture.h $(TLS_FIXTURE)
PROGRAM_VERBS = tests/unit/program_fixture_verbs.c $(PROGRAM_FIXTURE)
tests_unit_test_program_SOURCES = tests/unit/test_program.c $(PROGRAM_VERBS) $(SYS_FIXTURE)
tests_unit_test_program_CFLAGS = $(UNIT_CFLAGS) $(EXPAT_CFLAGS)
tests_unit_test_program_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_program_reload_SOURCES = tests/unit/test_program_reload.c $(PROGRAM_VERBS) $(SYS_FIXTURE)
tests_unit_test_program_reload_CFLAGS = $(UNIT_CFLAGS) $(EXPAT_CFLAGS)
tests_unit_test_program_reload_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_program_moved_SOURCES = tests/unit/test_program_moved.c $(PROGRAM_VERBS) $(SYS_FIXTURE)
tests_unit_test_program_moved_CFLAGS = $(UNIT_CFLAGS) $(EXPAT_CFLAGS)
tests_unit_test_program_moved_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_program_fail_SOURCES = tests/unit/test_program_fail.c $(PROGRAM_FIXTURE) $(STORE_FIXTURE)
tests_unit_test_program_fail_CFLAGS = $(UNIT_CFLAGS) $(EXPAT_CFLAGS)
tests_unit_test_program_fail_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_secret_SOURCES = tests/unit/test_secret.c $(SYS_FIXTURE)
tests_unit_test_secret_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_secret_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_store_SOURCES = tests/unit/test_store.c $(STORE_FIXTURE)
tests_unit_test_store_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_store_open_SOURCES = tests/unit/test_store_open.c $(STORE_FIXTURE)
tests_unit_test_store_open_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_open_LDADD = $(SYS_TEST_LIBS)
# Its record of what is certain on the disk has the renaming and the syncs of libsys.
tests_unit_test_store_owner_SOURCES = tests/unit/test_store_owner.c $(STORE_FIXTURE)
tests_unit_test_store_owner_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_store_owner_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_store_crash_SOURCES = tests/unit/test_store_crash.c $(VFS_FIXTURE)
tests_unit_test_store_crash_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_store_crash_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync -Wl,--wrap=rename
tests_unit_test_store_crash_LDADD = $(SYS_TEST_LIBS)
tests_unit_test_store_damage_SOURCES = tests/unit/test_store_damage.c $(STORE_FIXTURE)
tests_unit_test_store_damage_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_store_damage_LDADD = $(SYS_TEST_LIBS)
# Its fsync() does nothing.
tests_unit_test_store_fail_SOURCES = tests/unit/test_store_fail.c $(VFS_FIXTURE)
tests_unit_test_store_fail_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_store_fail_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync
tests_unit_test_store_fail_LDADD = $(SYS_TEST_LIBS)

# src/watch
WATCH_TESTS = \
	tests/unit/test_watch_answer \
	tests/unit/test_watch_board \
	tests/unit/test_watch_login \
	tests/unit/test_watch_output \
	tests/unit/test_watch_program \
	tests/unit/test_watch_screen \
	tests/unit/test_watch_talk \
	tests/unit/test_watch_text \
	tests/unit/test_watch_view
WATCH_FIXTURE = tests/unit/watch_fixture.c tests/unit/watch_fixture.h
TALK_FIXTURE = tests/unit/talk_fixture.c tests/unit/talk_fixture.h $(WATCH_FIXTURE)
TTY_FIXTURE = tests/unit/tty_fixture.c tests/unit/tty_fixture.h
tests_unit_test_watch_answer_SOURCES = tests/unit/test_watch_answer.c $(TALK_FIXTURE)
tests_unit_test_watch_answer_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_answer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_answer_LDADD = $(WATCH_TEST_LIBS)
tests_unit_test_watch_board_SOURCES = tests/unit/test_watch_board.c $(WATCH_FIXTURE)
tests_unit_test_watch_board_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_board_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_board_LDADD = $(WATCH_TEST_LIBS)
tests_unit_test_watch_login_SOURCES = tests/unit/test_watch_login.c
tests_unit_test_watch_login_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_login_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_login_LDADD = $(WATCH_TEST_LIBS)
tests_unit_test_watch_output_SOURCES = tests/unit/test_watch_output.c $(WATCH_FIXTURE)
tests_unit_test_watch_output_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_output_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_output_LDADD = $(WATCH_TEST_LIBS)
tests_unit_test_watch_program_SOURCES = tests/unit/test_watch_program.c $(SYS_FIXTURE)
tests_unit_test_watch_program_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_program_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_program_LDADD = $(WATCH_TEST_LIBS)
tests_unit_test_watch_screen_SOURCES = tests/unit/test_watch_screen.c $(TTY_FIXTURE)
tests_unit_test_watch_screen_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_screen_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_screen_LDADD = $(WATCH_TEST_LIBS)
tests_unit_test_watch_talk_SOURCES = tests/unit/test_watch_talk.c $(TALK_FIXTURE)
tests_unit_test_watch_talk_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_talk_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_talk_LDADD = $(WATCH_TEST_LIBS)
tests_unit_test_watch_text_SOURCES = tests/unit/test_watch_text.c
tests_unit_test_watch_text_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_text_LDADD = $(WATCH_TEST_LIBS)
tests_unit_test_watch_view_SOURCES = tests/unit/test_watch_view.c $(TTY_FIXTURE) $(WATCH_FIXTURE)
tests_unit_test_watch_view_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_test_watch_view_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_watch_view_LDADD = $(WATCH_TEST_LIBS)

UNIT_TESTS = $(BASE_TESTS) $(CORE_TESTS) $(WIRE_TESTS) $(SYS_TESTS) $(WATCH_TESTS)
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)

endif

# The core's tests with other keys, tables and clocks: `make seeds SEEDS=n' (from FIRST on).
.PHONY: seeds
seeds: $(CORE_TESTS)
	@for seed in `seq $(FIRST) $$(($(FIRST) + $(SEEDS) - 1))`; do for t in $(CORE_TESTS); do \
		CORE_SEED=$$seed ./$$t >tests/unit/seeds.log 2>&1 || { cat tests/unit/seeds.log; exit 1; }; \
	done; done; echo "$(SEEDS) seeds passed"
CLEANFILES += tests/unit/seeds.log
