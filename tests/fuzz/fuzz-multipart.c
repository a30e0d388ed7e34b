// SPDX-License-Identifier: Apache-2.0
/*
 * A multipart body: what is told of it does not depend on how its bytes arrive
 * and are taken, and what a part has is bytes of the body.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/engine/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sum of all that was told, in order. */
struct sum {
	uint64_t value;
	size_t n_bytes, n_parts, n_ends;
};

static void
add(struct sum *sum, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum->value = (sum->value ^ (uint8_t)data[i]) *
		    1099511628211u;
}

static void
note(struct sum *sum, const struct multipart *multipart,
    enum multipart_event event)
{
	const char *name = multipart->part.filename;
	const char kind = (char)('0' + event);

	if (event == MULTIPART_MORE || event == MULTIPART_BYTES)
		return;
	add(sum, &kind, 1);
	sum->n_parts += event == MULTIPART_PART;
	sum->n_ends += event == MULTIPART_PART_END;
	if (event == MULTIPART_PART && name != NULL)
		add(sum, name, strlen(name));
}

static struct sum
read_in(const char *bytes, size_t size, size_t piece, size_t most)
{
	struct multipart *multipart = malloc(sizeof *multipart);
	enum multipart_event event = MULTIPART_MORE;
	struct sum sum = {0};
	size_t at = 0, used;

	if (multipart == NULL || multipart_init(multipart,
	    "multipart/form-data; boundary=x") != NULL)
		abort();
	while (at < size && event != MULTIPART_BAD) {
		size_t n = size - at < piece ? size - at : piece;

		event = multipart_next(multipart, bytes + at, n, &used);
		if (used > n || (event == MULTIPART_MORE && used < n))
			abort();
		at += used;
		note(&sum, multipart, event);
		if (event != MULTIPART_BYTES)
			continue;
		n = multipart->bytes.size < most ? multipart->bytes.size :
		    most;
		if (n == 0)
			abort();
		add(&sum, multipart->bytes.data, n);
		sum.n_bytes += n;
		at += multipart_take(multipart, n);
	}
	if (sum.n_bytes > size || sum.n_ends > sum.n_parts ||
	    (multipart_is_whole(multipart) && sum.n_ends < sum.n_parts))
		abort();
	free(multipart);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct sum whole = read_in(bytes, size, size + 1, size + 1), other;

	for (size_t piece = 1; piece < 8; piece += 2) {
		other = read_in(bytes, size, piece, 1 + piece % 3);
		if (other.value != whole.value ||
		    other.n_bytes != whole.n_bytes)
			abort();
	}
	return 0;
}
