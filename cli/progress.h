// SPDX-License-Identifier: Apache-2.0
/* How much of a file has come or gone, on standard error. */
#pragma once

#include <curl/curl.h>

/* A CURLOPT_XFERINFOFUNCTION: says so now and then. */
int progress_show(void *user, curl_off_t down_size, curl_off_t down,
    curl_off_t up_size, curl_off_t up);

/* Leaves the line that it said so in, where there is one. */
void progress_end(void);
