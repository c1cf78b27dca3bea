#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What shells and cron do to programs: closed descriptors, other locales,
variables that are not set."""

import os

from harness import (KEYDCTL, Keyd, check, check_equal, check_match,
                     environment, main, run)


def shell(keyd, command, **more):
    """Runs a line of sh with keydctl as $K."""
    env = environment(K='%s -r %s' % (KEYDCTL, keyd.runtime))
    env.update(more)
    return run(['sh', '-c', command], env=env)


def a_token_goes_nowhere_else():
    """create with a closed standard output fails, and keyd is sent no token"""
    with Keyd() as keyd:
        keyd.people()
        for more in ('', '--json '):
            name = 'closed' + more.strip()
            result = shell(keyd, '$K %screate --org acme --user alice '
                           '--name %s >&-' % (more, name))
            check(result.returncode != 0, 'create >&- ended with 0')
        facts = keyd.json('status')
        check_equal(facts['bad_frames'], 0, 'frames that were none')


def a_log_goes_nowhere_else():
    """keyd started without descriptors writes its log into no file"""
    keyd = Keyd()
    keyd.start(wrapper=['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'])
    keyd.people()
    size = os.path.getsize(os.path.join(keyd.state, 'lock.mdb'))
    with open(os.path.join(keyd.state, 'lock.mdb'), 'rb') as lock:
        check(b'ready' not in lock.read(), 'the log is in lock.mdb')
    check_equal(keyd.stop(), 0, 'exit status')
    check_equal(os.path.getsize(os.path.join(keyd.state, 'lock.mdb')), size,
                'size of lock.mdb')


def names_are_listed_in_any_locale():
    """a name that is not ASCII is listed in the locales C, POSIX and none"""
    with Keyd() as keyd:
        keyd.people()
        keyd.create('schlüssel')
        for locale in ('C', 'POSIX', 'xx_XX.UTF-8', 'C.UTF-8'):
            result = shell(keyd, '$K list --org acme', LC_ALL=locale)
            check_equal(result.returncode, 0, 'list with ' + locale)
            check_match('schlüssel', result.stdout, locale)


def an_empty_value_is_no_value():
    """an option whose value is empty is refused, and not taken for any"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        for args in (['verify', '--permission', ''], ['verify', '--org', ''],
                     ['list', '--org', ''],
                     ['create', '--org', 'acme', '--user', 'alice', '--name',
                      'x', '--role', '']):
            result = keyd.ctl(*args, stdin=token)
            check_equal(result.returncode, 2, ' '.join(args))
            check_match('needs a value', result.stderr, ' '.join(args))


main(a_token_goes_nowhere_else, a_log_goes_nowhere_else,
     names_are_listed_in_any_locale, an_empty_value_is_no_value)
