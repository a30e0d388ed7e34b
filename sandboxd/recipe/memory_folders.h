// SPDX-License-Identifier: Apache-2.0
/*
 * Folders of a sandbox that are memory. All together stay below the memory
 * limit, which they count against: a full tmpfs belongs to no process, so the
 * kernel could kill init over it in vain.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct memory_folder {
	const char *path; /* without the slash at its start */
	unsigned mode, share; /* of the memory limit, in eighths */
};

enum { MEMORY_FOLDER_SHM, MEMORY_FOLDER_RUN, N_MEMORY_FOLDER };

extern const struct memory_folder memory_folders[N_MEMORY_FOLDER];

/* How large one may become under this limit of memory. */
uint64_t memory_folder_bytes(const struct memory_folder *folder,
    uint64_t memory_limit_bytes);
