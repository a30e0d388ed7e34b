// SPDX-License-Identifier: Apache-2.0
/* A key for one login: made here, as ssh-keygen would, and on no disk. */
#pragma once

#include "common/err.h"

#define SSH_KEY_PUBLIC_SIZE 128

/*
 * A fresh Ed25519 key: returns a descriptor of a file in memory, which the
 * caller closes and its owner alone may read, with the private key in OpenSSH's
 * format (PROTOCOL.key), and the line of the public one. -errno with words.
 */
int ssh_key_make(char ret_public[SSH_KEY_PUBLIC_SIZE], struct err *err);

/* An empty file in memory that its owner alone may read and write. */
int ssh_key_file(const char *name, struct err *err);
