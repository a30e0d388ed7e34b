// SPDX-License-Identifier: Apache-2.0
/*
 * Why a request is refused, as HTTP has it and before it is words of a
 * dialect. The first cause is set where it is known; nobody reads words back.
 */
#pragma once

#include <stdbool.h>

#include "common/err.h"

#define FAILURE_FIELD_SIZE 64
#define FAILURE_TEXT_SIZE  (3 * ERR_TEXT_SIZE) /* U+FFFD has three bytes */

struct failure {
	unsigned int status;	   /* 400 and more */
	const char *code;	   /* a word for programs; static */
	char field[FAILURE_FIELD_SIZE]; /* of the request; "" = none */
	char message[FAILURE_TEXT_SIZE]; /* UTF-8, whatever it is about */
	const char *hint; /* what to do about it; static, or NULL */
	char cause[ERR_CAUSE_SIZE]; /* a word, of err_cause; "" = none */
	unsigned retry_s; /* Retry-After; 0 = nobody can say */
	/* It is not there for whom asks: of another organisation's, or gone.
	 * Dialects whose products say no more than that call it not found. */
	bool is_absent;
	const char *request_id; /* of the exchange; NULL until it is said */
};

/* Sets *ret; field may be NULL. Returns -EINVAL, for a caller that fails. */
int failure_set(struct failure *ret, unsigned int status, const char *code,
    const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* 400 invalid_argument about a field, whose name begins the message. */
int failure_of_field(struct failure *ret, const char *field, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * What an errno means to a client. The words of one that nobody foresaw stay
 * here, since they may name what is no client's business.
 */
void failure_from_err(struct failure *ret, const struct err *err);
