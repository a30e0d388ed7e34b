// SPDX-License-Identifier: Apache-2.0
/* Every text of every packet, with a NUL at its start, inside and at its end;
 * strings of bytes may hold what they like. */
#include "gateway/ssh/libssh/packet_text.h"

#include <assert.h>
#include <string.h>

/* Fields as in packet_text.c; the name stands between them. */
static const struct {
	uint8_t type;
	const char *before, *name, *after;
} packets[] = {
    {5, "t", NULL, ""},
    {50, "tt", "publickey", "1tss"},
    {50, "tt", "password", "1tt"},
    {50, "tt", "none", ""},
    {50, "tt", "keyboard-interactive", "tt"},
    {61, "4", NULL, "ttt"},
    {80, "", "tcpip-forward", "1t4"},
    {80, "", "streamlocal-forward@openssh.com", "1t"},
    {80, "", "keepalive@openssh.com", "1"},
    {90, "", "session", "444"},
    {90, "", "direct-tcpip", "444t4t4"},
    {90, "", "direct-streamlocal@openssh.com", "444tt4"},
    {98, "4", "pty-req", "1t4444s"},
    {98, "4", "x11-req", "11tt4"},
    {98, "4", "env", "1tt"},
    {98, "4", "exec", "1t"},
    {98, "4", "subsystem", "1t"},
    {98, "4", "signal", "1t"},
};

struct poison {
	int field; /* the string it goes into; -1 = none */
	const char *bytes;
	size_t size;
	bool is_bytes; /* whether that was one of bytes */
};

static void
put_fields(struct packet_writer *w, const char *fields, int *string,
    struct poison *poison)
{
	for (; *fields != '\0'; fields++)
		if (*fields == '1') {
			packet_put_u8(w, 1);
		} else if (*fields == '4') {
			packet_put_u32(w, 7);
		} else if ((*string)++ == poison->field) {
			poison->is_bytes = *fields == 's';
			packet_put_string(w, poison->bytes, poison->size);
		} else if (*fields == 's') {
			packet_put_string(w, "\0\1\0", 3);
		} else {
			packet_put_text(w, "text");
		}
}

/* How many strings the packet has besides its name. */
static int
check(size_t i, struct poison poison, bool wanted)
{
	struct packet_writer w = {.size = 0};
	struct packet_reader r;
	int string = 0;

	put_fields(&w, packets[i].before, &string, &poison);
	if (packets[i].name != NULL)
		packet_put_text(&w, packets[i].name);
	put_fields(&w, packets[i].after, &string, &poison);
	r = (struct packet_reader){w.data, (uint32_t)w.size};
	assert(packet_text_is_clean(packets[i].type, r) ==
	    (wanted || poison.is_bytes));
	/* And cut at any length: never beyond its end. */
	for (uint32_t n = 0; n < r.n_bytes; n++)
		(void)packet_text_is_clean(packets[i].type,
		    (struct packet_reader){w.data, n});
	return string;
}

int
main(void)
{
	struct packet_writer w = {.size = 0};

	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
		int n = check(i, (struct poison){.field = -1}, true);

		for (int f = 0; f < n; f++) {
			check(i, (struct poison){f, "a\0b", 3, false}, false);
			check(i, (struct poison){f, "\0b", 2, false}, false);
			check(i, (struct poison){f, "a\0\0", 3, false}, false);
			check(i, (struct poison){f, "a\0", 2, false}, true);
			check(i, (struct poison){f, "", 0, false}, true);
		}
	}
	/* The name itself. */
	packet_put_u32(&w, 0);
	packet_put_string(&w, "exec\0", 6);
	assert(!packet_text_is_clean(98, (struct packet_reader){w.data,
	    (uint32_t)w.size}));
	return 0;
}
