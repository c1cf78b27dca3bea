/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <string.h>

#include "dialect.h"

static size_t question_len, answer_len;

void
dialect_echo_like(size_t question, size_t answer)
{
	if (question > QUESTION_MAX)
		errx(1, "a question of %zu bytes", question);
	question_len = question;
	answer_len = answer;
}

static size_t
ask(uint8_t *to, const struct mint_digest *key)
{
	memset(to, 0, question_len);
	memcpy(to, key->bytes, sizeof(key->bytes));
	return question_len;
}

static size_t
take(const uint8_t *from, size_t len)
{
	(void)from;
	return len < answer_len ? 0 : answer_len;
}

const struct dialect dialect_echo = { "echo", NULL, ask, take };
