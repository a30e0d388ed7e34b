// SPDX-License-Identifier: Apache-2.0
#include "cli/ssh_entries.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "common/parse.h"

/* "/sg-", the user name, and what ssh adds while it makes the socket. */
#define CONTROL_NAME_MAX 70
#define CONTROL_PATH_MAX 107 /* sun_path, without its terminator */

#define BLANKS " \t"

bool
ssh_entries_is_word(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-";

	return *text != '\0' && *text != '-' &&
	    text[strspn(text, allowed)] == '\0';
}

bool
ssh_entries_is_alias(const char *name)
{
	return name_is_valid(name) && strchr(name, '.') == NULL &&
	    !sandbox_id_is_valid(name) && strcmp(name, "localhost") != 0;
}

/* A path as ssh reads it: in quotes, its own "%" doubled. */
static void
put_path(FILE *file, const char *keyword, const char *path)
{
	fprintf(file, "\t%s \"", keyword);
	for (; *path != '\0'; path++) {
		if (*path == '%')
			fputc('%', file);
		fputc(*path, file);
	}
	fputs("\"\n", file);
}

void
ssh_entries_put(FILE *file, const struct ssh_endpoint *endpoint, const char *id,
    const char *name)
{
	fprintf(file, "Host %s%s%s\n", id, name != NULL ? " " : "",
	    name != NULL ? name : "");
	fprintf(file, "\tHostName %s\n\tPort %u\n\tUser %s\n"
	    "\tHostKeyAlias %s\n", endpoint->host, endpoint->port, id,
	    endpoint->alias);
	put_path(file, "UserKnownHostsFile", endpoint->known_hosts);
	fputs("\tStrictHostKeyChecking yes\n\tUpdateHostKeys yes\n"
	    "\tCheckHostIP no\n", file);
	if (endpoint->identity != NULL) {
		put_path(file, "IdentityFile", endpoint->identity);
		fputs("\tIdentitiesOnly yes\n", file);
	}
	fputs("\tServerAliveInterval 30\n\tServerAliveCountMax 4\n", file);
	/* By user name: root's connection is not the default user's. */
	if (strlen(endpoint->dir) + CONTROL_NAME_MAX <= CONTROL_PATH_MAX &&
	    strpbrk(endpoint->dir, "%\"") == NULL)
		fprintf(file, "\tControlMaster auto\n"
		    "\tControlPath \"%s/sg-%%r\"\n\tControlPersist 1m\n",
		    endpoint->dir);
	fputc('\n', file);
}

int
ssh_entries_put_known_hosts(FILE *file, const char *alias, const json_t *keys,
    struct err *err)
{
	const json_t *key;
	size_t i;

	if (json_array_size(keys) == 0)
		return err_set(err, EIO, "the API names no host keys");
	json_array_foreach(keys, i, key) {
		const char *text = json_string_value(key);

		if (text == NULL || strpbrk(text, "\r\n") != NULL)
			return err_set(err, EIO,
			    "the API's host keys are malformed");
		fprintf(file, "%s %s\n", alias, text);
	}
	return 0;
}

/*
 * Looks for `wanted` among the words after `keyword` on any line; a word may
 * stand in quotes, and "=" after the keyword.
 */
static bool
has_word(const char *text, const char *keyword, const char *wanted)
{
	size_t keyword_size = strlen(keyword), wanted_size = strlen(wanted);

	for (; text != NULL; text = strchr(text, '\n')) {
		const char *p = text + strspn(text, "\n" BLANKS);
		const char *end = p + strcspn(p, "\n");

		text = end;
		if (strncasecmp(p, keyword, keyword_size) != 0 ||
		    strchr(BLANKS "=", p[keyword_size]) == NULL)
			continue;
		p += keyword_size + strspn(p + keyword_size, BLANKS "=");
		while (p < end) {
			bool is_quoted = *p == '"';
			size_t n = strcspn(p += is_quoted,
			    is_quoted ? "\"\n" : BLANKS "\n");

			if (n == wanted_size && memcmp(p, wanted, n) == 0)
				return true;
			p += n;
			p += strspn(p, BLANKS "\"");
		}
	}
	return false;
}

bool
ssh_entries_has_include(const char *text, const char *path)
{
	return has_word(text, "Include", path);
}

bool
ssh_entries_names_host(const char *text, const char *name)
{
	return has_word(text, "Host", name);
}
