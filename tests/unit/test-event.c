// SPDX-License-Identifier: Apache-2.0
/* docs/EVENTS.md lists every kind there is, and says of each what the table
 * does. */
#include "common/event.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static char page[65536];

static void
read_page(void)
{
	FILE *file = fopen(PAGE, "r");
	size_t n;

	assert(file != NULL);
	n = fread(page, 1, sizeof page - 1, file);
	page[n] = '\0';
	fclose(file);
}

static void
test_page(void)
{
	char row[512];

	for (int i = 0; i < N_EVENT_KINDS; i++) {
		enum event_kind kind = (enum event_kind)i;

		snprintf(row, sizeof row, "| `%s` | ", event_kind_name(kind));
		if (strstr(page, row) == NULL)
			fprintf(stderr, "EVENTS.md has no row %s\n", row);
		assert(strstr(page, row) != NULL);
		snprintf(row, sizeof row, " | %s |", event_kind_words(kind));
		if (strstr(page, row) == NULL)
			fprintf(stderr, "EVENTS.md does not say %s\n", row);
		assert(strstr(page, row) != NULL);
	}
}

static void
test_names(void)
{
	for (int i = 0; i < N_EVENT_KINDS; i++) {
		const char *name = event_kind_name((enum event_kind)i);

		assert(strlen(name) < EVENT_KIND_SIZE);
		assert(event_kind_find(name) == (enum event_kind)i);
	}
	assert(event_kind_find("") == N_EVENT_KINDS);
	assert(event_kind_find("create") == N_EVENT_KINDS);
	assert(event_kind_is_holders(EVENT_KIND_EXEC));
	assert(!event_kind_is_holders(EVENT_KIND_DESTROYED));
	assert(!event_kind_is_holders(EVENT_KIND_DENIED));
}

int
main(void)
{
	read_page();
	test_page();
	test_names();
	return 0;
}
