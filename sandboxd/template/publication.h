// SPDX-License-Identifier: Apache-2.0
/* A template that is made of a sandbox's disk. */
#pragma once

#include "sandboxd/template/templates.h"

/* template_publish of rpc.def; org "" = for everybody. owner: who is said to
 * have made it. */
int publication_start(struct sandbox *sandbox, const char *org,
    const char *owner, const struct rpc_template_publish_req *wish,
    const struct templates_asker *asker, struct err *err);

/* The templates of an organisation, and those that are being made, as they
 * count against max_org_templates. */
unsigned publication_count(const struct daemon *daemon, const char *org);
