// SPDX-License-Identifier: Apache-2.0
/* The calls of depot.def as C; see common/rpc_declare.h. */
#pragma once

#include "common/rpc.h"

/* Limits of docs/DISKS.md. */
#define DEPOT_ARTIFACT_MAX  ((uint64_t)16 << 20) /* bytes */
#define DEPOT_DISKS_MAX	    1000u  /* of an organisation */
#define DEPOT_ARTIFACTS_MAX 10000u /* of a disk */
#define DEPOT_UPLOADS_MAX   64u	   /* of an organisation, at once */
#define DEPOT_HISTORIES_MAX 1000u  /* of an organisation */
#define DEPOT_COMMANDS_MAX  20u	   /* of a history, and files */

enum depot_peer {
	DEPOT_PEER_HOLDER = 1 << 0, /* of a capability */
};

/* What a capability may do. */
enum depot_right {
	DEPOT_RIGHT_SEE = 1 << 0,   /* disks and what is on them */
	DEPOT_RIGHT_FILES = 1 << 1, /* content, and changes */
};

/* What an artifact's bytes are, by its MIME type and its name; text of any kind
 * is UTF-8. Kept by these numbers. */
enum depot_kind {
	DEPOT_KIND_NONE, /* no text */
	DEPOT_KIND_TEXT,
	DEPOT_KIND_JSON,
	DEPOT_KIND_CSV,
	DEPOT_KIND_CODE,
	N_DEPOT_KIND
};

#define RPC_TABLE "gateway/protocol/depot.def"
#include "common/rpc_declare.h"
