#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""doc/clients/README.md: its programs in Go and Rust, compiled and run."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../e2e'))
from harness import (Keyd, LIBRARIES, SOURCE, Scratch, check_equal,
                     check_match, environment, main, new_token, run)

PAGE = os.path.join(SOURCE, 'doc/clients/README.md')


def program_of_the_page(language, name):
    """The one program in this language, as a file."""
    with open(PAGE, encoding='utf-8') as text:
        program, = re.findall('```%s\n(.*?)```' % language, text.read(), re.S)
    path = os.path.join(Scratch.get(), name)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(program)
    return path


def package():
    """What pkg-config says of libkeyd, as built."""
    with open(os.path.join(Scratch.get(), 'libkeyd.pc'), 'w',
              encoding='ascii') as out:
        out.write('Name: libkeyd\nDescription: as built\nVersion: 0\n'
                  'Cflags: -I%s\nLibs: -L%s -lkeyd\n' % (
                      os.path.join(SOURCE, 'include'), LIBRARIES))


def compiled(argv, **more):
    # rustc would join the jobs of a make that runs the tests.
    env = environment(**more)
    for name in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL'):
        env.pop(name, None)
    result = run(argv, seconds=300, env=env)
    check_equal((result.returncode, result.stderr), (0, ''), ' '.join(argv))


def works(program):
    """As a caller of libkeyd must: let in, keep out, and fail closed."""
    with Keyd() as keyd:
        keyd.people()
        token, key = keyd.create('ci')
        env = environment(LD_LIBRARY_PATH=LIBRARIES,
                          KEYD_RUNTIME_DIR=keyd.runtime)

        def says(header, status, wanted):
            result = run([program], header + '\n', env=env)
            check_equal((result.returncode, result.stderr), (status, ''),
                        'exit status and stderr')
            check_match(wanted, result.stdout, 'what it says')
        says('Bearer ' + token, 0, '^allow %s acme alice$' % key['id'])
        says('', 1, '^deny 401 Bearer realm="api"$')
        says('Bearer ' + new_token(), 1, '^deny 401 .*invalid_token')
        says('Bearer %s\0' % token, 1, '^deny 400 $')
        keyd.done('revoke', key['id'], '--yes')
        says('Bearer ' + token, 1, '^deny 401 .*unknown, expired or revoked')
        keyd.stop()
        says('Bearer ' + token, 1, '^deny 503 $')
        keyd.start()


def the_program_in_go_works():
    """cgo with the header and the library as pkg-config names them"""
    source = program_of_the_page('go', 'verify.go')
    scratch = Scratch.get()
    package()
    program = os.path.join(scratch, 'verify-go')
    compiled(['go', 'build', '-o', program, source], HOME=scratch,
             GOCACHE=os.path.join(scratch, 'cache'), GO111MODULE='off',
             GOFLAGS='', GOTOOLCHAIN='local', CGO_ENABLED='1',
             PKG_CONFIG_PATH=scratch)
    compiled(['go', 'vet', source], HOME=scratch,
             GOCACHE=os.path.join(scratch, 'cache'), GO111MODULE='off',
             GOFLAGS='', GOTOOLCHAIN='local', CGO_ENABLED='1',
             PKG_CONFIG_PATH=scratch)
    works(program)


def the_program_in_rust_works():
    """extern "C", with the command of the page and without a warning"""
    source = program_of_the_page('rust', 'verify.rs')
    package()
    program = os.path.join(Scratch.get(), 'verify-rust')
    with open(PAGE, encoding='utf-8') as text:
        command, = re.findall('`(rustc [^`]*)`', text.read())
    compiled(['bash', '-c', command.replace(
        'verify.rs', '--edition 2021 -D warnings -o %s %s' % (program, source))],
             PKG_CONFIG_PATH=Scratch.get())
    works(program)


main(the_program_in_go_works, the_program_in_rust_works, limit=400)
