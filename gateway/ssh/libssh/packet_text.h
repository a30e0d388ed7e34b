// SPDX-License-Identifier: Apache-2.0
/*
 * Text in packets. An SSH string may hold any byte; a name, a password, a
 * command or a path becomes a C string, which a NUL would cut: then not what
 * was sent would be checked, logged and run. As sshd, one NUL at the very end
 * is let pass.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/ssh/libssh/packet_fields.h"

/*
 * Whether no text of a packet holds a NUL, for those a client may send after
 * its key exchange that have any; `packet` follows the type. What is missing
 * at the packet's end, or unknown, is not this function's to refuse.
 */
bool packet_text_is_clean(uint8_t type, struct packet_reader packet);
