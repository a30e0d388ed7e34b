// SPDX-License-Identifier: Apache-2.0
/*
 * The words of a command line that came over the network, quoted as for a
 * shell. No shell is behind it, so whatever only one could do is refused.
 */
#pragma once

#include "common/err.h"

#define WORDS_MAX 1024

/*
 * Splits text in place into *ret_n words of argv[WORDS_MAX + 1], which end
 * with a NULL: '...', "...", and \ as in sh. None at all is no error. -EINVAL
 * for an open quotation, too many words, and characters that would do
 * something in a shell, unless quoted.
 */
int words_split(char *text, char **argv, int *ret_n, struct err *err);
