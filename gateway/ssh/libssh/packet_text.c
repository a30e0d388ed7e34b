// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/packet_text.h"

#include <string.h>

#define NAME_SIZE 64

/*
 * Fields: t text, s a string of bytes, 1 a boolean, 4 a number, * the one
 * before again and again. `before` ends with the name that chooses a row of
 * the same type; NULL = there is none.
 */
static const struct {
	uint8_t type;
	const char *before, *name, *after;
} packets[] = {
    {5, "t", NULL, ""}, /* the name of a service */
    {50, "ttt", "publickey", "1ts"},
    {50, "ttt", "password", "1tt"},
    {50, "ttt", "keyboard-interactive", "tt"},
    {50, "ttt", "hostbased", "tstts"},
    {50, "ttt", NULL, ""},
    {61, "", NULL, "4t*"}, /* answers of keyboard-interactive */
    {80, "t", "tcpip-forward", "1t4"},
    {80, "t", "cancel-tcpip-forward", "1t4"},
    {80, "t", "streamlocal-forward@openssh.com", "1t"},
    {80, "t", "cancel-streamlocal-forward@openssh.com", "1t"},
    {80, "t", NULL, ""},
    {90, "t", "direct-tcpip", "444t4t4"},
    {90, "t", "forwarded-tcpip", "444t4t4"},
    {90, "t", "direct-streamlocal@openssh.com", "444tt4"},
    {90, "t", "x11", "444t4"},
    {90, "t", NULL, ""},
    {98, "4t", "pty-req", "1t4444s"},
    {98, "4t", "x11-req", "11tt4"},
    {98, "4t", "env", "1tt"},
    {98, "4t", "exec", "1t"},
    {98, "4t", "subsystem", "1t"},
    {98, "4t", "signal", "1t"},
    {98, "4t", "exit-signal", "1t1tt"},
    {98, "4t", NULL, ""},
};

static bool
is_text(const uint8_t *data, uint32_t size)
{
	const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);

	return nul == NULL || nul == data + size - 1;
}

/* Reads one field; false at the packet's end. The last string's bytes. */
static bool
read_field(struct packet_reader *packet, char kind, const uint8_t **ret,
    uint32_t *ret_size)
{
	*ret_size = 0;
	switch (kind) {
	case '1':
		return packet_skip(packet, 1);
	case '4':
		return packet_skip(packet, 4);
	default:
		return packet_read_string(packet, ret, ret_size);
	}
}

/* Goes through the fields; *ret_name is the last string, or "". */
static bool
is_clean(struct packet_reader *packet, const char *fields,
    char ret_name[NAME_SIZE])
{
	const uint8_t *data;
	uint32_t size;

	ret_name[0] = '\0';
	for (const char *f = fields; *f != '\0'; f += f[1] != '*') {
		if (!read_field(packet, *f, &data, &size))
			return true;
		if (*f == 't' && !is_text(data, size))
			return false;
		if (*f != 't' || size >= NAME_SIZE)
			size = 0;
		else
			memcpy(ret_name, data, size);
		ret_name[size] = '\0';
	}
	return true;
}

bool
packet_text_is_clean(uint8_t type, struct packet_reader packet)
{
	char name[NAME_SIZE], ignored[NAME_SIZE];

	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
		struct packet_reader rest = packet;

		if (packets[i].type != type)
			continue;
		if (!is_clean(&rest, packets[i].before, name))
			return false;
		if (packets[i].name == NULL ||
		    strcmp(packets[i].name, name) == 0)
			return is_clean(&rest, packets[i].after, ignored);
	}
	return true;
}
