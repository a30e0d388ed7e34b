// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/history.h"

#include <stdlib.h>
#include <string.h>

static void
forget_first(struct history *h)
{
	struct history_line *line = &h->lines[h->first % HISTORY_LINES_MAX];

	h->bytes -= line->size;
	free(line->data);
	*line = (struct history_line){0};
	h->first++;
}

void
history_add(struct history *h, const struct buffer *painted, uint64_t hash)
{
	struct history_line *line;

	if (h->lines == NULL)
		h->lines = calloc(HISTORY_LINES_MAX, sizeof *h->lines);
	if (h->lines == NULL || painted->is_failed ||
	    painted->size > HISTORY_BYTES_MAX)
		return;
	while (h->first < h->end &&
	    (h->end - h->first >= HISTORY_LINES_MAX ||
	    h->bytes + painted->size > HISTORY_BYTES_MAX))
		forget_first(h);
	line = &h->lines[h->end % HISTORY_LINES_MAX];
	*line = (struct history_line){.hash = hash};
	h->end++;
	if (painted->size == 0)
		return;
	line->data = malloc(painted->size);
	if (line->data == NULL)
		return;
	memcpy(line->data, painted->data, painted->size);
	line->size = (uint32_t)painted->size;
	h->bytes += painted->size;
}

const struct history_line *
history_line(const struct history *h, uint64_t number)
{
	return &h->lines[number % HISTORY_LINES_MAX];
}

void
history_clear(struct history *h)
{
	while (h->first < h->end)
		forget_first(h);
}

void
history_fini(struct history *h)
{
	history_clear(h);
	free(h->lines);
	*h = (struct history){0};
}
