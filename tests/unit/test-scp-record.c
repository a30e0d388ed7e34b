// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/scp/record.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static void
test_good(void)
{
	struct scp_record record;

	assert(scp_record_parse("C0644 123 a name", &record) == NULL);
	assert(record.type == SCP_FILE && record.mode == 0644 &&
	    record.size == 123 && strcmp(record.name, "a name") == 0);
	assert(scp_record_parse("D2755 0 dir", &record) == NULL);
	assert(record.type == SCP_DIRECTORY && record.mode == 02755);
	assert(scp_record_parse("T1700000000 0 1600000000 999999",
	    &record) == NULL);
	assert(record.type == SCP_TIMES && record.modified_s == 1700000000 &&
	    record.accessed_s == 1600000000);
	assert(scp_record_parse("E", &record) == NULL &&
	    record.type == SCP_END);
	assert(scp_record_parse("\1scp: no", &record) == NULL &&
	    record.type == SCP_WARNING && strcmp(record.name, "scp: no") == 0);
	assert(scp_record_parse("C0644 9223372036854775807 x", &record) ==
	    NULL);
	assert(scp_record_parse("C0644 1 ...", &record) == NULL);
}

static void
test_bad(void)
{
	static const char *const bad[] = {"", "X", "C", "C06", "C0684 1 x",
	    "C0644", "C0644 ", "C0644 x", "C0644 1", "C0644 1 ", "C0644 -1 x",
	    "C0644 1  /x", "C0644 9223372036854775808 x", "C0644 1 a/b",
	    "C0644 1 ..", "C0644 1 .", "C0644 1 /", "D0755 0 ../x", "T", "T1",
	    "T1 0", "T1 0 1", "T1 0 1 0 0", "T-1 0 1 0", "T1 0 1 x",
	    "C00644 1 x"};
	struct scp_record record;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(scp_record_parse(bad[i], &record) != NULL);
}

int
main(void)
{
	test_good();
	test_bad();
	return 0;
}
