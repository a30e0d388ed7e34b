// SPDX-License-Identifier: Apache-2.0
/* /v1/organisation and /v1/recordings: who is recorded, and what was. */
#pragma once

#include "gateway/http/engine/request.h"

/* {"name", "recording"} of the caller's organisation. */
int recordings_get_organisation(struct request *request, struct reply *reply,
    struct err *err);

/* Changes what {"recording"} says, and answers as the get. */
int recordings_set_organisation(struct request *request, struct reply *reply,
    struct err *err);

/* {"recordings": [...], "next": id or null}, newest first; ?before=ID. */
int recordings_list(struct request *request, struct reply *reply,
    struct err *err);

/* The file itself, as far as it was written when it was asked for. */
int recordings_get(struct request *request, struct reply *reply,
    struct err *err);
