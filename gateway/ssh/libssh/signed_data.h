// SPDX-License-Identifier: Apache-2.0
/*
 * What a client signed to prove that it holds a key, kept so that the broker
 * can check it too: this process is the one an attacker may have taken over.
 * libssh does not hand these bytes out, so the linker puts signed_data.c in
 * front of its ssh_pki_signature_verify (see docs/libssh.md).
 */
#pragma once

#include "common/rpc.h"

/*
 * The last signature libssh found good in this process, and what it is over;
 * both empty where there was none. They are overwritten by the next.
 */
void signed_data_get(struct rpc_bytes *ret_signed_data,
    struct rpc_bytes *ret_signature);
