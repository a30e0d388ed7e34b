// SPDX-License-Identifier: Apache-2.0
/* What gateway-proxy reads and makes: places, heads, buckets and URLs. */
#include "gateway/proxy/answer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/proxy/rate.h"
#include "gateway/proxy/request.h"
#include "gateway/proxy/target.h"
#include "gateway/settings/proxy_conf.h"

#define ID    "sb_0123456789ab"
#define SB_ID "sb-0123456789ab"

static struct head head;
static struct request request;
static struct answer answer;
static struct target target;
static const char *words;
static char made[ANSWER_MADE_MAX + 1];

static struct text
text(const char *data)
{
	return (struct text){data, strlen(data)};
}

static int
find(const char *host, const char *path)
{
	return target_find(text(host), text(path), "x.test", &target);
}

static bool
is_target(const char *service, uint32_t port, const char *prefix,
    const char *path)
{
	return strcmp(target.sandbox_id, ID) == 0 &&
	    strcmp(target.service, service) == 0 && target.port == port &&
	    text_is(target.prefix, prefix) && text_is(target.path, path);
}

static void
test_targets(void)
{
	static const char *const hosts[] = {"", "x.test", ".x.test",
	    "web-" SB_ID ".x.test", "--" SB_ID ".x.test", SB_ID ".x.test",
	    "80--" SB_ID ".x.test", "0-" SB_ID ".x.test",
	    "65536-" SB_ID ".x.test", "web--sb-u.x.test", "web--.x.test",
	    "web--" SB_ID ".y.test", "web--" SB_ID "x.test",
	    "a.web--" SB_ID ".x.test"};
	static const char *const paths[] = {"/", "/p", "/p/", "/p/" SB_ID,
	    "/p/" SB_ID "/", "/p/x/80/", "/p/" SB_ID "/0/",
	    "/p/" SB_ID "?/80/", "/p//80/", "//p/" SB_ID "/80/"};

	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		assert(find(hosts[i], "/") == -ENOENT);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert(find("localhost", paths[i]) == -ENOENT);
	assert(find("web--" SB_ID ".x.test:81", "/a?b") == 0);
	assert(is_target("web", 0, "", "/a?b"));
	assert(find("WEB-2--SB-0123456789AB.X.test.", "/") == 0);
	assert(is_target("web-2", 0, "", "/"));
	assert(find("8000-" SB_ID ".x.test", "/p/" SB_ID "/81/") == 0);
	assert(is_target("", 8000, "", "/p/" SB_ID "/81/"));
	assert(find("localhost", "/p/" SB_ID "/81") == 0);
	assert(is_target("", 81, "/p/" SB_ID "/81", ""));
	assert(find("", "/p/" ID "/web/a/b?c/d") == 0);
	assert(is_target("web", 0, "/p/" ID "/web", "/a/b?c/d"));
	assert(find("", "/p/" SB_ID "/web?c") == 0);
	assert(is_target("web", 0, "/p/" SB_ID "/web", "?c"));
	assert(target_find(text("web--" SB_ID ".x.test"), text("/"), "",
	    &target) == -ENOENT);
}

static int
ask(const char *data)
{
	words = head_read(data, strlen(data), &head);
	return words != NULL ? 400 : request_read(&head, &request, &words);
}

/* The head made of this one, without what says who the client is. */
static const char *
remake(const char *data, bool has_bearer, const char *header)
{
	const struct request_terms terms = {.target = &target,
	    .strip = {has_bearer, header}, .peer = "1.2.3.4",
	    .scheme = "http"};
	char *end;

	assert(ask(data) == 0);
	assert(target_find(request.host, request.path, "", &target) == 0);
	made[request_make(&head, &request, &terms, made)] = '\0';
	end = strstr(made, "X-Forwarded-For: 1.2.3.4\r\n");
	assert(end != NULL);
	*end = '\0';
	return made;
}

static void
test_requests(void)
{
	static const char *const bad[] = {"GET / HTTP/1.1\r\n\r\n",
	    "GET x HTTP/1.1\r\nHost: x\r\n\r\n",
	    "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
	    "CONNECT /x HTTP/1.1\r\nHost: x\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost x\r\n\r\n",
	    "GET / HTTP/1.1\nHost: x\n\n", "\r\n\r\n", "",
	    "GET / HTTP/1.1\r\nA b: x\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: x\r\n\r\nmore"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(ask(bad[i]) != 0);
	assert(ask("GET /?a&sandgate_preview=sg_q&b HTTP/1.1\r\n"
	    "Host: x\r\nCookie: sandgate_preview=sg_c\r\n\r\n") == 0);
	assert(text_is(request.preview, "sg_q"));
	assert(request.is_preview_in_query && !request.has_body);
	assert(ask("GET / HTTP/1.0\r\nCookie: a=b; sandgate_preview=sg_c; "
	    "d\r\nAuthorization: bearer  xyz \r\n\r\n") == 0);
	assert(text_is(request.preview, "sg_c") && request.is_old &&
	    request.is_last && text_is(request.bearer, "xyz"));
	assert(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: a, Upgrade\r\n"
	    "Upgrade: WebSocket\r\n\r\n") == 0 && request.is_upgrade);
	assert(ask("POST / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n"
	    "Upgrade: websocket\r\n\r\n") == 0 && !request.is_upgrade);
	assert(!request_is_plain_path(text("/a/../b")));
	assert(!request_is_plain_path(text("/a%2e")));
	assert(request_is_plain_path(text("/a/b?../%2e//")));
}

static void
test_remaking(void)
{
	assert(strcmp(remake("GET /p/" SB_ID "/web?sandgate_preview=a HTTP/1.1"
	    "\r\nHost: x\r\nCookie: sandgate_preview=a\r\nTE: t\r\n"
	    "Connection: Y\r\nY: 1\r\nForwarded: a\r\nx_forwarded_for: b\r\n"
	    "Sandgate-Preview: a\r\nZ: 2\r\n\r\n", false, NULL),
	    "GET / HTTP/1.1\r\nHost: x\r\nZ: 2\r\n") == 0);
	assert(strcmp(remake("GET /p/" SB_ID "/web/a?b&sandgate_preview=&c "
	    "HTTP/1.1\r\nHost: x\r\nCookie: a; sandgate_preview=a; b=c\r\n"
	    "Authorization: Bearer a\r\nX_Key: 1\r\nConnection: "
	    "Content-Length\r\nContent-Length: 3\r\n\r\n", true, "X-Key"),
	    "GET /a?b&c HTTP/1.1\r\nHost: x\r\nCookie: a; b=c\r\n"
	    "Content-Length: 3\r\n") == 0);
	assert(strcmp(remake("GET /p/" SB_ID "/web/ HTTP/1.1\r\nHost: x\r\n"
	    "Connection: upgrade\r\nUpgrade: websocket\r\n"
	    "Authorization: Basic a\r\n\r\n", false, NULL),
	    "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic a\r\n"
	    "Connection: Upgrade\r\nUpgrade: websocket\r\n") == 0);
}

static const char *
hear(const char *data)
{
	const char *problem = head_read(data, strlen(data), &head);

	return problem != NULL ? problem : answer_read(&head, &answer);
}

static void
test_answers(void)
{
	static const char *const bad[] = {"HTTP/1.1 20 OK\r\n\r\n",
	    "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n",
	    "HTTP/1.1 200OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n"
	    "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
	    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
	const struct answer_terms terms = {.prefix = {"/p", 2},
	    .cookie = {"sg_t", 4}, .is_closing = true};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(hear(bad[i]) != NULL);
	assert(hear("HTTP/1.1 200\r\n\r\n") == NULL &&
	    answer.body == ANSWER_UNTIL_END && answer.is_last);
	assert(hear("HTTP/1.1 204 x\r\nContent-Length: 7\r\n\r\n") == NULL &&
	    answer.body == ANSWER_NONE && !answer.is_last);
	assert(hear("HTTP/1.1 103 x\r\n\r\n") == NULL && answer.is_interim);
	assert(hear("HTTP/1.0 302 Found\r\nLocation: /x\r\nKeep-Alive: 1\r\n"
	    "Content-Length: 3\r\nX: y\r\n\r\n") == NULL &&
	    answer.body == ANSWER_LENGTH && answer.length == 3 &&
	    answer.is_last);
	made[answer_make(&head, &answer, &terms, made)] = '\0';
	assert(strcmp(made, "HTTP/1.1 302 Found\r\nLocation: /p/x\r\n"
	    "Content-Length: 3\r\nX: y\r\n"
	    "Set-Cookie: sandgate_preview=sg_t; Path=/p/; HttpOnly; "
	    "SameSite=Lax\r\nConnection: close\r\n\r\n") == 0);
}

/* It is found whatever the bytes come in. */
static void
test_ends(void)
{
	static const char data[] = "a\r\nb\r\n\r\nc";

	for (size_t step = 1; step < sizeof data; step++) {
		size_t looked = 0, end = 0;

		for (size_t n = 0; end == 0; n += step) {
			assert(n < sizeof data + step);
			end = head_find_end(data, n < sizeof data - 1 ? n :
			    sizeof data - 1, &looked);
		}
		assert(end == 8);
	}
}

static void
test_rates(void)
{
	static struct rates rates;

	for (int i = 0; i < 5; i++)
		assert(rates_take(&rates, 7, 2, 5, 1000));
	assert(!rates_take(&rates, 7, 2, 5, 1000));
	assert(!rates_take(&rates, 7, 2, 5, 1499));
	assert(rates_take(&rates, 7, 2, 5, 1500));
	assert(!rates_take(&rates, 7, 2, 5, 1501));
	assert(rates_take(&rates, 8, 1, 0, 1501));
	assert(!rates_take(&rates, 8, 1, 0, 1501));
	for (uint64_t id = 100; id < 100 + 2 * RATES_MAX; id++)
		assert(rates_take(&rates, id, 1, 1, 2000 + id));
}

static void
test_urls(void)
{
	struct proxy_conf conf = {.listen = "127.0.0.1:80",
	    .url = "https://h.test:8443"};
	char url[256];

	proxy_conf_url(&conf, "web", ID, url, sizeof url);
	assert(strcmp(url, "https://h.test:8443/p/" SB_ID "/web/") == 0);
	strcpy(conf.domain, "x.test");
	proxy_conf_url(&conf, "web", ID, url, sizeof url);
	assert(strcmp(url, "https://web--" SB_ID ".x.test:8443/") == 0);
	strcpy(conf.url, "http://[::1]");
	proxy_conf_url(&conf, "80", ID, url, sizeof url);
	assert(strcmp(url, "http://80-" SB_ID ".x.test/") == 0);
	*conf.listen = '\0';
	proxy_conf_url(&conf, "80", ID, url, sizeof url);
	assert(*url == '\0');
}

int
main(void)
{
	test_targets();
	test_requests();
	test_remaking();
	test_answers();
	test_ends();
	test_rates();
	test_urls();
	return 0;
}
