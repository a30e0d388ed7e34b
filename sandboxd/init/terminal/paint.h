// SPDX-License-Identifier: Apache-2.0
/*
 * A line of cells as the bytes that draw it on any emulator which understands
 * ECMA-48, xterm's colours and UTF-8. Cells hold what programs inside wrote:
 * no control character of theirs is ever passed on.
 */
#pragma once

#include <vterm.h>

#include "sandboxd/init/terminal/buffer.h"

/*
 * Appends the drawing of n_cells cells, blank ones at the end left out. It
 * begins and ends with the default attributes, and moves the cursor to the
 * right only: the line must have been erased before.
 */
void paint_line(struct buffer *buffer, const VTermScreenCell *cells,
    int n_cells);

/* A hash of painted bytes, to compare lines by; of none it is PAINT_BLANK. */
uint64_t paint_hash(const struct buffer *buffer);
#define PAINT_BLANK UINT64_C(14695981039346656037)
