/* For tests of what is told to contacts by the component itself. */
#ifndef PP_TESTS_CORE_FIXTURE_DELIVERY_H
#define PP_TESTS_CORE_FIXTURE_DELIVERY_H

#include "core_fixture.h"

void on_ejabberd(unsigned what);

#endif
