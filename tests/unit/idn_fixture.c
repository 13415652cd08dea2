/* In the place of libidn's functions, which they call. */
#include "idn_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dlfcn.h>
#include <punycode.h>
#include <stringprep.h>

#include <cmocka.h>

unsigned long prepared;

int
punycode_decode(size_t inlen, const char *in, size_t *outlen, punycode_uint *out, unsigned char *flags)
{
	int (*real)(size_t, const char *, size_t *, punycode_uint *, unsigned char *);

	prepared++;
	*(void **)&real = dlsym(RTLD_NEXT, "punycode_decode");
	assert_non_null(real);
	return real(inlen, in, outlen, out, flags);
}

int
stringprep(char *in, size_t maxlen, Stringprep_profile_flags flags, const Stringprep_profile *profile)
{
	int (*real)(char *, size_t, Stringprep_profile_flags, const Stringprep_profile *);

	prepared++;
	*(void **)&real = dlsym(RTLD_NEXT, "stringprep");
	assert_non_null(real);
	return real(in, maxlen, flags, profile);
}
