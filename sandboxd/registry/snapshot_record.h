// SPDX-License-Identifier: Apache-2.0
/* One row of the registry's table of snapshots. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/parse.h"

/* Its columns, members and parameters, in order. */
#define SNAPSHOT_ROWS(TEXT, NUMBER)                                            \
	TEXT(id, SANDBOX_ID_SIZE)                                              \
	TEXT(org, 64)                                                          \
	TEXT(owner, 64)                                                        \
	TEXT(name, 64)                                                         \
	TEXT(description, 256)                                                 \
	TEXT(sandbox, SANDBOX_ID_SIZE) /* that it is of, there or not */       \
	TEXT(template_name, 64)                                                \
	NUMBER(owner_id)                                                       \
	NUMBER(is_private)                                                     \
	NUMBER(created_ms)                                                     \
	NUMBER(expires_ms) /* Unix time; 0 = never */                          \
	NUMBER(disk_limit_bytes)                                               \
	NUMBER(bytes)	/* in it */                                            \
	NUMBER(still_us) /* how long its sandbox stood still */                \
	TEXT(template_version, SANDBOX_ID_SIZE) /* "" of a base */

#define SNAPSHOT_MEMBER_TEXT(name, size) char name[size];
#define SNAPSHOT_MEMBER_NUMBER(name)	 uint64_t name;
struct snapshot_record {
	SNAPSHOT_ROWS(SNAPSHOT_MEMBER_TEXT, SNAPSHOT_MEMBER_NUMBER)
};
