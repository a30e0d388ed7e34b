// SPDX-License-Identifier: Apache-2.0
/* How many connections one credential has, and one organisation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct broker;
struct connection;

/*
 * Whether the credential of connection->login, which is filled in, has more
 * than max_connections_per_credential, this one included, or more in that
 * sandbox than max_connections_per_sandbox, or its organisation more than its
 * max_sessions. Then words[size] says which limit it is, and whose.
 */
bool crowd_is_full(const struct connection *connection, char *words,
    size_t size);

/* SSH connections that are an organisation's, which max_sessions is about. */
uint64_t crowd_sessions(const struct broker *broker, const char *org);
