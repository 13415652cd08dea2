/* How much work libidn is given: it is what costs where there are many addresses. */
#ifndef PP_TESTS_IDN_FIXTURE_H
#define PP_TESTS_IDN_FIXTURE_H

extern unsigned long prepared; /* calls of stringprep() and punycode_decode(), by whomever */

#endif
