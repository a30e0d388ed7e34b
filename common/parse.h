// SPDX-License-Identifier: Apache-2.0
/* Strict readers of short texts: the whole string, or -EINVAL. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "sb_" and 12 to 28 characters of SANDBOX_ID_ALPHABET, terminator included. */
#define SANDBOX_ID_SIZE	    32
#define SANDBOX_ID_LENGTH   15 /* of those made today */
#define SANDBOX_ID_ALPHABET "0123456789abcdefghjkmnpqrstvwxyz"

/* Decimal digits only, no sign, no overflow. 0 or -EINVAL. */
int parse_u64(const char *text, uint64_t *ret);

/* Bytes: decimal with an optional K, M, G or T (powers of 1024). */
int parse_size(const char *text, uint64_t *ret_bytes);

/* Seconds: decimal with an optional s, m, h or d. */
int parse_seconds(const char *text, uint64_t *ret_seconds);

/* Whether text is a well-formed sandbox id. */
bool sandbox_id_is_valid(const char *text);

/* Makes "sb_..." of an id that is spelt "sb-...", as host names have to; leaves
 * all else as it is. */
void sandbox_id_respell(char *text);

/* A well-formed id as host names have to spell it, "sb-...". */
void sandbox_id_spell(const char *id, char ret[SANDBOX_ID_SIZE]);

/* The same of a snapshot's, which begins with "sn_". */
bool snapshot_id_is_valid(const char *text);

/* A variable of the environment that a shell can export (POSIX, a Name):
 * [A-Za-z_][A-Za-z0-9_]*. */
bool variable_name_is_valid(const char *name);

/* An organisation, template or sandbox name: [a-z0-9][a-z0-9_.-]{0,62}. */
bool name_is_valid(const char *text);
