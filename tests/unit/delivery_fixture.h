/* For tests of what is told to contacts by the component itself. */
#ifndef PP_TESTS_DELIVERY_FIXTURE_H
#define PP_TESTS_DELIVERY_FIXTURE_H

#include "core_fixture.h"

void on_ejabberd(unsigned what);

#endif
