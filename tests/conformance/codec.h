/* Files named by the CID of their bytes: <CID>.dag-cbor, .dag-json, .dag-pb, forms of one value in one folder. */
#ifndef TESTS_CONFORMANCE_CODEC_H
#define TESTS_CONFORMANCE_CODEC_H

#include "tests/conformance/conformance.h"

bool codec_file(const struct file *file); /* whether the current file is such a one, by its ending */
void codec_case(struct suite *s);
/* Elements of a JSON array {"hex" | "dag-json", "error"}: what a decoder or an encoder must refuse. pb: dag-pb, else
 * CBOR. */
void codec_negative_case(struct suite *s, const struct json *one, const char *which, bool pb);

#endif
