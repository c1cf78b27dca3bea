# SPDX-License-Identifier: ISC
"""Debian's nginx with ngx_http_keyd_module.so, in a folder of its own.

It listens on Unix sockets, so that no two tests want the same port.
"""

import functools
import glob
import http.client
import os
import re
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../e2e'))
from harness import (Failure, Processes, Scratch, check, check_equal,
                     environment, open_to_all, run, slowness, wait_until)
from installed import installed

MODULE = 'ngx_http_keyd_module.so'
PAGES = {'index.html': 'front\n', 'open/index.html': 'open\n',
         'denied.html': 'sorry\n'}

CONFIG = '''
load_module %(module)s;
pid pid;
worker_processes %(workers)d;
error_log error.log %(level)s;
events {
    worker_connections 1024;
}
http {
    log_format keyd '$status $uri $keyd_status id=$keyd_key_id '
        'org=$keyd_org user=$keyd_user';
    access_log access.log keyd;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keyd_runtime_dir %(runtime)s;
    root www;
    %(text)s
}
'''


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__('localhost', timeout=60)
        self.path = path

    def connect(self):
        self.sock = connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode()

    def only(self, name):
        """The value of a field that must be there once."""
        values = self.headers.get_all(name) or []
        check_equal(len(values), 1, 'fields %s (%r)' % (name, values))
        return values[0]

    def none(self, *names):
        for name in names:
            check_equal(self.headers.get_all(name), None, 'field ' + name)

    def left(self):
        """What is left of the key's limit."""
        return int(re.match(r'"default";r=(\d+);t=\d+$',
                            self.only('RateLimit')).group(1))


def connect(path):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(60)
    one.connect(path)
    return one


def bearer(token):
    return 'Authorization', 'Bearer ' + token


class Nginx:
    """As a context it is started, and must end without a complaint."""

    count = 0
    module = None  # of all: a file that is mapped must not be written again

    def __init__(self, keyd, text, workers=1, level='notice'):
        Nginx.count += 1
        Nginx.module = Nginx.module or installed(MODULE)
        self.folder = os.path.join(Scratch.get(), 'n%d' % Nginx.count)
        self.socket = os.path.join(self.folder, 'http')
        self.config = os.path.join(self.folder, 'nginx.conf')
        self.log_path = os.path.join(self.folder, 'error.log')
        self.keyd = keyd
        self.workers = workers
        self.level = level
        open_to_all(keyd)
        os.makedirs(self.folder)
        for name, page in PAGES.items():
            path = os.path.join(self.folder, 'www', name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='ascii') as out:
                out.write(page)
        for where, _, names in os.walk(self.folder):
            os.chmod(where, 0o755)
            for name in names:
                os.chmod(os.path.join(where, name), 0o644)
        self.configure(text)

    def configure(self, text):
        """text: of the http block; LISTEN stands for listen and its socket."""
        with open(self.config, 'w', encoding='utf-8') as out:
            out.write(CONFIG % {
                'module': self.module, 'workers': self.workers,
                'level': self.level, 'runtime': self.keyd.runtime,
                'text': text.replace('LISTEN', 'listen unix:' + self.socket)})

    def argv(self, *more):
        return ['nginx', '-p', self.folder + '/', '-e', self.log_path, '-c',
                self.config, *more]

    def environment(self):
        """What is freed is overwritten: who uses it then does not go on."""
        return environment(
            MALLOC_PERTURB_='165', LD_LIBRARY_PATH=os.path.join(Scratch.get(), 'lib'))

    def test(self):
        """nginx -t: its exit status and what it said."""
        result = run(self.argv('-t', '-q'), env=self.environment())
        return result.returncode, result.stderr

    def start(self):
        self.process = Processes.start(
            ['setpriv', '--pdeathsig', 'KILL',
             *self.argv('-g', 'daemon off;')],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd='/', env=self.environment())
        wait_until('nginx answers', self.is_ready)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failure('nginx ended with %d:\n%s%s' % (
                self.process.returncode, self.log(), self.test()[1]))
        if len(self.worker_pids()) < self.workers:
            return False
        try:
            connect(self.socket).close()
        except OSError:
            return False
        return True

    def stop(self, number=signal.SIGQUIT):
        self.process.send_signal(number)
        return self.process.wait(timeout=60 * slowness())

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        code = self.stop()
        if kind is None:
            check_equal(code, 0, 'exit status of nginx')
            self.is_content()
        return False

    def is_content(self):
        """No worker died, no descriptor was left: nginx would say so."""
        found = re.search(r'.*(\[(alert|emerg|crit)\]|exited on signal).*',
                          self.log())
        check(found is None, found and found.group(0))

    def reload(self):
        """Waits until the old workers have gone."""
        old = self.worker_pids()
        self.process.send_signal(signal.SIGHUP)
        wait_until('nginx has new workers alone', lambda: not (
            old & self.worker_pids()) and self.is_ready())

    def worker_pids(self):
        pids = set()
        for path in glob.glob('/proc/%d/task/*/children' % self.process.pid):
            try:
                with open(path, encoding='ascii') as children:
                    pids |= {int(one) for one in children.read().split()}
            except OSError:
                pass
        return pids

    def log(self):
        with open(self.log_path, encoding='utf-8') as log:
            return log.read()

    def accesses(self):
        """What was answered so far: status, URI, word and identity."""
        with open(os.path.join(self.folder, 'access.log'),
                  encoding='utf-8') as log:
            return log.read().splitlines()

    def connection(self):
        return Connection(self.socket)

    def ask(self, path, *headers, method='GET', body=None, on=None,
            host='localhost'):
        one = on or self.connection()
        one.putrequest(method, path, skip_host=True)
        one.putheader('Host', host)
        for name, value in headers:
            one.putheader(name, value)
        if body is not None:
            one.putheader('Content-Length', str(len(body)))
        one.endheaders(body)
        answer = Answer(one.getresponse())
        if on is None:
            one.close()
        return answer

    def status(self, path, token):
        return self.ask(path, bearer(token)).status


def again_if_late(test):
    """The test once more if it failed and keyd was late for its nginx."""
    @functools.wraps(test)
    def patient():
        for left in reversed(range(5)):
            before = Nginx.count
            try:
                return test()
            except Failure:
                if left == 0 or not was_late(before + 1):
                    raise
    return patient


def was_late(first):
    """Was a question of one of the nginx from this one on not answered?"""
    for number in range(first, Nginx.count + 1):
        path = os.path.join(Scratch.get(), 'n%d' % number, 'error.log')
        if os.path.exists(path):
            with open(path, encoding='utf-8') as log:
                if 'keyd did not answer in time' in log.read():
                    return True
    return False
