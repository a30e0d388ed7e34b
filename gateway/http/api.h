// SPDX-License-Identifier: Apache-2.0
/* The API on one listener: the dialects, and who is let in to them. */
#pragma once

#include <stdbool.h>

#include "common/err.h"
#include "gateway/http/engine/route.h"
#include "gateway/settings/http_conf.h"

struct back;
struct loop;
struct server;

/* Every dialect that is served; the first has the paths of nobody. */
extern const struct dialect *const api_dialects[];
extern const size_t n_api_dialects;

/*
 * Takes over listen_fd; is_unix: peers without a token are known by their
 * credentials; news_fd: of certificates, for TLS, or -1. *ret is the caller's
 * to server_free, before back and loop.
 */
int api_serve(struct loop *loop, struct back *back,
    const struct http_conf *conf, int listen_fd, bool is_unix, int news_fd,
    struct server **ret, struct err *err);
