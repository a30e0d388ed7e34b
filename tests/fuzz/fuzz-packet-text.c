// SPDX-License-Identifier: Apache-2.0
/*
 * A client's packet, its type first: what is judged clean stays clean without
 * its end, as no field that is whole may hold a NUL in it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "gateway/ssh/libssh/packet_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[64];
	struct packet_reader packet;
	bool is_clean;

	if (size == 0)
		return 0;
	packet = (struct packet_reader){data + 1, (uint32_t)size - 1};
	is_clean = packet_text_is_clean(data[0], packet);
	while (is_clean && packet.n_bytes > 0) {
		packet.n_bytes /= 2;
		if (!packet_text_is_clean(data[0], packet))
			abort();
	}
	packet = (struct packet_reader){data + 1, (uint32_t)size - 1};
	while (packet_read_text(&packet, text, sizeof text))
		if (text[sizeof text - 1] != '\0' && text[0] == '\0')
			abort();
	return 0;
}
