// SPDX-License-Identifier: Apache-2.0
/* Where posts come from: one fork for each order of the broker. */
#pragma once

#include "common/err.h"
#include "gateway/jail/jail.h"
#include "gateway/settings/webhook_conf.h"

/* Forks until fd reaches end of file: 0 then, or -errno. speaking_filter is put
 * on top of the zygote's once a fork is connected. */
int zygote_run(int fd, const struct webhook_conf *conf,
    const struct jail_filter *speaking_filter, struct err *err);
