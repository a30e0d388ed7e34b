// SPDX-License-Identifier: Apache-2.0
/*
 * What gateway-resolver makes of the beginnings of connections: a name is one
 * that the policy language has, one that is there is there however the bytes
 * come, and what a head is made of names the same host.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/resolver/opening.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_head(const uint8_t *data, const struct opening *opening)
{
	uint8_t *head = malloc(OPENING_BYTES_MAX + OPENING_MORE_BYTES);
	struct opening again;
	size_t n;

	if (head == NULL)
		return;
	n = opening_close(data, opening->size, head);
	if (n > opening->size + OPENING_MORE_BYTES ||
	    n > OPENING_BYTES_MAX + OPENING_MORE_BYTES)
		abort();
	if (n <= OPENING_BYTES_MAX && (opening_read(head, n, &again) !=
	    OPENING_NAMES || again.size != n ||
	    strcmp(again.name, opening->name) != 0))
		abort();
	free(head);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct opening opening, part;
	char name[EGRESS_DOMAIN_SIZE];
	enum opening_state state;

	if (size > OPENING_BYTES_MAX)
		size = OPENING_BYTES_MAX;
	state = opening_read(data, size, &opening);
	if (state != OPENING_NAMES)
		return 0;
	if (egress_domain_read(opening.name, name) != NULL ||
	    strcmp(name, opening.name) != 0 || *name == '*')
		abort();
	/* Who sees less of it does not see another. */
	for (size_t n = 0; n < size; n += size / 16 + 1)
		if (opening_read(data, n, &part) == OPENING_NAMES &&
		    strcmp(part.name, opening.name) != 0)
			abort();
	if (opening.kind == EGRESS_HTTP)
		check_head(data, &opening);
	return 0;
}
