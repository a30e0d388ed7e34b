// SPDX-License-Identifier: Apache-2.0
/* Section [ssh] of the configuration: how a session behaves. */
#pragma once

#include <stdbool.h>

#include "common/conf.h"

struct ssh_conf {
	char jail_user[CONF_STRING_SIZE];
	char ident[CONF_STRING_SIZE];
	char accept_env[CONF_STRING_SIZE];
	char ciphers[CONF_STRING_SIZE];
	char key_exchange[CONF_STRING_SIZE];
	char macs[CONF_STRING_SIZE];
	char host_key_algorithms[CONF_STRING_SIZE];
	char public_key_algorithms[CONF_STRING_SIZE];
	bool compression;
	uint64_t rekey_limit_bytes; /* 0 = the cipher's own */
	uint64_t rekey_interval_s;  /* 0 = none */
	uint64_t max_sessions;
	uint64_t max_forwards;
	uint64_t max_listeners;
	uint64_t max_auth_tries;
	uint64_t login_grace_s;
	uint64_t client_alive_interval_s; /* 0 = never asked */
	uint64_t client_alive_count_max;
	uint64_t recording_max_bytes, recording_min_free_bytes;
	uint64_t recording_exec_bytes;
	bool recording_input;
	char channel_timeout[CONF_STRING_SIZE];
	uint64_t unused_connection_timeout_s; /* 0 = never */
	char banner[CONF_STRING_SIZE];	      /* a file's path, or "" */
	bool print_motd;
};

extern const struct conf_key ssh_options_keys[];
extern const size_t n_ssh_options_keys;

/* Reads [ssh] of the file at conf_path (NULL: defaults). 0 or -errno. */
int ssh_conf_read(const char *conf_path, struct ssh_conf *ret,
    struct err *err);

/*
 * How long a channel of this type ("session:shell", "direct-tcpip") may carry
 * nothing before it is closed, in milliseconds; 0 = for ever. The first pattern
 * of channel_timeout that matches counts.
 */
uint64_t ssh_conf_channel_timeout_ms(const struct ssh_conf *options,
    const char *type);

/* Whether a client may set the variable: patterns as fnmatch(3), by blanks. */
bool ssh_conf_accept_env(const struct ssh_conf *options,
    const char *name);
