// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/handle.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SLOTS_AT_FIRST 16

static int
grow(struct sftp_handles *handles)
{
	uint32_t n = handles->n_slots == 0 ? SLOTS_AT_FIRST :
	    handles->n_slots * 2;
	struct sftp_handle *slots;

	if (handles->n_slots >= SFTP_HANDLES_MAX)
		return -EMFILE;
	if (n > SFTP_HANDLES_MAX)
		n = SFTP_HANDLES_MAX;
	slots = reallocarray(handles->slots, n, sizeof *slots);
	if (slots == NULL)
		return -ENOMEM;
	for (uint32_t i = handles->n_slots; i < n; i++)
		slots[i] = (struct sftp_handle){.fd = -1};
	handles->slots = slots;
	handles->n_slots = n;
	return 0;
}

int64_t
sftp_handle_add(struct sftp_handles *handles, int fd, DIR *dir, bool appends)
{
	uint32_t i = 0;
	int r;

	while (i < handles->n_slots && handles->slots[i].fd >= 0)
		i++;
	if (i == handles->n_slots && (r = grow(handles)) < 0)
		return r;
	handles->slots[i] = (struct sftp_handle){.fd = fd, .dir = dir,
	    .appends = appends};
	return i;
}

struct sftp_handle *
sftp_handle_find(const struct sftp_handles *handles, uint32_t number)
{
	if (number >= handles->n_slots || handles->slots[number].fd < 0)
		return NULL;
	return &handles->slots[number];
}

int
sftp_handle_close(struct sftp_handle *handle)
{
	int r = handle->dir != NULL ? closedir(handle->dir) :
	    close(handle->fd);

	*handle = (struct sftp_handle){.fd = -1};
	return r < 0 ? -errno : 0;
}

void
sftp_handles_fini(struct sftp_handles *handles)
{
	for (uint32_t i = 0; i < handles->n_slots; i++)
		if (handles->slots[i].fd >= 0)
			(void)sftp_handle_close(&handles->slots[i]);
	free(handles->slots);
	*handles = (struct sftp_handles){0};
}
