// SPDX-License-Identifier: Apache-2.0
/*
 * The text of ssh_config(5) entries for sandboxes, and what is to be known of
 * the user's own file before it leads to them. No file is touched here.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/err.h"

/* What all entries of one gateway share. */
struct ssh_endpoint {
	const char *host; /* to connect to */
	unsigned int port;
	const char *alias;	 /* what its host keys are pinned to */
	const char *dir;	 /* of known_hosts and the control sockets */
	const char *known_hosts; /* the file's path, absolute */
	const char *identity;	 /* a key's path, or NULL: the user's own */
};

/* Whether text can stand in a configuration as one word. */
bool ssh_entries_is_word(const char *text);

/*
 * Whether a sandbox's name may be a host's too: one with a dot might be taken
 * for a real host's, one like an id for another sandbox's.
 */
bool ssh_entries_is_alias(const char *name);

/* An entry for a sandbox, as "Host id name"; name NULL = by its id alone. */
void ssh_entries_put(FILE *file, const struct ssh_endpoint *endpoint,
    const char *id, const char *name);

/* Lines of a known_hosts file from an array of "ssh-ed25519 AAAA...". -EIO
 * where one is no such line. */
int ssh_entries_put_known_hosts(FILE *file, const char *alias,
    const json_t *keys, struct err *err);

/* Whether a configuration's text includes the file at path. */
bool ssh_entries_has_include(const char *text, const char *path);

/* Whether it has a Host line that names this very host. */
bool ssh_entries_names_host(const char *text, const char *name);
