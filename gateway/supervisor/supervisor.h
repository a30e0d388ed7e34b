// SPDX-License-Identifier: Apache-2.0
/*
 * gateway: opens what only root may open, starts gateway-broker,
 * gateway-session, gateway-http, gateway-lobby and gateway-proxy with exactly
 * the descriptors they need, and starts again what dies. It reads nothing that
 * came from the network; the listeners stay its own, so that clients wait while
 * others restart.
 */
#pragma once

#include "common/err.h"

/*
 * Runs until SIGTERM or SIGINT; SIGHUP renews the zygote. conf_path is handed
 * to the children as it is, so it must be absolute. 0 or -errno.
 */
int supervisor_run(const char *conf_path, struct err *err);
