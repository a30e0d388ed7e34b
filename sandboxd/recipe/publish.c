// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/publish.h"

#include <errno.h>

#include "sandboxd/disk/layer.h"

int
publish_layer(const struct runtime *runtime, const struct job *job,
    struct err *err)
{
	const struct layer_file files[] = {
	    {PUBLISH_LOG, job->blob + job->kept_size,
		job->blob_size - job->kept_size},
	    {PUBLISH_KEPT, job->blob, job->kept_size},
	};
	int r = layer_make(runtime->disks, job->id, job->layers[0], files,
	    sizeof files / sizeof *files, err);

	if (r < 0)
		return r;
	r = layer_set_label(runtime->disks, job->label, job->layers[0], err);
	if (r < 0)
		(void)layer_drop(runtime->disks, job->layers[0], NULL);
	return r;
}

int
publish_withdraw(const struct runtime *runtime, const struct job *job,
    struct err *err)
{
	return layer_set_label(runtime->disks, job->label, NULL, err);
}

int
publish_drop(const struct runtime *runtime, const struct job *job,
    struct err *err)
{
	return layer_drop(runtime->disks, job->layers[0], err);
}
