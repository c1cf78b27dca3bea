#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""pam_keyd.so in libpam, by way of pamtester."""

import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../e2e'))
from harness import (LIBRARIES, check, check_equal, check_match, main,
                     new_token, wait_until)
import pam

GOOD = 'successfully authenticated'
BAD = {'auth': 'Authentication failure',
       'denied': 'Permission denied',
       'tries': 'Have exhausted maximum number of retries for service',
       'away': 'Authentication service cannot retrieve authentication info',
       'expired': 'User account has expired',
       'service': 'Error in service module'}


def log_of(result):
    """What the module logged."""
    return '\n'.join(line.split(' - ', 1)[1]
                     for line in result.stderr.splitlines()
                     if ' - SYSLOG(' in line and '_pam_init' not in line)


def no_token(token, result):
    check(not token or token[4:] not in result.stdout + result.stderr,
          'the token is in what was printed or logged')


def good(services, service, token, *operations, user='alice'):
    result = services.tester(service, user, token, *operations)
    check_equal(result.returncode, 0, 'status (%s)' % result.stderr)
    no_token(token, result)
    return log_of(result)


def bad(services, service, token, why, *operations, user='alice'):
    result = services.tester(service, user, token, *operations)
    check_equal(result.returncode, 1, 'status (%s)' % result.stdout)
    check_equal(result.stderr.splitlines()[-1], 'pamtester: ' + BAD[why],
                'what pamtester says (%s)' % result.stderr)
    no_token(token, result)
    return log_of(result)


def a_token_logs_in():
    """a token is the password, and all phases of a login succeed"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token, key = keyd.create('ci')
        services.write('s', 'auth required KEYD permission=tests:run org=acme',
                       'account required KEYD permission=tests:run org=acme')
        log = good(services, 's', token, 'authenticate', 'acct_mgmt',
                   'setcred', 'setcred(PAM_REFRESH_CRED)')
        check_equal(log, 'SYSLOG(6): accepted %s org=acme user=alice' %
                    key['id'], 'log')
        check_equal(keyd.json('show', key['id'])['uses'], 1, 'uses')


def verdicts_become_codes():
    """each verdict has its code of PAM"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        with keyd.admin() as admin:
            admin.org_add('other')
        token, key = keyd.create('one')
        short = keyd.create('short', expires=int(time.time()) + 5)[0]
        services.write('any', 'auth required KEYD')
        services.write('billing', 'auth required KEYD permission='
                       'billing:manage')
        services.write('other', 'auth required KEYD org=other')
        services.write('none', 'auth required KEYD permission=no:such')
        services.write('slug', 'auth required KEYD org=Not_A_Slug')
        good(services, 'any', token)
        bad(services, 'any', token[:-1], 'auth')
        bad(services, 'any', new_token(), 'auth')
        bad(services, 'any', '', 'auth')
        log = bad(services, 'billing', token, 'denied')
        check_match('^SYSLOG.5.: refused %s org=acme user=alice: ' % key['id'],
                    log, 'log')
        bad(services, 'other', token, 'denied')
        check_match('no decision: .*permission=no:such$',
                    bad(services, 'none', token, 'service'), 'log')
        check_match('no decision: .*org=Not_A_Slug',
                    bad(services, 'slug', token, 'service'), 'log')
        wait_until('the key has expired', lambda: keyd.verdict(short) == 5)
        bad(services, 'any', short, 'auth')
        keyd.done('revoke', key['id'], '--yes')
        check_match('revoked', bad(services, 'any', token, 'auth'), 'log')


def a_limited_key_has_had_its_tries():
    """ten logins of a key that may ten, and PAM_MAXTRIES for one more"""
    keyd, services = pam.people()
    with keyd:
        token, = keyd.create_slow(['one'], 'alice')
        services.write('s', 'auth required KEYD', 'account required KEYD')
        for _ in range(10):
            good(services, 's', token, 'authenticate', 'acct_mgmt', 'setcred')
        bad(services, 's', token, 'tries')


def without_keyd_nobody_enters():
    """keyd away or hanging is PAM_AUTHINFO_UNAVAIL, soon"""
    keyd, services = pam.people()
    keyd.start()
    keyd.people()
    token = keyd.create('one')[0]
    services.write('s', 'auth required KEYD')
    good(services, 's', token)
    keyd.process.send_signal(signal.SIGSTOP)
    try:
        begin = time.monotonic()
        bad(services, 's', token, 'away')
        check(time.monotonic() - begin < 10, 'it takes too long')
    finally:
        keyd.process.send_signal(signal.SIGCONT)
    good(services, 's', token)
    keyd.stop()
    check_match('SYSLOG.3.: no decision: ', bad(services, 's', token, 'away'),
                'log')
    keyd.start()
    good(services, 's', token)
    keyd.stop()


def the_user_is_the_keys():
    """with user_match a key lets in its own user and no other"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token, key = keyd.create('one')
        services.write('any', 'auth required KEYD')
        services.write('own', 'auth required KEYD user_match')
        services.write('late', 'auth required KEYD',
                       'account required KEYD user_match')
        good(services, 'own', token)
        for other in ('olga', 'root', 'alic', 'alicea', 'ALICE'):
            good(services, 'any', token, user=other)
            log = bad(services, 'own', token, 'auth', user=other)
            check_equal(log, 'SYSLOG(5): refused %s org=acme user=alice: '
                        'another user logs in' % key['id'], 'log')
            log = bad(services, 'late', token, 'denied', 'authenticate',
                      'acct_mgmt', user=other)
            check_match('a key of alice for another user', log, 'log')


def a_token_as_user_name_is_not_logged():
    """who types the token as the name does not find it in the log"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token = keyd.create('one')[0]
        services.write('s', 'auth required KEYD user_match debug')
        result = services.tester('s', token, token)
        check_equal(result.returncode, 1, 'status')
        log = log_of(result)
        check_match('another user', log, 'log')
        check(token[4:] not in log, 'the token is in the log')


def debug_says_what_was_asked():
    """debug adds what was asked and answered, and no token"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token = keyd.create('one')[0]
        services.write('s', 'auth required KEYD debug permission=tests:run')
        check_match('^SYSLOG.7.: asked for permission=tests:run org=: '
                    'status 0', good(services, 's', token), 'log')


def a_wrong_word_lets_nobody_in():
    """an option that is misspelt is an error and not ignored"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token = keyd.create('one')[0]
        for word in ('permision=tests:run', 'permission', 'permission=',
                     'user_match=yes', 'org', 'Debug'):
            services.write('s', 'auth required KEYD ' + word,
                           'account required KEYD ' + word)
            check_match('no such option: ' + word,
                        bad(services, 's', token, 'service'), 'log')


def the_password_of_another_module_is_taken():
    """a password that was asked for already is not asked for again"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token = keyd.create('one')[0]
        services.write('two', 'auth optional KEYD permission=billing:manage',
                       'auth required KEYD use_first_pass')
        services.write('try', 'auth optional KEYD permission=billing:manage',
                       'auth required KEYD try_first_pass')
        services.write('first', 'auth required KEYD use_first_pass')
        good(services, 'two', token)
        good(services, 'try', token)
        result = services.tester('first', 'alice', token)
        check_equal(result.returncode, 1, 'without a password')
        check('API key' not in result.stdout + result.stderr,
              'it asks for one')
        check_match('no module before asked', log_of(result), 'log')


def it_works_in_a_stack():
    """sufficient, and credentials, with pam_deny after it"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token = keyd.create('one')[0]
        services.write('s', 'auth sufficient KEYD', 'auth required pam_deny.so',
                       'account required KEYD')
        good(services, 's', token, 'authenticate', 'setcred', 'acct_mgmt')
        bad(services, 's', new_token(), 'auth')


def the_account_is_judged_by_the_login():
    """the account phase denies what the login did not ask for"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token = keyd.create('one')[0]
        expires = int(time.time()) + 8
        short = keyd.create('short', expires=expires)[0]
        script = os.path.join(services.folder, 'until_then')
        with open(script, 'w', encoding='ascii') as out:
            out.write('#!/bin/sh\n'
                      'while [ "$(date +%%s)" -le %d ]; do sleep 0.1; done\n'
                      % expires)
        os.chmod(script, 0o755)
        services.write('alone', 'account required KEYD')
        services.write('other', 'account required pam_permit.so',
                       'account required KEYD permission=tests:run')
        services.write('more', 'auth required KEYD',
                       'account required KEYD permission=tests:run')
        services.write('org', 'auth required KEYD',
                       'account required KEYD org=other')
        services.write('late', 'auth required KEYD',
                       'account requisite pam_exec.so quiet ' + script,
                       'account required KEYD')
        both = ('authenticate', 'acct_mgmt')
        bad(services, 'late', short, 'expired', *both)
        bad(services, 'alone', token, 'denied', 'acct_mgmt')
        good(services, 'other', token, 'acct_mgmt')
        check_match('is not that of auth',
                    bad(services, 'more', token, 'denied', *both), 'log')
        bad(services, 'org', token, 'denied', *both)
        good(services, 'late', token, *both)


def it_exports_what_pam_calls():
    """the module exports the three functions and nothing else"""
    names = subprocess.run(
        ['nm', '-D', '--defined-only',
         os.path.join(LIBRARIES, pam.MODULE)],
        check=True, capture_output=True, text=True).stdout
    check_equal(sorted(line.split()[-1] for line in names.splitlines()),
                ['pam_sm_acct_mgmt', 'pam_sm_authenticate', 'pam_sm_setcred'],
                'exports')


main(a_token_logs_in, verdicts_become_codes, a_limited_key_has_had_its_tries,
     without_keyd_nobody_enters, the_user_is_the_keys,
     a_token_as_user_name_is_not_logged, debug_says_what_was_asked,
     a_wrong_word_lets_nobody_in, the_password_of_another_module_is_taken,
     it_works_in_a_stack, the_account_is_judged_by_the_login,
     it_exports_what_pam_calls)
