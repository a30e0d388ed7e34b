// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/pool_sizes.h"

#include <errno.h>
#include <stdlib.h>

#include "common/log.h"
#include "sandboxd/lifecycle/pool.h"
#include "sandboxd/lifecycle/pool_plan.h"

struct pool_sizes {
	struct pool_plan said;
	struct pool_plan wanted; /* said, once it is written */
	bool is_saving;
	struct asker asker;
};

static int
load_row(const char *template_name, uint32_t wanted, void *data,
    struct err *err)
{
	struct daemon *daemon = data;

	return pool_plan_set(&daemon->pool_sizes->said, template_name, wanted,
	    err);
}

int
pool_sizes_load(struct daemon *daemon, struct err *err)
{
	daemon->pool_sizes = calloc(1, sizeof *daemon->pool_sizes);
	if (daemon->pool_sizes == NULL)
		return err_set(err, ENOMEM, "pool: no memory");
	return registry_load_pool_sizes(daemon->registry, load_row, daemon,
	    err);
}

void
pool_sizes_end(struct daemon *daemon)
{
	struct pool_sizes *sizes = daemon->pool_sizes;

	if (sizes != NULL && sizes->is_saving)
		sizes->asker.release(sizes->asker.owner);
	free(sizes);
	daemon->pool_sizes = NULL;
}

const struct pool_plan *
pool_sizes_said(const struct daemon *daemon)
{
	static const struct pool_plan nothing;

	return daemon->pool_sizes != NULL ? &daemon->pool_sizes->said :
	    &nothing;
}

static int
save(struct daemon *daemon, const char *template_name, uint32_t wanted,
    struct err *err)
{
	struct pool_sizes *sizes = daemon->pool_sizes;
	int r;

	if (sizes->is_saving)
		return err_set(err, EBUSY, "pool: another size is being "
		    "written; try again");
	sizes->wanted = sizes->said;
	r = pool_plan_set(&sizes->wanted, template_name, wanted, err);
	return r < 0 ? r : writer_submit_pool_size(daemon->writer,
	    template_name, wanted, err);
}

int
pool_sizes_set(struct daemon *daemon, const char *template_name,
    uint32_t wanted, const struct asker *asker, struct err *err)
{
	int r = save(daemon, template_name, wanted, err);

	if (r < 0) {
		asker->release(asker->owner);
		return r;
	}
	daemon->pool_sizes->is_saving = true;
	daemon->pool_sizes->asker = *asker;
	return 0;
}

void
pool_size_written(const struct err *err, void *data)
{
	struct daemon *daemon = data;
	struct pool_sizes *sizes = daemon->pool_sizes;
	struct asker asker;

	if (sizes == NULL || daemon->is_ending)
		return;
	asker = sizes->asker;
	sizes->is_saving = false;
	if (err == NULL)
		sizes->said = sizes->wanted;
	else
		log_error("pool: size not saved: %s", err->text);
	asker.answer(asker.owner, asker.request_id, NULL, err);
	asker.release(asker.owner);
	pool_review(daemon);
}
