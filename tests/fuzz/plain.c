/* wire/plain.h against expat: whatever it reads, of whatever bytes, expat reads the same way. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "markup.h"
#include "reference.h"
#include "wire/plain.h"

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return markup_mutate(data, size, max, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, uint8_t *out, size_t max,
    unsigned seed)
{
	return markup_cross(a, alen, b, blen, out, max, seed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const namespaces[] = {"jabber:component:accept", "", "urn:x"};
	struct input in = input_of(data, size);
	const char *ns = namespaces[input_below(&in, 3)];
	size_t len = (size_t)(in.end - in.at);
	char *text = fuzz_copy(in.at, len);
	struct arena a = {.max = 1 << 20};
	struct buf ours = {0}, header = {0};
	struct reference *r;
	const struct xml *x = plain_read(&a, ns, text, len);

	if (x != NULL) {
		dump(&ours, x);
		buf_printf(&header, "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='%s'>", ns);
		r = reference_new();
		CHECK(reference_feed(r, header.data, header.len));
		CHECK(reference_feed(r, text, len));
		CHECK(reference_depth(r) == 1);
		CHECK(reference_elements(r) == 1);
		CHECK(strcmp(reference_last(r), buf_text(&ours)) == 0);
		reference_free(r);
	}
	buf_clear(&ours);
	buf_clear(&header);
	arena_clear(&a);
	free(text);
	return 0;
}
