// SPDX-License-Identifier: Apache-2.0
#include "common/prefix.h"

#include <assert.h>
#include <errno.h>

static void
test_has(void)
{
	static const struct {
		const char *prefix, *address;
		bool has;
	} rows[] = {
	    {"10.0.0.0/8", "10.255.1.2", true},
	    {"10.0.0.0/8", "11.0.0.0", false},
	    {"10.0.0.128/25", "10.0.0.128", true},
	    {"10.0.0.128/25", "10.0.0.127", false},
	    {"10.0.0.1", "10.0.0.1", true},
	    {"10.0.0.1", "10.0.0.2", false},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"2001:db8::/32", "2001:db8:1::1", true},
	    {"2001:db8::/33", "2001:db8:8000::", false},
	    {"::1", "::1", true},
	    {"::/0", "::1", true},
	    {"10.0.0.0/9", "10.0.0.0/8", false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct prefix prefix, address;

		assert(prefix_parse(rows[i].prefix, &prefix) == 0);
		assert(prefix_parse(rows[i].address, &address) == 0);
		assert(prefix_has(&prefix, &address) == rows[i].has);
	}
}

static void
test_refused(void)
{
	static const char *const rows[] = {"", "/8", "10.0.0.0/33", "10.0.0/8",
	    "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8 ", "host",
	    "1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234"};
	struct prefix prefix;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert(prefix_parse(rows[i], &prefix) == -EINVAL);
}

int
main(void)
{
	struct prefix list[2], prefix;
	struct err err;
	size_t n;

	test_has();
	test_refused();
	assert(prefix_parse("10.0.0.1/8", &prefix) == 0 &&
	    prefix_has_host_bits(&prefix));
	assert(prefix_parse("10.0.0.0/8", &prefix) == 0 &&
	    !prefix_has_host_bits(&prefix));
	assert(prefix_parse_list("k", " ::1\t10.0.0.0/8 ", list, 2, &n,
	    &err) == 0 && n == 2 && list[0].length == 128);
	assert(prefix_parse_list("k", "", list, 2, &n, &err) == 0 && n == 0);
	assert(prefix_parse_list("k", "::1 ::1 ::1", list, 2, &n, &err) ==
	    -EINVAL);
	assert(prefix_parse_list("k", "::1,::2", list, 2, &n, &err) ==
	    -EINVAL);
	return 0;
}
