/* CARs: framing, hashes, dag-pb and UnixFS inside. */
#ifndef TESTS_CONFORMANCE_CAR_H
#define TESTS_CONFORMANCE_CAR_H

#include "tests/conformance/conformance.h"

void car_case(struct suite *s);

#endif
