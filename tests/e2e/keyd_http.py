# SPDX-License-Identifier: ISC
"""Starts keyd-http beside a keyd, and asks it."""

import http.client
import os
import signal
import socket
import subprocess

from harness import (BUILD, Failure, Keyd, Notifications, Processes,
                     check_equal, check_match, environment, slowness, wait_until)

KEYD_HTTP = os.path.join(BUILD, 'keyd-http')


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__('localhost', timeout=60 * slowness())
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    """What a server said."""

    def __init__(self, response):
        self.code = response.status
        self.headers = response.headers
        self.body = response.read().decode()

    def __getitem__(self, name):
        return self.headers[name]


def ask_on(connection, path, *headers, method='GET', body=None):
    connection.putrequest(method, path)
    for name, value in headers:
        connection.putheader(name, value)
    if body is not None:
        connection.putheader('Content-Length', str(len(body)))
    connection.endheaders()
    if body is not None:
        try:
            connection.send(body.encode())
        except BrokenPipeError:  # it is refused already
            pass
    return Answer(connection.getresponse())


def bearer(token):
    return 'Authorization', 'Bearer ' + token


class KeydHttp:
    """keyd-http on a Unix socket of its own, or with tcp on a port."""

    count = 0

    def __init__(self, keyd, *options, tcp=False):
        KeydHttp.count += 1
        self.folder = os.path.join(keyd.folder, 'h%d' % KeydHttp.count)
        os.mkdir(self.folder, 0o755)
        self.keyd = keyd
        self.tcp = tcp
        self.path = os.path.join(self.folder, 's')
        self.log_path = os.path.join(self.folder, 'log')
        self.options = options
        self.notifications = Notifications(os.path.join(self.folder, 'n'))
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            code = self.stop()
            if kind is None:
                check_equal(code, 0, 'exit status of keyd-http')
        elif kind is None:
            raise Failure('keyd-http is gone: ' + self.log())
        return False

    def place(self):
        return ['-l', '127.0.0.1:0'] if self.tcp else ['-s', self.path]

    def start(self, wrapper=(), place=None, pass_fds=(), **env):
        self.notifications.forget()
        with open(self.log_path, 'a', encoding='utf-8') as log:
            self.process = Processes.start(
                ['setpriv', '--pdeathsig', 'KILL', *wrapper, KEYD_HTTP,
                 '-r', self.keyd.runtime,
                 *(self.place() if place is None else place), *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/',
                pass_fds=pass_fds, env=environment(
                    NOTIFY_SOCKET=self.notifications.path, **env))
        wait_until('keyd-http is ready', self.is_ready)
        wait_until('it says where', lambda: 'ready on' in self.log())
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failure('keyd-http ended with %d:\n%s' % (
                self.process.returncode, self.log()))
        return self.notifications.have('READY=1')

    @property
    def port(self):
        return int(check_match(r'ready on 127\.0\.0\.1:(\d+)$', self.log(),
                               'the log').group(1))

    def log(self):
        with open(self.log_path, encoding='utf-8') as log:
            return log.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60 * slowness())

    def connect(self):
        """A connection for ask_on."""
        if self.tcp:
            return http.client.HTTPConnection('127.0.0.1', self.port,
                                              timeout=60 * slowness())
        return UnixConnection(self.path)

    def plain(self):
        """A connection for bytes of any kind."""
        if self.tcp:
            return socket.create_connection(('127.0.0.1', self.port), 60)
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.settimeout(60 * slowness())
        one.connect(self.path)
        return one

    def ask(self, path, *headers, **more):
        one = self.connect()
        try:
            return ask_on(one, path, *headers, **more)
        finally:
            one.close()

    def auth(self, token, wanted=''):
        return self.ask('/auth' + ('?' + wanted if wanted else ''),
                        bearer(token))

    def introspect(self, body, *headers, query='',
                   kind='application/x-www-form-urlencoded'):
        return self.ask('/introspect' + query, ('Content-Type', kind),
                        *headers, method='POST', body=body)


class House(Keyd):
    """A keyd with acme's people, and a keyd-http beside it."""

    def __init__(self, *options, config='', tcp=False):
        super().__init__(config)
        self.http = KeydHttp(self, *options, tcp=tcp)

    def __enter__(self):
        super().__enter__()
        self.people()
        return self, self.http.start()

    def __exit__(self, kind, *rest):
        self.http.__exit__(kind, *rest)
        return super().__exit__(kind, *rest)
