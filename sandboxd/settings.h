// SPDX-License-Identifier: Apache-2.0
/* Section [sandboxd] of the configuration, and the [paths] all share. */
#pragma once

#include <stdbool.h>

#include "common/conf.h"
#include "common/egress.h"
#include "common/paths.h"

/* Host uids and gids each sandbox owns; its own uids are 0 to 65535. */
#define SANDBOX_UID_COUNT 65536

struct settings {
	struct paths paths;
	char log_level[CONF_STRING_SIZE];
	uint64_t max_sandboxes;
	char default_template[CONF_STRING_SIZE];
	uint64_t max_templates, max_org_templates;
	uint64_t memory_limit_bytes, memory_limit_max_bytes;
	uint64_t pids_limit, pids_limit_max;
	uint64_t cpu_limit_millis, cpu_limit_max_millis;
	uint64_t disk_limit_bytes, disk_limit_max_bytes;
	char sizes[CONF_STRING_SIZE]; /* sizes.h */
	/* Each maximum: 0 = what host/ceiling.h finds. */
	uint64_t demote_below_bytes;
	uint64_t host_memory_reserve_bytes, host_pids_reserve;
	uint64_t cpu_weight;
	uint64_t memory_overcommit, disk_overcommit; /* percent; 0 = any */
	uint64_t disk_reserve_bytes;
	uint64_t uncharged_max;
	uint64_t uid_base;
	char network[CONF_STRING_SIZE];
	char network6[CONF_STRING_SIZE];
	char allow_private[CONF_STRING_SIZE];
	char dns[CONF_STRING_SIZE];
	char egress[CONF_STRING_SIZE];
	char encrypted_dns[CONF_STRING_SIZE];
	struct egress_limits egress_limits;
	bool allow_smtp;
	bool allow_nesting;
	char link_prefix[CONF_STRING_SIZE];
	char nft_table[CONF_STRING_SIZE];
	char cgroup_parent[CONF_STRING_SIZE];
	uint64_t n_workers, n_slow_workers;
	char pool[CONF_STRING_SIZE];
	uint64_t n_blanks;
	uint64_t start_timeout_s;
	uint64_t ephemeral_linger_s;
	uint64_t suspend_grace_s;
	uint64_t pause_keep_s;
	uint64_t ttl_max_s, hard_ttl_max_s; /* 0 = none */
	uint64_t tombstone_keep_s;
	uint64_t ended_logs_bytes;
	uint64_t events_per_sandbox, events_per_org;
	char disk_backend[CONF_STRING_SIZE];
	uint64_t disk_pool_bytes;
	char masked_paths[CONF_STRING_SIZE];
	char rootfs[CONF_STRING_SIZE];
	uint64_t fail_at;
};

/* The rows of [sandboxd]; the manual page lists each. */
extern const struct conf_key settings_keys[];
extern const size_t n_settings_keys;

/*
 * Reads both sections of the file at conf_path (NULL: defaults) and checks
 * what a single row cannot: names, prefixes, defaults within their maxima,
 * room in the network and in the uid space. 0 or -EINVAL with the key named.
 */
int settings_read(const char *conf_path, struct settings *ret,
    struct err *err);
