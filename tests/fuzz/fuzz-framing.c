// SPDX-License-Identifier: Apache-2.0
/*
 * HTTP framing: what passes does not depend on how the bytes arrive, and what
 * has passed, closed, is whole requests.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/engine/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
take(struct framing *framing, const char *bytes, size_t size, size_t piece)
{
	size_t passed = 0, given = 0;

	*framing = (struct framing){0};
	while (given < size && framing->problem == NULL) {
		given += size - given < piece ? size - given : piece;
		passed += framing_take(framing, bytes + passed,
		    given - passed);
		if (passed > given || (framing->problem == NULL &&
		    given - passed > FRAMING_HEAD_MAX))
			abort();
	}
	return passed;
}

static void
check_closed(struct framing *framing, const char *bytes, size_t passed)
{
	const char *close = framing_close(framing);
	size_t size = passed + strlen(close);
	char *whole = malloc(size);
	struct framing again;

	if (whole == NULL)
		abort();
	memcpy(whole, bytes, passed);
	memcpy(whole + passed, close, size - passed);
	if (take(&again, whole, size, size) != size ||
	    again.problem != NULL || again.state != FRAMING_HEAD ||
	    again.n_requests != framing->n_requests)
		abort();
	free(whole);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct framing whole, pieces;
	size_t passed;

	if (size == 0)
		return 0;
	passed = take(&whole, bytes, size, size);
	for (size_t piece = 1; piece < 8; piece += 2)
		if (take(&pieces, bytes, size, piece) != passed ||
		    pieces.state != whole.state ||
		    (pieces.problem == NULL) != (whole.problem == NULL))
			abort();
	if (whole.problem != NULL)
		check_closed(&whole, bytes, passed);
	return 0;
}
