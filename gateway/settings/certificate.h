// SPDX-License-Identifier: Apache-2.0
/* The two rows by which a listener speaks TLS. */
#pragma once

#include "common/err.h"

/*
 * Whether the values of rows cert_row and key_row go together, and with what
 * is listened on (row listen_row): both empty, or both absolute paths. 0, or
 * -EINVAL and the row at fault.
 */
int certificate_rows_check(const char *cert_row, const char *cert,
    const char *key_row, const char *key, const char *listen_row,
    const char *listen, struct err *err);
