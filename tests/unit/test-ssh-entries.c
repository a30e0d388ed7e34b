// SPDX-License-Identifier: Apache-2.0
#include "cli/ssh_entries.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
test_entry(void)
{
	const struct ssh_endpoint endpoint = {.host = "gateway.example",
	    .port = 2222, .alias = "sandgate-gateway.example-2222",
	    .dir = "/home/user/.ssh",
	    .known_hosts = "/home/user/.ssh/100%_known", .identity = "/k"};
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert(file != NULL);
	ssh_entries_put(file, &endpoint, "sb_4fz1k8q2m9xw", "web");
	fclose(file);
	assert(strcmp(text, "Host sb_4fz1k8q2m9xw web\n"
	    "\tHostName gateway.example\n\tPort 2222\n"
	    "\tUser sb_4fz1k8q2m9xw\n"
	    "\tHostKeyAlias sandgate-gateway.example-2222\n"
	    "\tUserKnownHostsFile \"/home/user/.ssh/100%%_known\"\n"
	    "\tStrictHostKeyChecking yes\n\tUpdateHostKeys yes\n"
	    "\tCheckHostIP no\n"
	    "\tIdentityFile \"/k\"\n\tIdentitiesOnly yes\n"
	    "\tServerAliveInterval 30\n\tServerAliveCountMax 4\n"
	    "\tControlMaster auto\n"
	    "\tControlPath \"/home/user/.ssh/sg-%r\"\n"
	    "\tControlPersist 1m\n\n") == 0);
	free(text);
}

/* A socket whose path would not fit is not asked for; no name, no alias. */
static void
test_long_folder(void)
{
	const struct ssh_endpoint endpoint = {.host = "h", .port = 1,
	    .alias = "a",
	    .dir = "/home/user/a-folder-that-leaves-too-little-room",
	    .known_hosts = "/k"};
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert(file != NULL);
	ssh_entries_put(file, &endpoint, "sb_4fz1k8q2m9xw", NULL);
	fclose(file);
	assert(strncmp(text, "Host sb_4fz1k8q2m9xw\n", 21) == 0);
	assert(strstr(text, "Control") == NULL);
	free(text);
}

static void
test_words(void)
{
	assert(ssh_entries_is_word("gateway.example"));
	assert(ssh_entries_is_word("2001:db8::1"));
	assert(!ssh_entries_is_word("") && !ssh_entries_is_word("-oX"));
	assert(!ssh_entries_is_word("a b") && !ssh_entries_is_word("a\nb"));
	assert(ssh_entries_is_alias("web-1"));
	assert(!ssh_entries_is_alias("github.com"));
	assert(!ssh_entries_is_alias("localhost"));
	assert(!ssh_entries_is_alias("sb_4fz1k8q2m9xw"));
	assert(!ssh_entries_is_alias("") && !ssh_entries_is_alias("*"));
}

static void
test_user_file(void)
{
	static const char text[] = "# Include /a\n  include = \"/a b\" /c\n"
	    "Host web *.example !no\n\tHostName db\nHOST\tlast";

	assert(ssh_entries_has_include(text, "/a b"));
	assert(ssh_entries_has_include(text, "/c"));
	assert(!ssh_entries_has_include(text, "/a"));
	assert(!ssh_entries_has_include("", "/a"));
	assert(ssh_entries_names_host(text, "web"));
	assert(ssh_entries_names_host(text, "last"));
	assert(!ssh_entries_names_host(text, "db"));
	assert(!ssh_entries_names_host(text, "we"));
}

static void
test_known_hosts(void)
{
	json_t *keys = json_pack("[s, s]", "ssh-ed25519 AA", "ssh-rsa BB");
	json_t *bad = json_pack("[s]", "ssh-ed25519 AA\n* ssh-rsa CC");
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct err err;

	assert(file != NULL);
	assert(ssh_entries_put_known_hosts(file, "a", keys, &err) == 0);
	assert(ssh_entries_put_known_hosts(file, "a", bad, &err) == -EIO);
	assert(ssh_entries_put_known_hosts(file, "a", NULL, &err) == -EIO);
	fclose(file);
	assert(strcmp(text, "a ssh-ed25519 AA\na ssh-rsa BB\n") == 0);
	free(text);
	json_decref(keys);
	json_decref(bad);
}

int
main(void)
{
	test_entry();
	test_long_folder();
	test_words();
	test_user_file();
	test_known_hosts();
	return 0;
}
