// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/back/identity.h"

static void
end(struct pages *pages, const struct err *err)
{
	pages->done(pages->arg, err);
	free(pages);
}

static void
on_page(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct pages *pages = arg;
	struct err err;
	int r;

	(void)message;
	if (failure != NULL) {
		end(pages, failure);
		return;
	}
	r = pages->take(pages, reply);
	if (r < 0)
		err_set(&err, -r, "%s", r == -ENOMEM ? "out of memory" :
		    strerror(-r));
	if (r > 0 && ++pages->n < PAGES_MAX)
		pages_ask(pages);
	else
		end(pages, r < 0 ? &err : NULL);
}

void
pages_ask(struct pages *pages)
{
	identity_ask_sandboxd(pages->who, pages->call, pages->request,
	    on_page, pages);
}
