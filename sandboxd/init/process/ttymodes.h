// SPDX-License-Identifier: Apache-2.0
/* Encoded terminal modes (RFC 4254 section 8), as a client's pty-req has. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <termios.h>

/*
 * Applies the modes of data[size] to *tio; opcodes unknown here are skipped as
 * the RFC asks, and reading stops at an opcode that has no known length or at
 * the end of the data. Returns how many modes were applied.
 */
size_t ttymodes_apply(const uint8_t *data, size_t size, struct termios *tio);
