// SPDX-License-Identifier: Apache-2.0
/*
 * What stands between a connection's socket and libmicrohttpd: the library
 * calls recv(2), which is defined here, and gets what framing.c passes on and
 * nothing else. A request that is refused reaches it as an empty one, so that
 * it is answered in its turn and in the words of its dialect.
 */
#pragma once

struct intake;

/* Stands in front of fd (-1: of nothing) until intake_free, before which it
 * must not be closed. NULL: out of memory. */
struct intake *intake_new(int fd);
void intake_free(struct intake *intake);

/*
 * The library tells of a request's head. Why the request is to be refused and
 * the connection closed, or NULL; also one that did not come through here.
 */
const char *intake_begin(struct intake *intake);

/* The same of the request that began last, whose body is being read. */
const char *intake_problem(const struct intake *intake);

/* From now on what comes is dropped, as much of it as is to be expected of a
 * client that has not read its reply yet. */
void intake_linger(struct intake *intake);
