/* JSON from outside: sizes, depth and numbers are bounded before a parser allocates anything. */
#include "ledger/fhir/fhir_internal.h"

/* What a look at the bytes finds; whether they are JSON is the parser's business. */
struct measure {
	size_t depth, deepest, values, longest;
};

static struct measure measure_of(struct base_slice text)
{
	struct measure m = {0};
	bool inside = false;
	size_t began = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (inside) {
			if (c == '\\')
				i++;
			else if (c == '"')
				inside = false;
			if (i - began > m.longest)
				m.longest = i - began;
		} else if (c == '"') {
			inside = true;
			began = i;
		} else if (c == '{' || c == '[') {
			m.values++;
			if (++m.depth > m.deepest)
				m.deepest = m.depth;
		} else if ((c == '}' || c == ']') && m.depth > 0) {
			m.depth--;
		} else if (c == ',' || c == ':') {
			m.values++;
		}
	}
	return m;
}

enum base_code fhir_load(json_t **out, struct base_slice text, struct base_error *err)
{
	struct measure m;
	json_error_t why;
	size_t first = 0;

	*out = NULL;
	if (text.len > FHIR_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "%zu bytes; a file of at most %u is read", text.len, FHIR_BYTES_MAX);
	if (text.len > 3 && text.data[0] == 0xef && text.data[1] == 0xbb && text.data[2] == 0xbf)
		text = base_slice(text.data + 3, text.len - 3);
	m = measure_of(text);
	if (m.deepest > FHIR_DEPTH_MAX)
		return base_fail(err, BASE_LIMIT, "nested %zu deep; at most %d", m.deepest, FHIR_DEPTH_MAX);
	if (m.longest > FHIR_STRING_MAX)
		return base_fail(err, BASE_LIMIT, "a text of over %u bytes", FHIR_STRING_MAX);
	if (m.values > FHIR_VALUES_MAX)
		return base_fail(err, BASE_LIMIT, "more than %u values", FHIR_VALUES_MAX);
	while (first < text.len && text.data[first] <= ' ')
		first++;
	if (first < text.len && text.data[first] == '<')
		return base_fail(err, BASE_MALFORMED, "XML; FHIR is read as JSON");
	*out = json_loadb(text.len == 0 ? "" : (const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &why);
	if (*out == NULL)
		return base_fail(err, BASE_MALFORMED, "not JSON: line %d, column %d: %s", why.line, why.column, why.text);
	return BASE_OK;
}
