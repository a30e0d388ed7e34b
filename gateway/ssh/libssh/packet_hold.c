// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/packet_hold.h"

#include <stdlib.h>

enum {
	PACKET_IGNORE = 2,
	PACKET_KEXINIT = 20,
	PACKET_NEWKEYS = 21,
	PACKET_GLOBAL_REQUEST = 80, /* the first that is no key exchange's */
};

/*
 * Inside libssh.a, and in none of its headers. Of each packet libssh reads by
 * it the length of the padding and then the type, the latter always to the
 * same place; after that, only a flag of KEXINIT.
 */
uint32_t __real_ssh_buffer_get_u8(ssh_buffer buffer, uint8_t *data);
uint32_t __wrap_ssh_buffer_get_u8(ssh_buffer buffer, uint8_t *data);

struct held_packet {
	struct held_packet *next;
	ssh_buffer rest;
	uint8_t type;
};

/* One connection a process, so one of each. */
static struct hold {
	unsigned int n_reads; /* until the place of types is known */
	const uint8_t *type_at;
	bool is_started, is_exchanging, is_full;
	size_t n_bytes;
	struct held_packet *first, **end;
} hold;

static void
keep(ssh_buffer packet, uint8_t type)
{
	uint32_t size = ssh_buffer_get_len(packet);
	struct held_packet *held = NULL;

	if (size + sizeof *held <= PACKET_HOLD_MAX_BYTES - hold.n_bytes)
		held = calloc(1, sizeof *held);
	if (held != NULL)
		held->rest = ssh_buffer_new();
	if (held == NULL || held->rest == NULL ||
	    ssh_buffer_add_data(held->rest, ssh_buffer_get(packet), size) !=
	    SSH_OK) {
		if (held != NULL)
			ssh_buffer_free(held->rest);
		free(held);
		hold.is_full = true;
		return;
	}
	held->type = type;
	*hold.end = held;
	hold.end = &held->next;
	hold.n_bytes += size + sizeof *held;
}

static void
take_type(ssh_buffer packet, uint8_t *type)
{
	if (*type == PACKET_KEXINIT)
		hold.is_exchanging = true;
	else if (*type == PACKET_NEWKEYS)
		hold.is_exchanging = false;
	if (*type < PACKET_GLOBAL_REQUEST ||
	    (!hold.is_exchanging && hold.first == NULL))
		return;
	keep(packet, *type);
	*type = PACKET_IGNORE;
}

uint32_t
__wrap_ssh_buffer_get_u8(ssh_buffer buffer, uint8_t *data)
{
	uint32_t n = __real_ssh_buffer_get_u8(buffer, data);

	if (hold.type_at == NULL && ++hold.n_reads == 2)
		hold.type_at = data;
	if (hold.is_started && n == 1 && data == hold.type_at)
		take_type(buffer, data);
	return n;
}

void
packet_hold_init(void)
{
	/* Anew: the zygote has read keys by the function above. */
	hold = (struct hold){.end = &hold.first};
}

void
packet_hold_start(void)
{
	hold.is_started = true;
}

bool
packet_hold_take(uint8_t *ret_type, ssh_buffer *ret_packet)
{
	struct held_packet *held = hold.first;

	if (hold.is_exchanging || held == NULL)
		return false;
	hold.first = held->next;
	if (hold.first == NULL)
		hold.end = &hold.first;
	hold.n_bytes -= ssh_buffer_get_len(held->rest) + sizeof *held;
	*ret_type = held->type;
	*ret_packet = held->rest;
	free(held);
	return true;
}

bool
packet_hold_is_full(void)
{
	return hold.is_full;
}
