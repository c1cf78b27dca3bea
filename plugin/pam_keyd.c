/* SPDX-License-Identifier: ISC */
/*
 * pam_keyd.c - a PAM module for which the password is a token of keyd.
 *
 * The token stays where libpam has it, which wipes it; nothing here copies or
 * logs it, nor the name that the user typed, which may be one by mistake.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "keyd.h"
#include "pam_options.h"

/* What authentication leaves for the account phase; no secret. */
struct login {
	int64_t expires;
	char org[KEYD_ORG_SIZE];
	char user[KEYD_USER_SIZE];
	char permission[KEYD_PERMISSION_SIZE];
};

static const char login_name[] = "pam_keyd_login";

static bool
options(pam_handle_t *pamh, int argc, const char **argv, struct pam_options *o)
{
	const char *wrong;

	if (pam_options_read(argc, argv, o, &wrong))
		return true;
	pam_syslog(pamh, LOG_ERR, "no such option: %s", wrong);
	return false;
}

/* What to say to PAM.  It does not tell the client why a token is refused. */
static int
pam_code(enum keyd_status status)
{
	switch (status) {
	case KEYD_OK:
		return PAM_SUCCESS;
	case KEYD_MISSING:
	case KEYD_MALFORMED:
	case KEYD_UNKNOWN:
	case KEYD_REVOKED:
	case KEYD_EXPIRED:
		return PAM_AUTH_ERR;
	case KEYD_WRONG_ORG:
	case KEYD_FORBIDDEN:
		return PAM_PERM_DENIED;
	case KEYD_RATE_LIMITED:
		return PAM_MAXTRIES;
	case KEYD_EUNAVAILABLE:
	case KEYD_ETIMEOUT:
	case KEYD_EBUSY:
	case KEYD_EPROTOCOL:
	case KEYD_ESTORE:
		return PAM_AUTHINFO_UNAVAIL;
	case KEYD_ENOMEM:
		return PAM_BUF_ERR;
	case KEYD_EPERMISSION:
	case KEYD_EINVAL:
	default:
		return PAM_SERVICE_ERR;
	}
}

/* What is wrong with the options, or why keyd cannot tell. */
static void
report_failure(pam_handle_t *pamh, const struct pam_options *o,
    enum keyd_status status)
{
	const char *why = keyd_strerror(status);

	if (status == KEYD_EPERMISSION)
		pam_syslog(pamh, LOG_ERR, "no decision: %s: permission=%s", why,
		    o->permission != NULL ? o->permission : "");
	else if (status == KEYD_EINVAL)
		pam_syslog(pamh, LOG_ERR,
		    "no decision: %s: org=%s or runtime_dir=%s", why,
		    o->org != NULL ? o->org : "",
		    o->runtime_dir != NULL ? o->runtime_dir : "");
	else
		pam_syslog(pamh, LOG_ERR, "no decision: %s", why);
}

static void
report_decision(pam_handle_t *pamh, const struct keyd_verdict *v,
    bool is_of_user)
{
	if (v->status == KEYD_OK && is_of_user)
		pam_syslog(pamh, LOG_INFO, "accepted %s org=%s user=%s",
		    v->key_id, v->org, v->user);
	else if (v->status == KEYD_OK)
		pam_syslog(pamh, LOG_NOTICE,
		    "refused %s org=%s user=%s: another user logs in",
		    v->key_id, v->org, v->user);
	else if (v->key_id[0] == '\0')
		pam_syslog(pamh, LOG_NOTICE, "refused: %s",
		    keyd_strerror(v->status));
	else
		pam_syslog(pamh, LOG_NOTICE, "refused %s org=%s user=%s: %s",
		    v->key_id, v->org, v->user, keyd_strerror(v->status));
}

static void
report(pam_handle_t *pamh, const struct pam_options *o,
    const struct keyd_verdict *v, bool is_of_user)
{
	if (v->status < KEYD_OK)
		report_failure(pamh, o, v->status);
	else
		report_decision(pamh, v, is_of_user);
	if (o->debug)
		pam_syslog(pamh, LOG_DEBUG,
		    "asked for permission=%s org=%s: status %d, retry after %u",
		    o->permission != NULL ? o->permission : "",
		    o->org != NULL ? o->org : "", v->status, v->retry_after);
}

/* A handle lives as long as the question: so does this module, perhaps. */
static void
ask(const struct pam_options *o, const char *token, struct keyd_verdict *v)
{
	struct keyd_options with = KEYD_OPTIONS_INIT;
	struct keyd *keyd;

	with.runtime_dir = o->runtime_dir;
	with.org = o->org;
	with.cache_size = KEYD_CACHE_NONE; /* nobody asks it twice */
	v->status = keyd_open(&with, &keyd);
	if (v->status == KEYD_OK) {
		keyd_verify_with(keyd, token, o->permission, v);
		keyd_close(keyd);
	}
}

static int
incomplete(int code)
{
	return code == PAM_CONV_AGAIN ? PAM_INCOMPLETE : code;
}

static int
get_token(pam_handle_t *pamh, const struct pam_options *o, const char **token)
{
	int code;

	*token = NULL;
	if (o->use_first_pass)
		code = pam_get_item(pamh, PAM_AUTHTOK, (const void **)token);
	else
		code = pam_get_authtok(pamh, PAM_AUTHTOK, token, "API key: ");
	if (code != PAM_SUCCESS || *token != NULL)
		return incomplete(code);
	pam_syslog(pamh, LOG_NOTICE,
	    "refused: no module before asked for a password");
	return PAM_AUTH_ERR;
}

/* The one who logs in is the one that the key belongs to. */
static bool
is_user(pam_handle_t *pamh, const char *user)
{
	const void *name = NULL;

	return pam_get_item(pamh, PAM_USER, &name) == PAM_SUCCESS &&
	    name != NULL && strcmp(name, user) == 0;
}

static void
forget(pam_handle_t *pamh, void *login, int status)
{
	(void)pamh;
	(void)status;
	free(login);
}

static int
remember(pam_handle_t *pamh, const struct pam_options *o,
    const struct keyd_verdict *v)
{
	struct login *login = calloc(1, sizeof(*login));
	int code;

	if (login == NULL)
		return PAM_BUF_ERR;
	login->expires = v->expires;
	memcpy(login->org, v->org, sizeof(login->org));
	memcpy(login->user, v->user, sizeof(login->user));
	if (o->permission != NULL)
		snprintf(login->permission, sizeof(login->permission), "%s",
		    o->permission);
	code = pam_set_data(pamh, login_name, login, forget);
	if (code != PAM_SUCCESS)
		free(login);
	return code;
}

int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	struct pam_options o;
	const char *name, *token;
	bool fits;
	int code;

	(void)flags;
	pam_set_data(pamh, login_name, NULL, NULL);
	if (!options(pamh, argc, argv, &o))
		return PAM_SERVICE_ERR;
	if ((code = pam_get_user(pamh, &name, NULL)) != PAM_SUCCESS)
		return incomplete(code);
	if ((code = get_token(pamh, &o, &token)) != PAM_SUCCESS)
		return code;
	ask(&o, token, &v);
	fits = !o.user_match || is_user(pamh, v.user);
	report(pamh, &o, &v, fits);
	if (v.status != KEYD_OK)
		return pam_code(v.status);
	return fits ? remember(pamh, &o, &v) : PAM_AUTH_ERR;
}

/* There are no credentials beyond the login. */
int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

/* What was asked of keyd then must be what this line asks for. */
static bool
covers(pam_handle_t *pamh, const struct pam_options *o,
    const struct login *login)
{
	if (o->permission != NULL &&
	    strcmp(o->permission, login->permission) != 0) {
		pam_syslog(pamh, LOG_ERR,
		    "permission= of account is not that of auth");
		return false;
	}
	if (o->org != NULL && strcmp(o->org, login->org) != 0) {
		pam_syslog(pamh, LOG_NOTICE, "refused: a key of org %s",
		    login->org);
		return false;
	}
	if (o->user_match && !is_user(pamh, login->user)) {
		pam_syslog(pamh, LOG_NOTICE,
		    "refused: a key of %s for another user", login->user);
		return false;
	}
	return true;
}

/*
 * The token is gone by now, and to ask twice would take two uses of the key's
 * limit for one login: this looks at what authentication learned.  Who was
 * authenticated by another module is none of ours to judge.
 */
int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *data = NULL;
	const struct login *login;
	struct pam_options o;

	(void)flags;
	if (!options(pamh, argc, argv, &o))
		return PAM_SERVICE_ERR;
	if (pam_get_data(pamh, login_name, &data) != PAM_SUCCESS ||
	    data == NULL)
		return PAM_IGNORE;
	login = data;
	if (login->expires != 0 && time(NULL) >= login->expires)
		return PAM_ACCT_EXPIRED;
	return covers(pamh, &o, login) ? PAM_SUCCESS : PAM_PERM_DENIED;
}
