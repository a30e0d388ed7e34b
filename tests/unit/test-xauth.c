// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "sandboxd/init/process/xauth.h"

#define RECORD_OTHER "\x01\x00\0\4host\0\2""11\0\1P\0\2xy"
#define RECORD_INET  "\0\0\0\4\x7f\0\0\1\0\2""10\0\1P\0\1z"
#define RECORD_OURS  "\x01\x00\0\4host\0\2""10\0\3M-1\0\2\x0a\xBF"

static uint8_t out[1024];

static ptrdiff_t
merge(const char *old, size_t size, const char *cookie)
{
	return xauth_merge((const uint8_t *)old, size, "host", 10, "M-1",
	    cookie, out, sizeof out);
}

#define MERGE(old) merge(old, sizeof old - 1, "0aBf")
#define IS(wanted, n)                                                          \
	assert((n) == (ptrdiff_t)sizeof wanted - 1 &&                          \
	    memcmp(out, wanted, sizeof wanted - 1) == 0)

int
main(void)
{
	static const char all[] = RECORD_OTHER RECORD_INET RECORD_OURS;

	IS(RECORD_OURS, MERGE(""));
	IS(RECORD_OTHER RECORD_INET RECORD_OURS, MERGE(RECORD_OTHER
	    RECORD_INET));
	/* Its own old one is replaced, wherever it was. */
	IS(RECORD_OTHER RECORD_INET RECORD_OURS,
	    MERGE(RECORD_OURS RECORD_OTHER RECORD_OURS RECORD_INET));
	/* A broken end is dropped, wherever it breaks. */
	IS(RECORD_OTHER RECORD_OURS, MERGE(RECORD_OTHER "\x01"));
	for (size_t n = 0; n < sizeof all; n++)
		assert(merge(all, n, "0aBf") >=
		    (ptrdiff_t)sizeof RECORD_OURS - 1);
	assert(merge("", 0, "0aB") == -EINVAL);
	assert(merge("", 0, "0aBg") == -EINVAL);
	assert(merge("", 0, "") == -EINVAL);
	assert(xauth_merge(NULL, 0, "host", 10, "M-1", "0aBf", out, 8) ==
	    -ENOSPC);
	return 0;
}
