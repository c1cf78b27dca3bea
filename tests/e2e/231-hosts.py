#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Hosts of libkeyd that close, reuse or run out of descriptors."""

import os

from harness import BUILD, Keyd, check_equal, check_match, main, run

HOST = os.path.join(BUILD, 'tests/stress/strange_host')


def host(how):
    with Keyd() as keyd:
        keyd.people()
        live = keyd.create('live')[0]
        revoked, key = keyd.create('revoked')
        keyd.done('revoke', '--yes', key['id'])
        result = run([HOST, how, keyd.runtime], live + '\n' + revoked + '\n',
                     seconds=60)
        print('    ' + (result.stdout + result.stderr).strip())
        check_equal(result.returncode, 0, 'exit status')
        return result.stdout


def descriptors_that_are_reused():
    """a host that closes and reuses descriptors gets answers on others"""
    check_match(r'^\d+ right, 0 not reached$', host('closes'), 'the report')


def no_descriptor_left():
    """at EMFILE a verify is unavailable or right, and nothing is lost"""
    out = host('fills')
    check_match('^0 free: 0 right, 150 not reached, 0 sent$', out, '0 free')
    check_match('^1 free: 150 right, 0 not reached', out, '1 free')
    check_match('^2 free: 150 right, 0 not reached', out, '2 free')


main(descriptors_that_are_reused, no_descriptor_left)
