// SPDX-License-Identifier: Apache-2.0
/*
 * What a peer says, as whoever is asked reads it: any row of any table, its
 * request or its reply. What is taken is what would be sent again, byte for
 * byte, so that there is one way to say a thing; and lists are whole.
 *	input	table, reply?, number (two bytes), then the payload
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "gateway/protocol/broker_calls.h"

#define HEAD_SIZE 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rpc_call *const broker_calls[] = {
#define RPC_CALL(number, name, ...) &rpc_call_##name,
#define RPC_EVENT(number, name, ...) &rpc_call_##name,
#include "gateway/protocol/broker.def"
};

static const struct rpc_call *
find_broker_call(uint16_t number)
{
	for (size_t i = 0; i < sizeof broker_calls / sizeof *broker_calls; i++)
		if (broker_calls[i]->number == number)
			return broker_calls[i];
	return NULL;
}

static const struct rpc_call *
find_row(uint8_t table, uint16_t number)
{
	switch (table % 4) {
	case 0:
		return rpc_find_sandboxd_call(number);
	case 1:
		return rpc_find_init_call(number);
	case 2:
		return rpc_find_inside_call(number);
	default:
		return find_broker_call(number);
	}
}

/* All records there are, and those in them. */
static void
walk(const struct rpc_layout *layout, const void *any)
{
	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct rpc_field *field = &layout->fields[i];
		union rpc_any record;
		struct rpc_bytes list;

		if (field->type != RPC_LIST)
			continue;
		memcpy(&list, (const uint8_t *)any + field->offset,
		    sizeof list);
		while (rpc_list_next(field->record, &list, &record))
			walk(field->record, &record);
		if (list.size != 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[RPC_FRAME_MAX];
	const struct rpc_call *row;
	const struct rpc_layout *layout;
	union rpc_any any;
	ptrdiff_t n;

	if (size < HEAD_SIZE || size > sizeof again)
		return 0;
	row = find_row(data[0], (uint16_t)(data[2] << 8 | data[3]));
	if (row == NULL)
		return 0;
	layout = data[1] % 2 == 0 ? row->request : row->reply;
	data += HEAD_SIZE;
	size -= HEAD_SIZE;
	if (layout == NULL || rpc_decode(layout, data, size, &any, NULL) < 0)
		return 0;
	walk(layout, &any);
	n = rpc_encode(layout, &any, again, sizeof again);
	if (n < 0 || (size_t)n != size || memcmp(again, data, size) != 0)
		abort();
	return 0;
}
