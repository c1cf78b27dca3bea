#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""vsftpd whose virtual users are those of keys, by way of PAM."""

import ftplib
import io
import os
import re
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../e2e'))
from document import page, replaced
from harness import (Failure, Processes, check_equal, check_match, environment,
                     main, need_root, new_token, wait_until)
from installed import free_port
import pam

FILE = b'for those with a key\n'


def documented(service):
    """The lines of pam_keyd(8), but for TLS."""
    block, = re.findall(r'vsftpd\.conf\n\.Bd.*\n((?:[^.].*\n)+)',
                        page('man/pam_keyd.8'))
    return replaced(block, **{'vsftpd-keyd': service,
                              'ssl_enable=YES\n': ''}).splitlines()


class Server:
    """vsftpd on loopback; without the parts of its sandbox that a container
    may not have."""

    def __init__(self, services, service):
        self.services = services
        self.port = free_port()
        folder = services.keyd.folder
        self.root = os.path.join(folder, 'root')
        self.config = os.path.join(folder, 'vsftpd.conf')
        self.log_path = os.path.join(folder, 'vsftpd.log')
        empty = os.path.join(folder, 'empty')
        os.mkdir(empty, 0o755)
        os.mkdir(self.root, 0o755)
        with open(os.path.join(self.root, 'file'), 'wb') as out:
            out.write(FILE)
        with open(self.config, 'w', encoding='ascii') as out:
            out.write('\n'.join((
                'listen=YES', 'background=NO', 'listen_address=127.0.0.1',
                'listen_port=%d' % self.port, 'pasv_address=127.0.0.1',
                *documented(service), 'local_root=' + self.root,
                'secure_chroot_dir=' + empty, 'isolate_network=NO',
                'isolate=NO', 'max_login_fails=5', '')))

    def __enter__(self):
        with open(self.log_path, 'w', encoding='utf-8') as log:
            self.process = Processes.start(
                ['setpriv', '--pdeathsig', 'KILL', 'vsftpd', self.config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/',
                env=environment(LD_LIBRARY_PATH=os.path.dirname(
                    self.services.module)))
        wait_until('vsftpd listens', self.listens)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def listens(self):
        if self.process.poll() is not None:
            raise Failure('vsftpd ended: ' + self.log())
        try:
            socket.create_connection(('127.0.0.1', self.port), 5).close()
        except ConnectionRefusedError:
            return False
        return True

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def login(self, user, token):
        one = ftplib.FTP(timeout=60)
        one.connect('127.0.0.1', self.port)
        try:
            one.login(user, token)
        except ftplib.Error:
            one.close()
            raise
        return one

    def good(self, user, token):
        with self.login(user, token) as one:
            got = io.BytesIO()
            one.retrbinary('RETR file', got.write)
        check_equal(got.getvalue(), FILE, 'the file')

    def bad(self, user, token):
        try:
            self.login(user, token).close()
        except ftplib.error_perm as refused:
            check_match('^530 ', str(refused), 'answer')
            return
        raise Failure('%s is logged in' % user)


def files_are_for_those_with_a_key():
    """a file is for the user of a key, until that is revoked"""
    need_root()
    keyd, services = pam.people()
    with services.of_the_system(
            'auth required KEYD permission=data:read org=acme user_match',
            'account required KEYD') as service, keyd:
        keyd.people()
        token, key = keyd.create('ftp')
        other = keyd.create('other', user='adam')[0]
        with Server(services, service) as server:
            server.good('alice', token)
            server.good('adam', other)
            server.bad('adam', token)
            server.bad('root', token)
            server.bad('alice', new_token())
            server.bad('alice', 'secret')
            keyd.done('revoke', key['id'], '--yes')
            server.bad('alice', token)
            keyd.stop()
            server.bad('adam', other)
            keyd.start()
            server.good('adam', other)
            check_equal(keyd.json('show', key['id'])['uses'], 3, 'uses')


main(files_are_for_those_with_a_key)
