// SPDX-License-Identifier: Apache-2.0
/* Answers gateway-http: identities, SSH keys, tokens, access, status. */
#pragma once

struct broker;

/*
 * Reads and answers what is waiting on broker->http_fd. 0, or -errno where
 * that process is to be cut off.
 */
int broker_api_serve(struct broker *broker);
