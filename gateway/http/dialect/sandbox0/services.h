// SPDX-License-Identifier: Apache-2.0
/* What of a sandbox is served to those outside, in Sandbox0's words. */
#pragma once

#include "gateway/http/dialect/sandbox0/sandbox0.h"

extern const struct field_table sandbox0_service, sandbox0_services_wish;

/* Whether services can be as they are wished; a failure names the field, whose
 * path begins with `path`. */
int sandbox0_services_check(const struct field_objects *services,
    const char *path, struct failure *failure);

/* Gives a sandbox these, which live until done, in place of all it has. err is
 * NULL, or why not. */
typedef void sandbox0_services_done(void *arg, const struct err *err);
void sandbox0_services_replace(struct exchange *exchange, const char *id,
    const struct field_objects *services, sandbox0_services_done *done,
    void *arg);

/* Records of service_info, as a list. */
json_t *sandbox0_services_print(struct rpc_bytes records);

void sandbox0_get_services(struct exchange *exchange);
void sandbox0_set_services(struct exchange *exchange);

/* Of previews.c. */
extern const struct field_table sandbox0_preview_wish,
    sandbox0_preview_renewal;
void sandbox0_create_preview(struct exchange *exchange);
void sandbox0_renew_preview(struct exchange *exchange);
void sandbox0_remove_preview(struct exchange *exchange);
