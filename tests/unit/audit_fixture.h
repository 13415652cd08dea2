/* For tests of who is asked whether he is there. */
#ifndef PP_TESTS_AUDIT_FIXTURE_H
#define PP_TESTS_AUDIT_FIXTURE_H

#include "core_fixture.h"

#define AUDIT_MS 600000
#define ANSWER_MS 10000 /* a probe is waited for so long, see audit.c */
#define SECOND 1000

const char *staff(unsigned i);
/* The label of such a device. */
const char *called(const char *bare);
const char *full(const char *bare);
/* N accounts of work.test are alice's devices, live there, and have answered a probe. */
void has_staff(unsigned n);
/* Likewise the desk phone and the laptop of a linked alice. */
int audit_setup(void **state);
const struct shown *shown(const char *label);
/* What an item says of a device: its state, "stale", "absent". */
const char *is(const char *label);
unsigned probes(const char *to);
void until_asked(const char *to);

#define AUDITED(f) cmocka_unit_test_setup_teardown(f, audit_setup, core_teardown)

#endif
