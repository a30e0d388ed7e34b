// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/memory_folders.h"

#define SHARES 8

const struct memory_folder memory_folders[N_MEMORY_FOLDER] = {
    [MEMORY_FOLDER_SHM] = {"dev/shm", 01777, 2},
    [MEMORY_FOLDER_RUN] = {"run", 0755, 1},
};

uint64_t
memory_folder_bytes(const struct memory_folder *folder,
    uint64_t memory_limit_bytes)
{
	return memory_limit_bytes / SHARES * folder->share;
}
