// SPDX-License-Identifier: Apache-2.0
/* Paths of artifacts: "/", folders, each with its "/", and a name. */
#pragma once

#include "common/err.h"

#define PLACE_FOLDER_SIZE 1024
#define PLACE_NAME_SIZE	  256

struct place {
	char folder[PLACE_FOLDER_SIZE]; /* begins and ends with "/" */
	char name[PLACE_NAME_SIZE];
};

/* -EINVAL, and what a path has to be. */
int place_parse(const char *path, struct place *ret, struct err *err);

/* The same of a folder's, with or without the last "/"; "" is "/". */
int place_parse_folder(const char *path, char ret[PLACE_FOLDER_SIZE],
    struct err *err);
