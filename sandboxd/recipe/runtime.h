// SPDX-License-Identifier: Apache-2.0
/*
 * What creates and destroys need of the host, found or built once at start and
 * inherited by the workers: cgroups, disks, prefixes, filter, init's program.
 */
#pragma once

#include "sandboxd/cgroup/cgroup.h"
#include "sandboxd/disk/disk.h"
#include "sandboxd/host/ceiling.h"
#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/net.h"
#include "sandboxd/recipe/rootfs.h"
#include "sandboxd/recipe/seccomp.h"
#include "sandboxd/settings.h"
#include "sandboxd/view/place.h"

#define RUNTIME_PATH_SIZE 512
#define RESOLV_CONF_SIZE  4096

struct runtime {
	const struct settings *settings;
	struct cgroup_host *cgroups;
	struct disk_pool *disks;
	struct ceilings ceilings;
	struct view_place views;
	struct egress_host egress;
	struct seccomp_filter filter;
	struct seccomp_filter nesting[2]; /* of one that nests, in order */
	bool are_cores_piped; /* to a program of the host */
	enum rootfs_way rootfs_way;
	int init_fd; /* sealed memfd with sandbox-init */
	char resolv_conf[RESOLV_CONF_SIZE]; /* of sandboxes */
	char init_folder[RUNTIME_PATH_SIZE]; /* run_dir/init */
	char scratch[RUNTIME_PATH_SIZE];     /* where workers mount */
};

/*
 * Fills *ret from settings, which must outlive it: makes the folders, opens
 * the disk pool, finds cgroups, compiles the filter, reads sandbox-init from
 * libexec_dir. Changes nothing of the network. Close with runtime_close.
 */
int runtime_open(const struct settings *settings, struct runtime *ret,
    struct err *err);

/* The part of it that `--down` and `--check` need: prefixes and resolvers. */
int runtime_read_network(const struct settings *settings, struct runtime *ret,
    struct err *err);
void runtime_close(struct runtime *runtime);

/* Path of the socket that the init of a sandbox listens on. */
int runtime_init_path(const struct runtime *runtime, const char *id,
    char path[RUNTIME_PATH_SIZE], struct err *err);
