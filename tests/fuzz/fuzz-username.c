// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/protocol/username.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
append(char *text, size_t size, const char *separator, const char *word)
{
	assert(strlen(text) + strlen(separator) + strlen(word) < size);
	strcat(text, separator);
	strcat(text, word);
}

/* What was understood, spelt out in the order the grammar has. */
static void
spell(const struct username *name, char *text, size_t size)
{
	static const char *const kinds[] = {"", "new", "ctl"};

	text[0] = '\0';
	append(text, size, kinds[name->kind], name->sandbox_id);
	if (*name->template_name != '\0')
		append(text, size, "+", name->template_name);
	if (*name->login_user != '\0')
		append(text, size, "+", name->login_user);
	if (*name->terminal != '\0')
		append(text, size, "+", name->terminal);
	if (name->takes_over)
		append(text, size, "!", "");
	if (name->is_kept)
		append(text, size, "+", "keep");
}

/* Whatever is accepted is spelt exactly as it came in, but for "+keep+root". */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), spelt[512];
	struct username name, again;

	assert(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (username_parse(text, &name) == 0) {
		assert((name.kind == USERNAME_SANDBOX) ==
		    sandbox_id_is_valid(name.sandbox_id));
		spell(&name, spelt, sizeof spelt);
		assert(strcmp(text, spelt) == 0 ||
		    strstr(text, "+keep+root") != NULL);
		assert(username_parse(spelt, &again) == 0);
		assert(memcmp(&name, &again, sizeof name) == 0);
	}
	free(text);
	return 0;
}
