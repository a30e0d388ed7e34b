// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/input.h"

#include <string.h>

#include "gateway/http/service/exec.h"

static size_t
piece(const struct input *input, const char *text)
{
	const char *end = input->is_by_line ? strchr(text, '\n') : NULL;

	return end != NULL ? (size_t)(end + 1 - text) : strlen(text);
}

void
input_give(struct input *input, struct exec *exec)
{
	size_t size, n;

	if (input->text == NULL)
		return;
	do {
		const char *rest = input->text + input->used;

		size = piece(input, rest);
		n = size > 0 ? exec_input(exec, rest, size) : 0;
		input->used += n;
	} while (n > 0 && n == size);
	if (size == 0 && input->is_all && !input->is_over)
		input->is_over = exec_input_end(exec);
}
