// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/greeting.h"

#include <assert.h>
#include <string.h>

static const char *
refusal(const char *text)
{
	return greeting_refusal((const uint8_t *)text, strlen(text));
}

int
main(void)
{
	static const char *const good[] = {"SSH-2.0-x\r\n", "SSH-2.0-x\n",
	    "SSH-1.99-a b\r\nmore\0", "SSH-2.0-x\r\n\r\r\r", "", "SSH-",
	    "SSH-2.0-x\r", "GET "};
	static const char *const bad[] = {"GET / HTTP/1.0\r\n", "\n",
	    "SSH-2.0-\r\n", "SSH-2.0\r\n", "SSH-2.0-a\rb\r\n",
	    "hello\nSSH-2.0-x\n", "SSH-a.b-c\n", "ssh-2.0-x\n"};
	static const char *const other[] = {"SSH-1.5-x\r\n", "SSH-3.0-x\n",
	    "SSH-1.98-x\n"};
	uint8_t data[GREETING_MAX_BYTES + 1];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert(refusal(good[i]) == NULL);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(strncmp(refusal(bad[i]), "Invalid", 7) == 0);
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		assert(strncmp(refusal(other[i]), "Protocol", 8) == 0);
	assert(greeting_refusal((const uint8_t *)"\x16\x03\0\0", 4) != NULL);
	memset(data, 'a', sizeof data);
	assert(greeting_refusal(data, sizeof data - 1) == NULL);
	assert(greeting_refusal(data, sizeof data) != NULL);
	assert(greeting_bytes((const uint8_t *)"ab\nc", 4) == 3);
	assert(greeting_bytes((const uint8_t *)"ab", 2) == 0);
	return 0;
}
