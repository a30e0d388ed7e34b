// SPDX-License-Identifier: Apache-2.0
/*
 * sandgate template import: a template with the files of an OCI image and
 * nothing else, and with what the image says of user, folder, environment and
 * program. skopeo and umoci get and unpack it in a sandbox, and nothing of it
 * is read on the host but its configuration, by us.
 */
#pragma once

#include "cli/cli.h"

/* source: "oci:FOLDER[:TAG]", "oci-archive:FILE", "docker-archive:FILE" or
 * "docker://NAME"; parent: a template that has the two programs, NULL: "oci".
 * The verb's exit status. */
int template_import(struct cli *cli, const char *name, const char *source,
    const char *parent, bool is_own);
