// SPDX-License-Identifier: Apache-2.0
/*
 * An enveloped message of the Connect protocol: what is taken out of a request
 * is its bytes and all of them, and one that is put together is taken apart.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/e2b/connect.h"
#include "gateway/http/dialect/e2b/e2b.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_by(const struct field_table *table, const json_t *object)
{
	void *input = calloc(1, table->struct_size);
	struct failure failure;

	if (input == NULL)
		return;
	(void)field_read(table, object, input, &failure);
	field_fini(table, input);
	free(input);
}

static void
try_request(const char *text, size_t size)
{
	struct failure failure;
	json_t *object;

	if (field_parse(text, size, &object, &failure) < 0) {
		assert(connect_status(connect_code(&failure)) >= 400);
		return;
	}
	read_by(&e2b_start_wish, object);
	read_by(&e2b_select_wish, object);
	read_by(&e2b_input_wish, object);
	read_by(&e2b_update_wish, object);
	read_by(&e2b_sandbox_wish, object);
	json_decref(object);
}

static void
put_together(const uint8_t *data, size_t size)
{
	uint8_t *whole = malloc(CONNECT_HEAD_SIZE + size);
	const char *text = NULL;
	size_t n = 0;
	struct err err;

	if (whole == NULL)
		return;
	connect_put_head(whole, 0, (uint32_t)size);
	if (size > 0)
		memcpy(whole + CONNECT_HEAD_SIZE, data, size);
	if (size > CONNECT_MESSAGE_MAX) {
		assert(connect_unwrap(whole, CONNECT_HEAD_SIZE + size, &text,
		    &n, &err) < 0);
	} else {
		assert(connect_unwrap(whole, CONNECT_HEAD_SIZE + size, &text,
		    &n, &err) == 0);
		assert(n == size && (const uint8_t *)text ==
		    whole + CONNECT_HEAD_SIZE);
	}
	free(whole);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = NULL;
	size_t n = 0;
	struct err err;

	put_together(data, size);
	if (connect_unwrap(data, size, &text, &n, &err) < 0)
		return 0;
	assert(n + CONNECT_HEAD_SIZE == size);
	try_request(text, n);
	return 0;
}
