// SPDX-License-Identifier: Apache-2.0
#include "gateway/username.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int
username_parse(const char *text, struct username *ret)
{
	struct username name = {0};
	size_t id_size = strcspn(text, "+");

	if (id_size >= sizeof name.sandbox_id)
		return -EINVAL;
	memcpy(name.sandbox_id, text, id_size);
	if (!sandbox_id_is_valid(name.sandbox_id))
		return -EINVAL;
	if (text[id_size] == '+') {
		if (strcmp(text + id_size, "+root") != 0)
			return -EINVAL;
		snprintf(name.login_user, sizeof name.login_user, "root");
	}
	*ret = name;
	return 0;
}
