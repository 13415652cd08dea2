/* What reading a roster costs: it grows with the roster, and not with what its user has linked. */
#include <stdio.h>
#include <string.h>

#include <dlfcn.h>
#include <punycode.h>

#include "core_fixture.h"

#define ITEMS 200

static unsigned long decoded; /* A-labels */

int
punycode_decode(size_t inlen, const char *in, size_t *outlen, punycode_uint *out, unsigned char *flags)
{
	int (*real)(size_t, const char *, size_t *, punycode_uint *, unsigned char *);

	decoded++;
	*(void **)&real = dlsym(RTLD_NEXT, "punycode_decode");
	assert_non_null(real);
	return real(inlen, in, outlen, out, flags);
}

/* Alice has LINKED accounts of one name at domains with A-labels, and so has everybody in her group. */
static unsigned long
reading_costs(void **state, unsigned linked)
{
	char jid[64], id[8];
	struct device_record d = {.primary = ALICE, .label = "x", .state = LINK_REVOKED, .generation = 1};
	unsigned i;

	core_teardown(state);
	core_setup_enrolled(state);
	for (i = 0; i < linked; i++) {
		snprintf(jid, sizeof(jid), "a@xn--4db.x%u.test", i);
		snprintf(id, sizeof(id), "yyyy%02u", i);
		d.jid = jid;
		d.id = id;
		registry_holds_device(&d);
	}
	for (i = 0; i < ITEMS; i++) {
		snprintf(jid, sizeof(jid), "a@xn--4db.y%u.test", i);
		roster_has(ALICE, kept(jid), SUBSCRIPTION_NONE, "Devices");
	}
	restart();
	decoded = 0;
	link_up();
	grant(GRANT_ALL);
	passes(60000);
	return decoded;
}

static void
reading_a_roster_costs_no_more_where_much_is_linked(void **state)
{
	/* All places but one, which the group takes, or the two would do different things. */
	unsigned long few = reading_costs(state, 1), many = reading_costs(state, USER_DEVICES_MAX - 1);

	assert_true(few > ITEMS);
	assert_in_range(many, ITEMS, 2 * few + 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ENROLLED(reading_a_roster_costs_no_more_where_much_is_linked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
