// SPDX-License-Identifier: Apache-2.0
/* Egress policies in words, as command lines have them. */
#pragma once

#include <jansson.h>

#include "cli/cli.h"

/*
 * A rule for one destination: "192.0.2.0/24", "192.0.2.1:443",
 * "[2001:db8::1]:443", "*:53", with ports as "80-90" too. NULL, with words,
 * for what is none; whether an address is one is the API's to say.
 */
json_t *policy_rule(const char *destination, const char *action,
    const char *protocol, struct err *err);

/*
 * A policy of "allow", "deny", "allow:DESTINATION,..." (and nothing else),
 * "deny:DESTINATION,..." (and all else), or of a file in the API's form, "-"
 * being standard input. Of one that the API shows what is no wish is left out,
 * totals but of a ceiling, too. NULL, with words.
 */
json_t *policy_read(const struct cli *cli, const char *words, bool is_ceiling,
    struct err *err);
