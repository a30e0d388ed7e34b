// SPDX-License-Identifier: Apache-2.0
/* What connections begin with, and whom it names. */
#include "gateway/resolver/opening.h"

#include <assert.h>
#include <string.h>

#define ROOM 4096

static uint8_t hello[ROOM];
static size_t n_hello;

static void
put(size_t number, unsigned bytes)
{
	while (bytes-- > 0)
		hello[n_hello++] = (uint8_t)(number >> 8 * bytes);
}

static void
put_name(const char *name)
{
	const size_t n = strlen(name);

	put(0, 2);
	put(n + 5, 2);
	put(n + 3, 2);
	put(0, 1);
	put(n, 2);
	memcpy(hello + n_hello, name, n);
	n_hello += n;
}

/* A ClientHello in one record, with names (or NULL) and one more extension. */
static void
make_hello(const char *one, const char *other, size_t extension)
{
	size_t at;

	n_hello = 0;
	put(22, 1);
	put(0x0301, 2);
	put(0, 2);
	put(1, 1);
	put(0, 3);
	put(0x0303, 2);
	n_hello += 32;
	put(0, 1);
	put(2, 2);
	put(0x1301, 2);
	put(1, 1);
	put(0, 1);
	at = n_hello;
	put(0, 2);
	if (one != NULL)
		put_name(one);
	if (other != NULL)
		put_name(other);
	put(extension, 2);
	put(0, 2);
	hello[at] = (uint8_t)((n_hello - at - 2) >> 8);
	hello[at + 1] = (uint8_t)(n_hello - at - 2);
	hello[3] = (uint8_t)((n_hello - 5) >> 8);
	hello[4] = (uint8_t)(n_hello - 5);
	hello[7] = (uint8_t)((n_hello - 9) >> 8);
	hello[8] = (uint8_t)(n_hello - 9);
}

static enum opening_state
read_hello(struct opening *ret)
{
	return opening_read(hello, n_hello, ret);
}

static void
test_hello(void)
{
	struct opening opening;

	make_hello("Git.Example", NULL, 43);
	assert(read_hello(&opening) == OPENING_NAMES);
	assert(opening.kind == EGRESS_TLS);
	assert(strcmp(opening.name, "git.example") == 0);
	/* However it comes, it is read when it is whole. */
	for (size_t n = 0; n < n_hello; n++)
		assert(opening_read(hello, n, &opening) == OPENING_MORE);
	make_hello(NULL, NULL, 43);
	assert(read_hello(&opening) == OPENING_NOBODY);
	make_hello("git.example", "evil.example", 43);
	assert(read_hello(&opening) == OPENING_NOBODY);
	make_hello("192.0.2.1", NULL, 43);
	assert(read_hello(&opening) == OPENING_NOBODY);
	make_hello("*.example", NULL, 43);
	assert(read_hello(&opening) == OPENING_NOBODY);
	make_hello("git.example", NULL, 0xfe0d);
	assert(read_hello(&opening) == OPENING_NOBODY);
	make_hello("git.example", NULL, 0xffce);
	assert(read_hello(&opening) == OPENING_NOBODY);
	make_hello("git.example", NULL, 43);
	put(0, 1);
	assert(read_hello(&opening) == OPENING_NAMES);
}

/* The same in records of so many bytes each. */
static void
test_records(size_t each)
{
	uint8_t pieces[ROOM * 6];
	size_t used = 0;
	struct opening opening;

	make_hello("git.example", NULL, 43);
	for (size_t at = 5; at < n_hello; at += each) {
		const size_t n = n_hello - at < each ? n_hello - at : each;

		pieces[used++] = 22;
		pieces[used++] = 3;
		pieces[used++] = 3;
		pieces[used++] = 0;
		pieces[used++] = (uint8_t)n;
		memcpy(pieces + used, hello + at, n);
		used += n;
	}
	assert(opening_read(pieces, used, &opening) == OPENING_NAMES);
	assert(strcmp(opening.name, "git.example") == 0);
	for (size_t n = 0; n < used; n++)
		assert(opening_read(pieces, n, &opening) == OPENING_MORE);
}

static enum opening_state
read_text(const char *text, struct opening *ret)
{
	return opening_read((const uint8_t *)text, strlen(text), ret);
}

static void
test_http(void)
{
	static const char *const nobodies[] = {
	    "GET / HTTP/1.1\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost : a.example\r\n\r\n",
	    "GET / HTTP/1.1\r\n Host: a.example\r\n\r\n",
	    "GET / HTTP/1.1\r\nX: y\r\n z\r\nHost: a.example\r\n\r\n",
	    "GET / HTTP/1.1\nHost: a.example\n\n",
	    "GET / HTTP/1.1\r\nHost: a.example\rHost: b.example\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: a.example b.example\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: a.example:80x\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost:\r\n\r\n",
	    "GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
	    "CONNECT b.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n",
	    "GET /\t HTTP/1.1\r\nHost: a.example\r\n\r\n",
	    "GET / HTTP/2.0\r\nHost: a.example\r\n\r\n",
	    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	    "GET /\r\n\r\n",
	    "SSH-2.0-OpenSSH_9.2\r\n",
	    "\x80\x2e\x01\x03\x01",
	};
	struct opening opening;

	assert(read_text("GET / HTTP/1.1\r\nhost: A.Example.:8080 \r\n\r\nx",
	    &opening) == OPENING_NAMES);
	assert(opening.kind == EGRESS_HTTP && opening.size == 42);
	assert(strcmp(opening.name, "a.example") == 0);
	assert(read_text("OPTIONS * HTTP/1.0\r\nHost: a.example\r\n\r\n",
	    &opening) == OPENING_NAMES);
	assert(read_text("GET / HTTP/1.1\r\nHost: a.example\r\n\r",
	    &opening) == OPENING_MORE);
	for (size_t i = 0; i < sizeof nobodies / sizeof *nobodies; i++)
		assert(read_text(nobodies[i], &opening) == OPENING_NOBODY);
}

static void
test_close(void)
{
	static const char head[] = "POST /x HTTP/1.1\r\nHost: a.example\r\n"
	    "Connection: keep-alive, Upgrade\r\nUPGRADE: h2c\r\n"
	    "Content-Length: 1\r\n\r\n";
	static const char closed[] = "POST /x HTTP/1.1\r\nHost: a.example\r\n"
	    "Content-Length: 1\r\nConnection: close\r\n\r\n";
	uint8_t ret[OPENING_BYTES_MAX + OPENING_MORE_BYTES];
	const size_t n = opening_close((const uint8_t *)head, sizeof head - 1,
	    ret);

	assert(n == sizeof closed - 1 && memcmp(ret, closed, n) == 0);
}

/* What never is whole is not waited for. */
static void
test_endless(void)
{
	static uint8_t data[OPENING_BYTES_MAX];
	struct opening opening;

	memset(data, 'a', sizeof data);
	assert(opening_read(data, sizeof data - 1, &opening) == OPENING_MORE);
	assert(opening_read(data, sizeof data, &opening) == OPENING_NOBODY);
	assert(opening_read(data, 0, &opening) == OPENING_MORE);
}

int
main(void)
{
	test_hello();
	test_records(1);
	test_records(3);
	test_records(100);
	test_http();
	test_close();
	test_endless();
	return 0;
}
