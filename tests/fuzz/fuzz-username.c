// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/username.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is accepted is spelt exactly as it came in. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct username name;
	size_t n;

	assert(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (username_parse(text, &name) == 0) {
		n = strlen(name.sandbox_id);
		assert(sandbox_id_is_valid(name.sandbox_id));
		assert(strncmp(text, name.sandbox_id, n) == 0);
		if (*name.login_user != '\0')
			assert(text[n] == '+' &&
			    strcmp(text + n + 1, name.login_user) == 0);
		else
			assert(text[n] == '\0');
	}
	free(text);
	return 0;
}
