// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/refusal.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 512

static const char *
reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {{400, "Bad Request"}, {401, "Unauthorized"},
	    {404, "Not Found"}, {405, "Method Not Allowed"},
	    {408, "Request Timeout"}, {429, "Too Many Requests"},
	    {431, "Request Header Fields Too Large"}, {502, "Bad Gateway"},
	    {503, "Service Unavailable"}, {504, "Gateway Timeout"}};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Error";
}

size_t
refusal_make(int status, const char *words, const char *more, bool is_head,
    bool is_closing, char ret[REFUSAL_SIZE])
{
	char body[WORDS_MAX + 16];
	int n;

	snprintf(body, sizeof body, "sandgate: %.*s\n", WORDS_MAX, words);
	n = snprintf(ret, REFUSAL_SIZE, "HTTP/1.1 %d %s\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
	    "Content-Length: %zu\r\n%s%s\r\n%s", status, reason_of(status),
	    strlen(body), more, is_closing ? "Connection: close\r\n" : "",
	    is_head ? "" : body);
	return n > 0 && n < REFUSAL_SIZE ? (size_t)n : 0;
}
