// SPDX-License-Identifier: Apache-2.0
/* URLs of webhooks: one meaning, or none. */
#include "gateway/protocol/webhook_url.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static void
test_good(void)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
		bool is_tls;
	} rows[] = {
	    {"https://ci.example/hook?a=b@c", "ci.example", 443, true},
	    {"http://127.0.0.1:8080", "127.0.0.1", 8080, false},
	    {"http://[::1]:1/", "::1", 1, false},
	    {"https://[2001:db8::1]", "2001:db8::1", 443, true},
	    {"https://a?x", "a", 443, true},
	};
	struct webhook_url url;
	struct err err;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert(webhook_url_parse(rows[i].text, &url, &err) == 0);
		assert(strcmp(url.host, rows[i].host) == 0);
		assert(url.port == rows[i].port);
		assert(url.is_tls == rows[i].is_tls);
	}
}

static void
test_bad(void)
{
	static const char *const rows[] = {"", "ftp://a/", "https://",
	    "https:///x", "HTTPS://a", "https://a:0/", "https://a:65536",
	    "https://a:", "https://a:1x", "https://user@a/",
	    "https://u:p@a/", "http://127.1/", "http://2130706433/",
	    "http://0x7f.0.0.1.1/", "http://1.2.3.4.5/", "http://a b/",
	    "http://a/\r\nX: y", "http://a\\@b/", "http://a/#x",
	    "http://[::1/", "http://[::1]x/", "http://[1.2.3.4]/",
	    "http://-a/", "http://.a/", "http://a/\x80", "http://a^b/"};
	char large[WEBHOOK_URL_MAX + 2];
	struct webhook_url url;
	struct err err;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert(webhook_url_parse(rows[i], &url, &err) == -EINVAL);
		assert(strncmp(err.text, "url: ", 5) == 0);
	}
	memset(large, 'a', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	memcpy(large, "http://a/", 9);
	assert(webhook_url_parse(large, &url, &err) == -EINVAL);
	large[WEBHOOK_URL_MAX] = '\0';
	assert(webhook_url_parse(large, &url, &err) == 0);
}

int
main(void)
{
	test_good();
	test_bad();
	return 0;
}
