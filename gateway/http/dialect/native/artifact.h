// SPDX-License-Identifier: Apache-2.0
/* What routes of artifacts have in common. */
#pragma once

#include <jansson.h>

#include "gateway/http/engine/exchange.h"
#include "gateway/http/service/artifact_content.h"
#include "gateway/http/service/disks.h"

#define ARTIFACT_PATH_SIZE (1024 + 256)
#define ARTIFACT_QUERY_MAX 255
#define ARTIFACT_META_MAX  8191

/* What each enum depot_kind is called. */
extern const char *const artifact_kinds[];

/* Folder and name in one. */
void artifact_path(const struct rpc_artifact_info *info,
    char ret[ARTIFACT_PATH_SIZE]);

/* It as JSON; NULL: out of memory. */
json_t *artifact_print(const struct rpc_artifact_info *info);

/* The end of disks_open_artifact, whose arg is the exchange: the bytes, or why
 * not. */
void artifact_opened(void *arg, const struct rpc_artifact_info *artifact,
    int fd, const struct err *err);
