// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/certificate.h"

#include <errno.h>

static int
check_row(const char *row, const char *value, const char *other_row,
    const char *other, struct err *err)
{
	if (*value == '\0' && *other != '\0')
		return err_set(err, EINVAL, "%s: must be given, as %s is", row,
		    other_row);
	if (*value != '\0' && *value != '/')
		return err_set(err, EINVAL, "%s: \"%s\" is not a path from /",
		    row, value);
	return 0;
}

int
certificate_rows_check(const char *cert_row, const char *cert,
    const char *key_row, const char *key, const char *listen_row,
    const char *listen, struct err *err)
{
	int r = check_row(cert_row, cert, key_row, key, err);

	if (r == 0)
		r = check_row(key_row, key, cert_row, cert, err);
	if (r == 0 && *cert != '\0' && *listen == '\0')
		r = err_set(err, EINVAL, "%s: there is no %s to speak TLS on",
		    cert_row, listen_row);
	return r;
}
