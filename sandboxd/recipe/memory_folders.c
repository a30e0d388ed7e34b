// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/memory_folders.h"

#define SHARES 8

const struct memory_folder memory_folders[] = {
    {"dev/shm", 01777, 2},
    {"run", 0755, 1},
};
const size_t memory_folders_n = sizeof memory_folders /
    sizeof *memory_folders;

uint64_t
memory_folder_bytes(const struct memory_folder *folder,
    uint64_t memory_limit_bytes)
{
	return memory_limit_bytes / SHARES * folder->share;
}
