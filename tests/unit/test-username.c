// SPDX-License-Identifier: Apache-2.0
#include "gateway/protocol/username.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const refused[] = {
    "", "root", "+root", "sb_", "sb_k3v9x2m7q4tz+", "sb_k3v9x2m7q4tz+Root",
    "sb_k3v9x2m7q4tz+root ", "sb_k3v9x2m7q4tz+root+root",
    "sb_k3v9x2m7q4tz+root!", "sb_k3v9x2m7q4tz+main+root",
    "sb_k3v9x2m7q4tz+main+other", "sb_k3v9x2m7q4tz+main!!",
    "sb_k3v9x2m7q4tz+!", "sb_k3v9x2m7q4tz++main",
    "sb_k3v9x2m7q4tz+abcdefghijklmnopqrstuvwxyz1234567",
    "sb_k3v9x2m7q4tz/../x", "sb_k3v9x2m7q4tz\n", "sb_K3V9X2M7Q4TZ",
    "sb_0123456789abcdefghjkmnpqrstvwxyz0123456789", "../../etc/passwd",
    "sb_k3v9x2m7q4t\xc3\xa9", "new+", "new+python+other", "new+keep+keep",
    "new+keep+python", "new+root+python", "new+python!", "new+../x",
    "sb_k3v9x2m7q4tz+why!",
    "sb_k3v9x2m7q4tz+why+why", "sb_k3v9x2m7q4tz+main+why", "new+why+python",
    "ctl+why", "news", "New", "ctl+root", "ctl+", "ctl ", "Ctl",
};

static const struct {
	const char *text;
	struct username name;
} accepted[] = {
    {"sb_k3v9x2m7q4tz", {.sandbox_id = "sb_k3v9x2m7q4tz"}},
    {"sb-k3v9x2m7q4tz", {.sandbox_id = "sb_k3v9x2m7q4tz"}},
    {"sb_k3v9x2m7q4tz+root",
	{.sandbox_id = "sb_k3v9x2m7q4tz", .login_user = "root"}},
    {"sb_0123456789abcdefghjkmnpqrstv+root",
	{.sandbox_id = "sb_0123456789abcdefghjkmnpqrstv",
	    .login_user = "root"}},
    {"sb_k3v9x2m7q4tz+main",
	{.sandbox_id = "sb_k3v9x2m7q4tz", .terminal = "main"}},
    {"sb_k3v9x2m7q4tz+sandbox!",
	{.sandbox_id = "sb_k3v9x2m7q4tz", .terminal = "sandbox",
	    .takes_over = true}},
    {"sb_k3v9x2m7q4tz+abcdefghijklmnopqrstuvwxyz123456",
	{.sandbox_id = "sb_k3v9x2m7q4tz",
	    .terminal = "abcdefghijklmnopqrstuvwxyz123456"}},
    {"sb_k3v9x2m7q4tz+root+build.1!",
	{.sandbox_id = "sb_k3v9x2m7q4tz", .login_user = "root",
	    .terminal = "build.1", .takes_over = true}},
    {"sb_k3v9x2m7q4tz+why",
	{.sandbox_id = "sb_k3v9x2m7q4tz", .is_why = true}},
    {"sb_k3v9x2m7q4tz+why+root+main!",
	{.sandbox_id = "sb_k3v9x2m7q4tz", .login_user = "root",
	    .is_why = true, .terminal = "main", .takes_over = true}},
    {"new+python+root+why+keep",
	{.kind = USERNAME_NEW, .template_name = "python",
	    .login_user = "root", .is_why = true, .is_kept = true}},
    {"new", {.kind = USERNAME_NEW}},
    {"new+python", {.kind = USERNAME_NEW, .template_name = "python"}},
    {"new+keep", {.kind = USERNAME_NEW, .is_kept = true}},
    {"new+python+root+keep",
	{.kind = USERNAME_NEW, .template_name = "python",
	    .login_user = "root", .is_kept = true}},
    {"new+python+keep+root",
	{.kind = USERNAME_NEW, .template_name = "python",
	    .login_user = "root", .is_kept = true}},
    {"ctl", {.kind = USERNAME_LOBBY}},
};

int
main(void)
{
	struct username name;

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (username_parse(refused[i], &name) != -EINVAL) {
			printf("accepted: %s\n", refused[i]);
			return 1;
		}
	for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
		const struct username *wanted = &accepted[i].name;

		assert(username_parse(accepted[i].text, &name) == 0);
		assert(name.kind == wanted->kind);
		assert(strcmp(name.sandbox_id, wanted->sandbox_id) == 0);
		assert(strcmp(name.login_user, wanted->login_user) == 0);
		assert(strcmp(name.terminal, wanted->terminal) == 0);
		assert(name.takes_over == wanted->takes_over);
		assert(strcmp(name.template_name, wanted->template_name) == 0);
		assert(name.is_kept == wanted->is_kept);
		assert(name.is_why == wanted->is_why);
	}
	return 0;
}
