// SPDX-License-Identifier: Apache-2.0
#include "gateway/username.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

int
main(void)
{
	static const struct {
		const char *text, *sandbox_id, *login_user;
	} rows[] = {
	    {"sb_k3v9x2m7q4tz", "sb_k3v9x2m7q4tz", ""},
	    {"sb_k3v9x2m7q4tz+root", "sb_k3v9x2m7q4tz", "root"},
	    {"sb_0123456789abcdefghjkmnpqrstv+root",
		"sb_0123456789abcdefghjkmnpqrstv", "root"},
	    {"", NULL, NULL},
	    {"root", NULL, NULL},
	    {"+root", NULL, NULL},
	    {"sb_", NULL, NULL},
	    {"sb_k3v9x2m7q4tz+", NULL, NULL},
	    {"sb_k3v9x2m7q4tz+Root", NULL, NULL},
	    {"sb_k3v9x2m7q4tz+root ", NULL, NULL},
	    {"sb_k3v9x2m7q4tz+root+root", NULL, NULL},
	    {"sb_k3v9x2m7q4tz+sandbox", NULL, NULL},
	    {"sb_k3v9x2m7q4tz/../x", NULL, NULL},
	    {"sb_k3v9x2m7q4tz\n", NULL, NULL},
	    {"sb_K3V9X2M7Q4TZ", NULL, NULL},
	    {"sb_0123456789abcdefghjkmnpqrstvwxyz0123456789", NULL, NULL},
	    {"../../etc/passwd", NULL, NULL},
	    {"sb_k3v9x2m7q4t\xc3\xa9", NULL, NULL},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct username name;
		int r = username_parse(rows[i].text, &name);

		if (rows[i].sandbox_id == NULL) {
			assert(r == -EINVAL);
			continue;
		}
		assert(r == 0);
		assert(strcmp(name.sandbox_id, rows[i].sandbox_id) == 0);
		assert(strcmp(name.login_user, rows[i].login_user) == 0);
	}
	return 0;
}
