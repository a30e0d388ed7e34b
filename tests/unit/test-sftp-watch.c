// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/record/sftp_watch.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that was told, a line each. */
static char told[8192];
static size_t n_told;

static void
take(void *arg, const struct sftp_event *event)
{
	(void)arg;
	n_told += (size_t)snprintf(told + n_told, sizeof told - n_told,
	    "%s %.*s", event->name, (int)event->path.size, event->path.data);
	if (event->target.data != NULL)
		n_told += (size_t)snprintf(told + n_told,
		    sizeof told - n_told, " -> %.*s",
		    (int)event->target.size, event->target.data);
	if (*event->detail != '\0')
		n_told += (size_t)snprintf(told + n_told,
		    sizeof told - n_told, " (%s)", event->detail);
	if (event->has_bytes)
		n_told += (size_t)snprintf(told + n_told,
		    sizeof told - n_told, " r=%llu w=%llu",
		    (unsigned long long)event->read_bytes,
		    (unsigned long long)event->written_bytes);
	n_told += (size_t)snprintf(told + n_told, sizeof told - n_told,
	    ": %s\n", event->result);
	assert(n_told < sizeof told);
}

static void
expect(const char *expected)
{
	if (strcmp(told, expected) != 0)
		fprintf(stderr, "told:\n%swanted:\n%s", told, expected);
	assert(strcmp(told, expected) == 0);
	n_told = 0;
	told[0] = '\0';
}

/*
 * Makes a packet: b = a byte, u = 32 bits, q = 64 bits, s = a string, z =
 * that many bytes of data with their length before them.
 */
static size_t
make(uint8_t *packet, const char *types, va_list ap)
{
	size_t n = 4;

	for (; *types != '\0'; types++) {
		uint64_t number = 0;
		const char *text = "";
		size_t bytes = *types == 'b' ? 1 : *types == 'q' ? 8 : 4;

		if (*types == 's') {
			text = va_arg(ap, const char *);
			number = strlen(text);
		} else if (*types == 'q') {
			number = va_arg(ap, uint64_t);
		} else {
			number = va_arg(ap, uint32_t);
		}
		for (size_t i = 0; i < bytes; i++)
			packet[n++] = (uint8_t)(number >> 8 * (bytes - 1 - i));
		if (*types == 's')
			memcpy(packet + n, text, number);
		if (*types == 's' || *types == 'z')
			n += number;
	}
	for (size_t i = 0; i < 4; i++)
		packet[i] = (uint8_t)((n - 4) >> 8 * (3 - i));
	return n;
}

static size_t step = 1; /* bytes fed at once */

static int
send(struct sftp_watch *watch, bool is_from_client, const char *types, ...)
{
	uint8_t *packet = calloc(1, 300000);
	size_t n;
	va_list ap;
	int r = 0;

	assert(packet != NULL);
	va_start(ap, types);
	n = make(packet, types, ap);
	va_end(ap);
	for (size_t at = 0; r == 0 && at < n; at += step)
		r = sftp_watch_feed(watch, is_from_client, packet + at,
		    n - at < step ? n - at : step);
	free(packet);
	return r;
}

#define ASK(...)    assert(send(watch, true, __VA_ARGS__) == 0)
#define ANSWER(...) assert(send(watch, false, __VA_ARGS__) == 0)

static void
test_table(void)
{
	struct sftp_watch *watch = sftp_watch_new(take, NULL);

	assert(watch != NULL);
	ASK("bu", 1, 3);
	ANSWER("bu", 2, 3);
	ASK("busuu", 3, 1, "/a file", 0x1a, 0);
	expect("");
	ANSWER("bus", 102, 1, "h0");
	expect("open /a file (write,create,truncate): ok\n");
	/* Pipelined, one of them refused, answered out of order. */
	ASK("busqz", 6, 2, "h0", (uint64_t)0, 32768);
	ASK("busqz", 6, 3, "h0", (uint64_t)32768, 1000);
	ASK("busqz", 6, 4, "h0", (uint64_t)33768, 7);
	ANSWER("buuss", 101, 3, 0, "", "");
	ANSWER("buuss", 101, 2, 0, "", "");
	ANSWER("buuss", 101, 4, 4, "", "");
	ASK("busuu", 10, 5, "h0", 0xc, 0644);
	ANSWER("buuss", 101, 5, 0, "", "");
	ASK("bus", 4, 6, "h0");
	ANSWER("buuss", 101, 6, 0, "", "");
	expect("setstat /a file (mode,times): ok\n"
	    "close /a file r=0 w=33768: ok\n");
	ASK("busuu", 3, 7, "/b", 1, 0);
	ANSWER("bus", 102, 7, "h0");
	ASK("busqu", 5, 8, "h0", (uint64_t)0, 65536);
	ASK("busqu", 5, 9, "h0", (uint64_t)65536, 65536);
	ANSWER("buz", 103, 8, 60000);
	ANSWER("buuss", 101, 9, 1, "", "");
	ASK("bus", 4, 10, "h0");
	ANSWER("buuss", 101, 10, 0, "", "");
	expect("open /b (read): ok\nclose /b r=60000 w=0: ok\n");
	ASK("bus", 13, 11, "/c");
	ASK("buss", 18, 12, "/d", "/e");
	ASK("bus", 15, 13, "/f");
	ASK("busu", 14, 14, "/g", 0);
	ASK("buss", 20, 15, "leads here", "/link");
	ASK("busss", 200, 16, "posix-rename@openssh.com", "/h", "/i");
	ASK("busss", 200, 17, "hardlink@openssh.com", "/j", "/k");
	ASK("bussu", 200, 18, "lsetstat@openssh.com", "/l", 1);
	ASK("buss", 200, 19, "statvfs@openssh.com", "/m");
	ASK("bus", 17, 20, "/only a look");
	for (uint32_t id = 20; id >= 11; id--)
		ANSWER("buuss", 101, id, id % 4, "", "");
	expect("setstat /l (size): no such file\n"
	    "hardlink /j -> /k: end of file\n"
	    "rename /h -> /i: ok\n"
	    "symlink /link -> leads here: permission denied\n"
	    "mkdir /g: no such file\n"
	    "rmdir /f: end of file\n"
	    "rename /d -> /e: ok\n"
	    "remove /c: permission denied\n");
	/* Left open, and unanswered. */
	ASK("bus", 11, 30, "/folder");
	ANSWER("bus", 102, 30, "h1");
	ASK("busuu", 3, 31, "/x", 2, 0);
	ANSWER("bus", 102, 31, "h2");
	ASK("bussqqsq", 200, 32, "copy-data", "h2", (uint64_t)0, (uint64_t)0,
	    "h2", (uint64_t)0);
	ANSWER("buu", 104, 32, 0); /* no status: a lie, or a broken server */
	ASK("bus", 13, 33, "/y");
	expect("opendir /folder: ok\nopen /x (write): ok\n"
	    "copy /x -> /x: unexpected answer\n");
	sftp_watch_end(watch);
	expect("remove /y: \nclose /x r=0 w=0: \n");
	sftp_watch_free(watch);
}

static void
test_bad(void)
{
	static const struct {
		uint8_t bytes[12];
		size_t size;
	} bad[] = {
	    {{0, 0, 0, 0}, 4},
	    {{0, 4, 0, 1, 3}, 5},
	    {{0xff, 0xff, 0xff, 0xff, 3}, 5},
	    {{0, 0, 0, 1, 3}, 5},
	    {{0, 0, 0, 5, 13, 0, 0, 0, 1}, 9},
	    {{0, 0, 0, 8, 13, 0, 0, 0, 1, 0, 0, 9}, 12},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct sftp_watch *watch = sftp_watch_new(take, NULL);
		int r = sftp_watch_feed(watch, true, bad[i].bytes,
		    bad[i].size);

		/* A large one is bad once its head is there. */
		if (r == 0 && bad[i].bytes[1] != 0) {
			uint8_t *more = calloc(1, 10000);

			r = sftp_watch_feed(watch, true, more, 10000);
			free(more);
		}
		assert(r == -EBADMSG);
		assert(sftp_watch_feed(watch, true, bad[i].bytes, 1) ==
		    -EBADMSG);
		sftp_watch_free(watch);
	}
	expect("");
}

int
main(void)
{
	static const size_t steps[] = {1, 3, 1000, 1000000};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		step = steps[i];
		test_table();
		expect("");
	}
	test_bad();
	return 0;
}
