/* SPDX-License-Identifier: ISC */
#include "keyd.h"

int
keyd_http_status(enum keyd_status status)
{
	switch (status) {
	case KEYD_OK:
		return 200;
	case KEYD_MISSING:
	case KEYD_MALFORMED:
	case KEYD_UNKNOWN:
	case KEYD_REVOKED:
	case KEYD_EXPIRED:
		return 401;
	case KEYD_WRONG_ORG:
	case KEYD_FORBIDDEN:
		return 403;
	case KEYD_RATE_LIMITED:
		return 429;
	case KEYD_EUNAVAILABLE:
	case KEYD_ETIMEOUT:
	case KEYD_EBUSY:
		return 503;
	default:
		return 500;
	}
}

const char *
keyd_strerror(enum keyd_status status)
{
	switch (status) {
	case KEYD_OK:
		return "accepted";
	case KEYD_MISSING:
		return "no token was presented";
	case KEYD_MALFORMED:
		return "the token is malformed";
	case KEYD_UNKNOWN:
		return "the token was never issued here";
	case KEYD_REVOKED:
		return "the key is revoked";
	case KEYD_EXPIRED:
		return "the key has expired";
	case KEYD_WRONG_ORG:
		return "the key belongs to another organization";
	case KEYD_FORBIDDEN:
		return "the key lacks the permission";
	case KEYD_RATE_LIMITED:
		return "the key is used too often";
	case KEYD_EUNAVAILABLE:
		return "keyd cannot be reached";
	case KEYD_ETIMEOUT:
		return "keyd did not answer in time";
	case KEYD_EBUSY:
		return "keyd is busy";
	case KEYD_EPERMISSION:
		return "no role has the permission asked for";
	case KEYD_EINVAL:
		return "an argument is wrong";
	case KEYD_EPROTOCOL:
		return "the answer is not the protocol of keyd";
	case KEYD_ESTORE:
		return "keyd cannot read or write its database";
	case KEYD_EDENIED:
		return "this process may not ask for that";
	case KEYD_ENOTFOUND:
		return "no such organization, member or key";
	case KEYD_EEXIST:
		return "the name is taken";
	case KEYD_EOUTCOME:
		return "it is not known whether that was done";
	case KEYD_ENOMEM:
		return "out of memory";
	}
	return "not a status of keyd";
}
