// SPDX-License-Identifier: Apache-2.0
/* What requests say of a sandbox's limits and its notes, as rows of tables. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/engine/field.h"

#define METADATA_MAX_BYTES 2047

/* Of a struct s with a member `metadata`. */
#define METADATA(s)                                                            \
	{"metadata", FIELD_MAP, offsetof(s, metadata), 0, METADATA_MAX_BYTES,  \
	    "strings by names of your choice, to find it by"},

/* 0 and "" = not said. */
struct wish_limits {
	const char *size;
	uint64_t memory_bytes, disk_bytes;
	uint32_t pids, cpu_millis;
};

/* Of a struct s with a member `limits`; and without that of its size. */
#define LIMIT(s, field) offsetof(s, limits.field)
#define LIMIT_FIELDS(s)                                                        \
	{"size", FIELD_NAME, LIMIT(s, size), 1, 63,                            \
	    "name of a size of this host, such as shared-1x; a limit that is " \
	    "given goes before it"},                                           \
	RESOURCE_FIELDS(s)
#define RESOURCE_FIELDS(s)                                                     \
	{"memory", FIELD_SIZE, LIMIT(s, memory_bytes), MEMORY_MIN, MEMORY_MAX, \
	    "memory of all its processes"},                                    \
	{"disk", FIELD_SIZE, LIMIT(s, disk_bytes), DISK_MIN, DISK_MAX,         \
	    "size of its disk"},                                               \
	{"pids", FIELD_U32, LIMIT(s, pids), PIDS_MIN, PIDS_MAX,                \
	    "processes and threads"},                                          \
	{"cpu", FIELD_MILLIS, LIMIT(s, cpu_millis), CPU_MIN_MILLIS,            \
	    CPU_MAX_MILLIS, "CPUs"},
