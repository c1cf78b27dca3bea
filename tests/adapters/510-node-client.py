#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""doc/clients/node: the client for Node.js, with the real keyd."""

import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../e2e'))
import client
from exchange import (Apart, ERROR, HELLO, Later, Other,
                      Recorded, frame, read_frame, recorded)
from harness import (Keyd, LIBRARIES, Processes, SOURCE, STRANGER,
                     Scratch, check, check_equal, check_match, environment,
                     main, need_root, new_token, run, wait_until)

FOLDER = os.path.join(SOURCE, 'doc/clients/node')
DRIVER = os.path.join(SOURCE, 'tests/adapters/node-driver.js')
VERIFY = 0x02

sys.path.insert(0, os.path.join(SOURCE, 'doc/clients/python'))
import keyd as libkeyd


def modules():
    """A folder of modules in which the client is installed, as npm does."""
    path = os.path.join(Scratch.get(), 'node_modules')
    if not os.path.exists(path):
        os.mkdir(path)
        os.symlink(FOLDER, os.path.join(path, 'keyd-client'))
    return path


class Node:
    """A process of Node.js that does what it is told."""

    def __init__(self, runtime, **options):
        options['runtimeDir'] = runtime
        options.setdefault('deadline', 20000)
        self.process = Processes.start(
            ['node', '--trace-uncaught', DRIVER, json.dumps(options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment(NODE_PATH=modules()))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        if kind is None:
            check_equal(self.process.wait(60), 0, 'exit status of node')

    def tell(self, *what):
        self.process.stdin.write(json.dumps(what) + '\n')
        self.process.stdin.flush()

    def hear(self):
        self.answer = json.loads(self.process.stdout.readline())
        return self.answer['found']

    def do(self, *what):
        self.tell(*what)
        return self.hear()

    def status(self, *what):
        return self.do('verify', *what)['status']

    def busy(self, what, *tokens):
        """Tells it a question during which it hears of nothing else, until
        the file that this returns is closed."""
        fifo = os.path.join(Scratch.get(), 'fifo')
        if not os.path.exists(fifo):
            os.mkfifo(fifo)
        self.tell(what, fifo, *tokens)
        return open(fifo, 'wb')  # once the other end is open, too


class Odd(Other):
    """Answers verifies as told by a function of the id of the request."""

    def __init__(self, reply=None, welcome=None):
        self.reply, self.welcome = reply, welcome
        self.requests = []
        super().__init__()

    def answer(self, _name, _major, kind, ident, body):
        if kind == HELLO:
            return frame(0x81, ident, self.welcome or welcome())
        self.requests.append(body)
        return self.reply(ident)


def welcome(prefix='cmk', foreign=0, major=1):
    return client.encode(client.WELCOME_FIELDS[:5], {
        'major': major, 'minor': 0, 'foreign': foreign, 'prefix': prefix,
        'server': 'odd'})


def verdict(code=0, more=b''):
    return client.encode(client.VERDICT_FIELDS[:11], {
        'code': code, 'retry': 0, 'limit': 60, 'remaining': 9, 'reset': 1,
        'expires': 0, 'id': 'key_0123456789abcdef', 'org': 'acme',
        'user': 'alice', 'name': 'ci', 'project': ''}) + more


def good(ident):
    return frame(0x82, ident, verdict())


def misread(token):
    """A token of which one character is another."""
    return token[:9] + ('1' if token[9] == '0' else '0') + token[10:]


def as_libkeyd(one, found, permission):
    """What libkeyd says, in the words of the client for Node.js."""
    return {
        'ok': bool(found), 'status': found.status.name,
        'httpStatus': found.http_status, 'retryAfter': found.retry_after,
        'rateLimit': found.rate_limit, 'expires': found.expires,
        'keyId': found.key_id, 'org': found.org, 'user': found.user,
        'name': found.name, 'project': found.project,
        'headers': {name: value for name, value in one.headers(
            found, 'r"1') if not name.startswith('RateLimit')}}


def it_says_what_libkeyd_says():
    """status, HTTP status, fields and headers: those of libkeyd"""
    with Keyd() as keyd, Node(keyd.runtime) as node, \
            Node(keyd.runtime, org='other') as node_of_other, \
            libkeyd.Keyd(keyd.runtime, deadline=20,
                         library=os.path.join(LIBRARIES, 'libkeyd.so.0')
                         ) as lib, \
            libkeyd.Keyd(keyd.runtime, org='other', deadline=20,
                         library=os.path.join(LIBRARIES, 'libkeyd.so.0')
                         ) as lib_of_other:
        keyd.people()
        limited, = keyd.create_slow(['ci'], burst=2)
        token = keyd.create('ci', project='shop', expires=4000000000)[0]
        revoked, key = keyd.create('old')
        keyd.done('revoke', key['id'], '--yes')
        expired, key = keyd.create('expired')
        keyd.done('rotate', key['id'], '--grace', '0s')
        seen = set()

        def same(method, text, permission=None, other=False):
            ask = {'verify': 'verify', 'bearer': 'verify_bearer'}[method]
            one = lib_of_other if other else lib
            wanted = as_libkeyd(one, getattr(one, ask)(text, permission),
                                permission)
            got = (node_of_other if other else node).do(
                method, text, permission)
            for name in ('RateLimit', 'RateLimit-Policy'):
                check_equal(name in got['headers'], got['rateLimit'] > 0, name)
                got['headers'].pop(name, None)
            if got['status'] == 'RATE_LIMITED':  # seconds that go by
                for said in (got, wanted):
                    check(0 < said['retryAfter'] <= 60, 'retryAfter')
                    check_equal(said['headers'].pop('Retry-After'),
                                str(said.pop('retryAfter')), 'Retry-After')
            check_equal({name: got[name] for name in wanted}, wanted,
                        '%s of %r' % (method, text and text[:70]))
            seen.add(got['status'])
        same('verify', token, 'tests:run')
        same('verify', token, 'billing:manage')
        same('verify', token, 'no:such')
        for permission in ('', 'No', 'x' * 64):
            same('verify', token, permission)
        same('verify', token, None, True)
        for text in (revoked, expired, new_token(), new_token('abc'), '',
                     token[:-1], token[:-1] + '!', token + 'a', token + '\n',
                     misread(token), token.upper(), 'é' * 56, 'x' * 4097):
            same('verify', text)
        for value in (None, '', 'Bearer', 'Bearer ', 'Bearer\t' + token,
                      'Basic ' + token, 'bearer  ' + token, '  BEARER '
                      + token + ' \t', 'Bearer ' + token + ' x', 'Bearer ,',
                      'Bearer %s,' % token, 'Bearer \t', token,
                      'Bearer \t' + token):
            same('bearer', value)
        check_equal([node.status(limited) for _ in range(3)],
                    ['OK', 'OK', 'RATE_LIMITED'], 'statuses')
        same('verify', limited)
        keyd.stop()
        same('verify', token)
        same('verify', 'no token')
        keyd.start()
        check_equal(seen, {
            'OK', 'MISSING', 'MALFORMED', 'UNKNOWN', 'REVOKED', 'EXPIRED',
            'WRONG_ORG', 'FORBIDDEN', 'RATE_LIMITED', 'EPERMISSION',
            'EUNAVAILABLE'}, 'statuses seen')


def a_token_stays_where_it_is():
    """nothing but the digest is sent, and nothing for what is no token"""
    token = new_token()
    with Odd(good) as odd, Node(odd.runtime) as node:
        check_equal(node.status(token, 'tests:run'), 'OK', 'verdict')
        check_equal(odd.requests, [hashlib.sha256(token.encode()).digest()
                                   + b'\0\x09tests:run\0\0'], 'what was sent')
        for text in (token[:-1], token[:-1] + '_', 'abc' + token[3:], 'x',
                     misread(token)):
            check_equal(node.status(text), 'MALFORMED', text)
        check_equal(len(odd.requests), 1, 'requests')
    with Odd(good, welcome('abc')) as odd, Node(odd.runtime) as node:
        check_equal(node.status(token), 'MALFORMED', 'verdict')
        check_equal(node.status(new_token('abc')), 'OK', 'verdict')
        check_equal(len(odd.requests), 1, 'requests')
    with Odd(good, welcome(foreign=1)) as odd, Node(odd.runtime) as node:
        check_equal(node.status('anything'), 'OK', 'verdict')
        for text in ('any thing', 'anything\n', 'x' * 4097):
            check_equal(node.status(text), 'MALFORMED', 'verdict')


def another_prefix_is_noticed():
    """a keyd that was told of another prefix, without a restart"""
    with Keyd() as keyd, Node(keyd.runtime) as node:
        keyd.people()
        check_equal(node.status(new_token()), 'UNKNOWN', 'verdict')
        keyd.reload('prefix = "abc"')
        token = new_token('abc')
        with keyd.admin() as admin:
            admin.create(client.digest_of(token), 'acme', 'alice', 'ci')
        wait_until('the new prefix is known',
                   lambda: node.status(token) == 'OK')


def a_thousand_at_once_share_a_connection():
    """each of many questions under way gets its own answer"""
    with Keyd() as keyd, Node(keyd.runtime) as node:
        keyd.people()
        with keyd.admin() as admin:
            tokens = {keyd.create('k%d' % at, admin=admin)[0]: 'k%d' % at
                      for at in range(50)}
        asked = [token for token in tokens for _ in range(20)]
        asked[::3] = [new_token() for _ in asked[::3]]
        found = node.do('many', asked)
        check_equal([one['name'] or one['status'] for one in found],
                    [tokens.get(token, 'UNKNOWN') for token in asked],
                    'verdicts')
        with keyd.admin() as admin:
            check_equal(sum(key['count'] for key in admin.list()),
                        len([one for one in found if one['ok']]), 'uses')
    with Odd(good) as odd, Node(odd.runtime) as node:
        node.do('many', [new_token() for _ in range(100)])
        check_equal((odd.connections, len(odd.requests)), (1, 100),
                    'connections and requests')


def the_deadline_holds():
    """keyd stopped, silent, or with no room: an answer all the same"""
    with Keyd() as keyd, Node(keyd.runtime, deadline=1000) as node:
        keyd.people()
        token, key = keyd.create('ci')
        wait_until('keyd has answered', lambda: node.status(token) == 'OK')
        keyd.process.send_signal(signal.SIGSTOP)
        for _ in range(3):
            found = node.do('verify', token)
            check_equal((found['status'], found['httpStatus'],
                         found['headers']),
                        ('ETIMEOUT', 503, {'Retry-After': '1'}), 'stopped')
            check(990 <= node.answer['ms'] < 60000,
                  'it took %d ms' % node.answer['ms'])
        keyd.process.send_signal(signal.SIGCONT)
        wait_until('it works again', lambda: node.status(token) == 'OK')
        with keyd.admin() as admin:
            used = admin.show(key['id'])['count']
            with node.busy('busy', token):
                wait_until('keyd has answered', lambda: admin.show(
                    key['id'])['count'] > used)
                time.sleep(1.2)  # past the deadline
        check_equal(node.hear()['status'], 'OK',
                    'the verdict that came while it was busy')
    with Odd(lambda _: b'') as odd, Node(odd.runtime, deadline=1000) as node:
        wait_until('the prefix is known',
                   lambda: node.status('x') == 'MALFORMED')
        node.tell('verify', new_token())
        time.sleep(0.5)
        node.tell('verify', new_token())
        check_equal([node.hear()['status'], node.hear()['status']],
                    ['ETIMEOUT'] * 2, 'verdicts')
        check(node.answer['ms'] >= 990, 'the second one was cut short')
    with Odd() as odd, Node(odd.runtime, deadline=4000) as node:
        odd.reply = lambda at: good(at) if odd.connections > 1 else b''
        check_equal([node.status(new_token()) for _ in range(2)],
                    ['ETIMEOUT', 'OK'], 'one that hangs, and the next')
    full = os.path.join(Scratch.get(), 'full')
    os.mkdir(full)
    with socket.socket(socket.AF_UNIX) as listener, Node(full) as node, \
            socket.socket(socket.AF_UNIX) as one:
        listener.bind(os.path.join(full, 'verify.sock'))
        listener.listen(0)
        one.connect(os.path.join(full, 'verify.sock'))
        found = node.do('verify', new_token())
        check_equal((found['status'], found['httpStatus']), ('EBUSY', 503),
                    'a full backlog')


def it_comes_back_when_keyd_does():
    """a restart loses nothing, and what may be counted is asked once"""
    with Keyd() as keyd, Node(keyd.runtime) as node:
        keyd.people()
        token, key = keyd.create('ci')
        asked = 0
        for how in (keyd.stop, keyd.kill) * 3:
            check_equal(node.status(token), 'OK', 'verdict')
            asked += 1
            how()
            check_equal(node.status(token), 'EUNAVAILABLE', 'without keyd')
            keyd.start()
        check_equal(node.status(token), 'OK', 'verdict')
    for lost in (None, b'\0'):  # the end of the stream; half an answer
        with Odd(lambda _: lost) as odd, Node(odd.runtime) as node:
            odd.serve = lambda one, name, odd=odd: serve_once(odd, one, name)
            check_equal(node.status(new_token()), 'EUNAVAILABLE', 'verdict')
            check_equal(len(odd.requests), 1, 'times it was asked')


def serve_once(odd, one, name):
    """As Other.serve, for one request after the hello."""
    for _ in range(2):
        said = odd.answer(name, *read_frame(one))
        if said is not None:
            one.sendall(said)


def what_was_not_read_is_asked_again():
    """keyd closed a kept connection before it read a question"""
    with Odd(good) as odd, Node(odd.runtime) as node:
        first = threading.Event()

        def serve(one, name):
            one.sendall(odd.answer(name, *read_frame(one)))
            if not first.is_set():
                first.set()
                one.recv(1, socket.MSG_PEEK)
                return  # the question is there, and unread
            Other.serve(odd, one, name)
        odd.serve = serve
        check_equal(node.status(new_token()), 'OK', 'verdict')
        check_equal((odd.connections, len(odd.requests)), (2, 1),
                    'connections and requests')
    with Keyd() as keyd, Node(keyd.runtime) as node:
        keyd.people()
        token, key = keyd.create('ci')
        for at in range(5):
            check_equal(node.status(token), 'OK', 'verdict')
            with node.busy('late', token, token, token):
                keyd.restart()
            check_equal([one['status'] for one in node.hear()], ['OK'] * 3,
                        'restart %d' % at)
        with keyd.admin() as admin:
            check_equal(admin.show(key['id'])['count'], 20, 'uses')


def a_keyd_that_is_none_gets_nobody_in():
    """answers that are not the protocol, and each error"""
    def error(code, retry=0):
        return lambda ident: frame(ERROR, ident, client.encode(
            client.ERROR_FIELDS, {'code': code, 'lowest': 1, 'highest': 1,
                                  'retry': retry, 'text': 'a sentence'}))
    body = verdict()
    for reply, status in (
            (lambda ident: frame(0x82, ident + 1, body), 'EPROTOCOL'),
            (lambda ident: frame(0x83, ident, body), 'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, body, major=2), 'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, body + b'\0'), 'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, body + b'\1\0\2x'),
             'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, body[:-1]), 'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, b''), 'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, b'\1' + body[1:]), 'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, b'\2' + body[1:]), 'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, b'\x09' + body[1:]),
             'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, body.replace(
                b'alice', b'ali\0e')), 'EPROTOCOL'),
            (lambda ident: frame(0x82, ident, body[:17] + b'\x80'
                                 + body[18:]), 'EPROTOCOL'),
            (lambda ident: b'\1' + good(ident)[1:], 'EPROTOCOL'),
            (lambda ident: None, 'EUNAVAILABLE'),
            (error(1), 'EPROTOCOL'), (error(2), 'EPROTOCOL'),
            (error(6, 7), 'EBUSY'), (error(7), 'ETIMEOUT'),
            (error(8), 'EDENIED'), (error(9), 'EINVAL'),
            (error(12), 'EPERMISSION'), (error(13), 'ESTORE'),
            (error(99), 'EPROTOCOL'),
            (lambda _: error(6, 3)(0), 'EBUSY')):
        with Odd(reply) as odd, Node(odd.runtime) as node:
            found = node.do('verify', new_token())
            check_equal((found['status'], found['ok'], found['keyId']),
                        (status, False, ''), 'verdict')
            check(found['httpStatus'] in (500, 503), 'HTTP status')
            check('ms' in node.answer and found['message'], 'no sentence')
            odd.reply = good
            check_equal(node.status(new_token()), 'OK', 'the next')
    for bad in (welcome(major=2), welcome(prefix='Cmk'), welcome(prefix=''),
                welcome()[:3] + b'\2' + welcome()[4:], welcome() + b'\0'):
        with Odd(good, bad) as odd, Node(odd.runtime) as node:
            check_equal(node.status(new_token()), 'EPROTOCOL', 'welcome')
            check_equal(odd.requests, [], 'what was asked')


def a_folder_of_others_is_not_trusted():
    """a folder that others may write to, or that is theirs"""
    need_root()
    with Odd(good) as odd, Node(odd.runtime) as node:
        def after(mode=0o755, uid=0, above=0o711, name=odd.runtime):
            os.chmod(odd.runtime, mode)
            os.chown(odd.runtime, uid, uid)
            os.chmod(Scratch.get(), above)
            with Node(name) as one:
                return one.status(new_token())
        check_equal(after(), 'OK', 'of root')
        check_equal(after(uid=STRANGER), 'OK', 'root gave it to keyd')
        check_equal(after(uid=STRANGER, above=0o777), 'EUNAVAILABLE',
                    'nobody knows who gave it')
        for mode in (0o775, 0o757, 0o1777):
            check_equal(after(mode), 'EUNAVAILABLE', 'mode %o' % mode)
        link = os.path.join(Scratch.get(), 'link')
        os.symlink(odd.runtime, link)
        check_equal(after(name=link), 'EUNAVAILABLE', 'a link')
        check_equal(after(name=os.path.join(Scratch.get(), 'none')),
                    'EUNAVAILABLE', 'no folder')
        check_equal(node.status(new_token()), 'OK', 'of root again')


def it_ends_and_closes():
    """a connection keeps no process alive; after close there is no verdict"""
    with Keyd() as keyd:
        program = ("const { Keyd } = require('keyd-client');"
                   "new Keyd({ runtimeDir: process.argv[1], deadline: 50000 })"
                   ".verify(process.argv[2])"
                   ".then((v) => console.log(v.status));")
        begin = time.monotonic()
        result = run(['node', '-e', program, keyd.runtime, 'cmk_'],
                     env=environment(NODE_PATH=modules()))
        check_equal((result.stdout, result.returncode), ('MALFORMED\n', 0),
                    result.stderr)
        check(time.monotonic() - begin < 40, 'it stayed')
        with Node(keyd.runtime) as node:
            check_equal(node.status(new_token()), 'UNKNOWN', 'verdict')
            node.do('close')
            found = node.do('verify', new_token())
            check_equal((found['status'], found['httpStatus']),
                        ('EINVAL', 500), 'after close')
        for wrong in ({'org': 'No!'}, {'deadline': 0}, {'deadline': 'x'},
                      {'runtimeDir': '/' + 'x' * 100}):
            result = run(['node', '-e', "const { Keyd } = require("
                          "'keyd-client'); try { new Keyd(JSON.parse("
                          "process.argv[1])); } catch (e) { console.log("
                          "e.name); }", json.dumps(wrong)],
                         env=environment(NODE_PATH=modules()))
            check_equal(result.stdout, 'RangeError\n', wrong)


def other_versions_of_keyd_are_understood():
    """an old keyd, a later one, and one of another major"""
    pairs = recorded(os.path.join(SOURCE, 'tests/e2e/protocol-1.0'))
    with Recorded(pairs) as old, Node(old.runtime) as node:
        check_equal([node.status(new_token(), 'tests:run')
                     for _ in range(7)],
                    ['OK', 'OK', 'FORBIDDEN', 'WRONG_ORG', 'UNKNOWN',
                     'EPERMISSION', 'REVOKED'], 'what was recorded')
    with Keyd() as keyd, Later(keyd.runtime) as later, \
            Node(later.runtime) as node:
        keyd.people()
        token, key = keyd.create('ci')
        check_equal(node.do('verify', token)['keyId'], key['id'], 'verdict')
        keyd.done('revoke', key['id'], '--yes')
        check_equal(node.status(token), 'REVOKED', 'verdict')
    with Apart() as apart, Node(apart.runtime) as node:
        found = node.do('verify', new_token())
        check_equal((found['status'], found['httpStatus']),
                    ('EPROTOCOL', 500), 'verdict')
        check_match(r'versions 2 and 3 .*2 to 3; this client: 1',
                    found['message'], 'sentence')


def the_example_is_true():
    """the server of the README answers requests as it should"""
    with open(os.path.join(FOLDER, 'README.md'), encoding='utf-8') as text:
        program = re.search('```js\n(.*?)```', text.read(), re.S)[1]
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    with Keyd() as keyd:
        keyd.people()
        token, key = keyd.create('ci')
        server = Processes.start(
            ['node', '-e', program], env=environment(
                NODE_PATH=modules(), KEYD_RUNTIME_DIR=keyd.runtime,
                PORT=str(port)))

        def get(*values):
            one = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
            try:
                one.putrequest('GET', '/')
                for value in values:
                    one.putheader('Authorization', value)
                one.endheaders()
                answer = one.getresponse()
                return answer.status, answer.headers, answer.read()
            except ConnectionRefusedError:
                return None
            finally:
                one.close()
        wait_until('the example listens', get)
        status, headers, body = get('Bearer ' + token)
        check_equal((status, body), (200, b'alice of acme\n'), 'answer')
        check_match('r=', headers['RateLimit'], 'RateLimit')
        status, headers, _ = get()
        check_equal((status, headers['WWW-Authenticate']),
                    (401, 'Bearer realm="api"'), 'without a token')
        for pair in (('Bearer ' + token,) * 2, ('Basic x', 'Bearer ' + token)):
            status, headers, _ = get(*pair)
            check_equal((status, headers['WWW-Authenticate']), (400, None),
                        'two of them')
        keyd.done('revoke', key['id'], '--yes')
        check_equal(get('Bearer ' + token)[0], 401, 'after a revocation')
        server.terminate()
        server.wait(60)


def the_package_is_whole():
    """what package.json names is there; the types tell of all there is"""
    with open(os.path.join(FOLDER, 'package.json'), encoding='utf-8') as text:
        package = json.load(text)
    check_equal(sorted([*package['files'], 'package.json']),
                sorted(os.listdir(FOLDER)), 'files')
    check('dependencies' not in package, 'it has dependencies')
    lines = run(['sh', '-c', 'cat "$1"/*.js | wc -l', 'sh', FOLDER])
    check(0 < int(lines.stdout) < 200, 'it is %s lines' % lines.stdout.strip())
    with open(os.path.join(FOLDER, 'index.d.ts'), encoding='utf-8') as text:
        types = text.read()
    program = ("const all = require('keyd-client');"
               "console.log(JSON.stringify([Object.keys(all),"
               "Object.getOwnPropertyNames(all.Keyd.prototype)]))")
    result = run(['node', '-e', program],
                 env=environment(NODE_PATH=modules()))
    exported, methods = json.loads(result.stdout)
    check_equal(re.findall(r'^export (?:class|function) (\w+)', types, re.M),
                exported, 'exports')
    told = re.findall(r'^  (\w+)\(', types, re.M)
    check_equal([name for name in told if name not in methods], [],
                'methods')
    with Odd(good) as odd, Node(odd.runtime) as node:
        found = node.do('verify', new_token())
        fields = re.findall(r'^  readonly (\w+)\??:', types.split(
            'interface Options')[0], re.M)
        check_equal(sorted(fields), sorted(
            {*found, 'permission'} - {'headers'}), 'fields of a verdict')


main(it_says_what_libkeyd_says, a_token_stays_where_it_is,
     another_prefix_is_noticed, a_thousand_at_once_share_a_connection,
     the_deadline_holds, it_comes_back_when_keyd_does,
     what_was_not_read_is_asked_again, a_keyd_that_is_none_gets_nobody_in,
     a_folder_of_others_is_not_trusted, it_ends_and_closes,
     other_versions_of_keyd_are_understood, the_example_is_true,
     the_package_is_whole)
