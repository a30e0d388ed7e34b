// SPDX-License-Identifier: Apache-2.0
/*
 * What the host signs. libssh does not tell what its key exchange signed, and
 * has no function to sign something else with a host's key; the linker puts
 * host_signature.c in front of its pki_sign_data (see docs/libssh.md).
 */
#pragma once

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether keys of this type can sign: ed25519, ecdsa, rsa. */
bool host_signature_suits(enum ssh_keytypes_e type);

/* The session's id, which its first key exchange signed; its bytes, or 0. */
size_t host_signature_session_id(const uint8_t **ret);

/* The public key as RFC 4253 has it, the caller's; NULL: out of memory. */
ssh_string host_signature_public_blob(ssh_key key);

/*
 * Signs, an RSA key as the key exchange has negotiated. The signature as RFC
 * 4253 has it is the caller's. 0, -EINVAL (the key does not suit), -EIO or
 * -ENOMEM.
 */
int host_signature_make(ssh_key key, const void *data, size_t size,
    ssh_string *ret_blob);
