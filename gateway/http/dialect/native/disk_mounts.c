// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/disk_mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/disk_mounts.h"
#include "gateway/http/service/disks.h"

struct resolving {
	struct exchange *exchange;
	void (*done)(struct exchange *exchange, const char *disks);
	struct disk_mount mounts[DISK_MOUNTS_MAX];
	int n, at; /* of them, which is being looked up */
};

static void
fail(struct resolving *resolving, const struct err *err)
{
	struct exchange *exchange = resolving->exchange;
	const struct err copy = *err;

	free(resolving);
	exchange_fail_err(exchange, &copy);
}

static void
finish(struct resolving *resolving)
{
	struct exchange *exchange = resolving->exchange;
	void (*done)(struct exchange *, const char *) = resolving->done;
	char text[DISK_MOUNTS_SIZE];
	struct err err;

	if (disk_mounts_print(resolving->mounts, (size_t)resolving->n, text,
	    &err) < 0) {
		fail(resolving, &err);
		return;
	}
	free(resolving);
	done(exchange, text);
}

static void look_up(struct resolving *resolving);

static void
on_disk(void *arg, const struct rpc_disk_info *disk, const struct err *err)
{
	struct resolving *resolving = arg;
	struct disk_mount *mount = &resolving->mounts[resolving->at];
	struct err said;

	if (err != NULL) {
		err_set(&said, err->code, "disks: %.200s", err->text);
		fail(resolving, &said);
		return;
	}
	snprintf(mount->disk, sizeof mount->disk, "%s", disk->id);
	resolving->at++;
	look_up(resolving);
}

static void
look_up(struct resolving *resolving)
{
	if (resolving->at == resolving->n)
		finish(resolving);
	else
		disks_get(exchange_who(resolving->exchange),
		    resolving->mounts[resolving->at].disk, on_disk,
		    resolving);
}

void
disk_mounts_resolve(struct exchange *exchange, const char *text,
    void (*done)(struct exchange *exchange, const char *disks))
{
	struct resolving *resolving = calloc(1, sizeof *resolving);
	struct err err = {ENOMEM, "out of memory"};

	if (resolving == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	resolving->exchange = exchange;
	resolving->done = done;
	resolving->n = disk_mounts_parse(text, resolving->mounts, &err);
	if (resolving->n < 0)
		fail(resolving, &err);
	else
		look_up(resolving);
}
