#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""nginx with the keyd module: verdicts, headers, directives and variables."""

import re

from nginx import Nginx, again_if_late, bearer
from harness import Keyd, check, check_equal, check_match, main, new_token

PLAIN = r'^Bearer realm="api"$'
INVALID = (r'^Bearer realm="api", error="invalid_token", '
           r'error_description="[^"]+"$')
GUARDED = '''
    server {
        LISTEN;
        keyd tests:run;
        location /manage/ { keyd members:manage; alias www/; }
        location /bug/ { keyd no:such; alias www/; }
    }
'''


def limited(keyd, rate=1, burst=3):
    """A key of an organization with a limit of its own."""
    with keyd.admin() as admin:
        admin.org_add('slow', plan='enterprise', rate=rate, burst=burst)
        admin.member_add('slow', 'sam', 'editor')
    return keyd.done('create', '--org', 'slow', '--user', 'sam', '--name',
                     'k').strip()


def each_refusal_is_that_of_the_contract():
    """each verdict has its status and its headers, and no other"""
    with Keyd() as keyd, Nginx(keyd, GUARDED) as nginx:
        keyd.people()
        token = keyd.create('ci')[0]
        revoked, made = keyd.create('revoked')
        keyd.done('revoke', made['id'], '--yes')
        wrong = token[:-1] + ('0' if token[-1] != '0' else '1')
        challenges = set()
        for _round in range(2):  # from keyd, then from memory
            for headers, pattern in (
                    ([], PLAIN),
                    ([('X-API-Key', token)], PLAIN),
                    ([('Proxy-Authorization', 'Bearer ' + token)], PLAIN),
                    ([('Cookie', 'Authorization=Bearer ' + token)], PLAIN),
                    ([('Authorization', token)], PLAIN),
                    ([('Authorization', 'Basic ' + token)], PLAIN),
                    ([('Authorization', 'Bearer')], PLAIN),
                    ([bearer(wrong)], INVALID),
                    ([bearer('x')], INVALID),
                    ([bearer(token + ' ' + token)], INVALID),
                    ([bearer(new_token())], INVALID),
                    ([bearer(revoked)], INVALID)):
                answer = nginx.ask('/', *headers)
                what = repr([one[0] for one in headers])
                check_equal(answer.status, 401, what)
                challenges.add(check_match(
                    pattern, answer.only('WWW-Authenticate'), what).group(0))
                answer.none('RateLimit', 'Retry-After')
                check('cmk_' not in str(answer.headers) + answer.body,
                      'the token comes back')
            answer = nginx.ask('/manage/', bearer(token))
            check_equal(answer.status, 403, 'without the permission')
            check_equal(answer.only('WWW-Authenticate'),
                        'Bearer realm="api", error="insufficient_scope", '
                        'scope="members:manage"', 'challenge')
            answer = nginx.ask('/bug/', bearer(token))
            check_equal(answer.status, 500, 'a permission of no role')
            answer.none('WWW-Authenticate', 'Retry-After')
        check_equal(len(challenges), 3, 'challenges (%r)' % challenges)
        check(nginx.ask('/?access_token=' + token).status == 401,
              'a token in the query was taken')
        for scheme in ('Bearer', 'bearer', 'BEARER'):
            answer = nginx.ask('/', ('Authorization', scheme + ' ' + token))
            check_equal((answer.status, answer.body), (200, 'front\n'), scheme)
            answer.none('WWW-Authenticate', 'Retry-After')


def two_authorization_fields_are_refused():
    """two Authorization fields are 400, whatever they hold"""
    with Keyd() as keyd, Nginx(keyd, GUARDED) as nginx:
        keyd.people()
        token = keyd.create('ci')[0]
        for second in (bearer(token), ('authorization', 'Basic x')):
            check_equal(nginx.ask('/', bearer(token), second).status, 400,
                        'two fields')
        check_equal(nginx.status('/', token), 200, 'one field')


def a_limit_is_told_and_kept():
    """RateLimit with each verdict that knows it, 429 with Retry-After"""
    with Keyd() as keyd, Nginx(keyd, GUARDED) as nginx:
        token = limited(keyd)
        for left in (2, 1, 0):
            answer = nginx.ask('/', bearer(token))
            check_equal(answer.status, 200, 'status')
            check_equal(answer.left(), left, 'left')
            check_equal(answer.only('RateLimit-Policy'),
                        '"default";q=1;w=60', 'policy')
            answer.none('Retry-After')
        for _ in range(2):
            answer = nginx.ask('/', bearer(token))
            check_equal(answer.status, 429, 'status')
            check(int(answer.only('Retry-After')) >= 1, 'Retry-After')
            check_equal(answer.left(), 0, 'left')
            check_equal(answer.only('RateLimit-Policy'),
                        '"default";q=1;w=60', 'policy')
            answer.none('WWW-Authenticate')


def settings_are_inherited():
    """http, server, location, limit_except: the innermost setting holds"""
    text = '''
    keyd members:manage;
    server {
        LISTEN;
        location / { }
        location /any/ { keyd on; alias www/; }
        location /open/ { keyd_off; }
        location /open/closed/ { keyd tests:run; alias www/; }
        location /also-open/ { keyd off; alias www/open/; }
        location /form/ {
            keyd tests:run;
            limit_except GET { keyd members:manage; }
            alias www/;
        }
        location /realm/ {
            keyd_realm 'the "best" API';
            location /realm/inner/ { alias www/; }
        }
    }
    server {
        LISTEN;
        server_name other;
        keyd tests:run;
    }
    '''
    with Keyd() as keyd, Nginx(keyd, text) as nginx:
        keyd.people()
        editor = keyd.create('ci')[0]
        admin = keyd.create('boss', 'adam')[0]
        for path, none, lesser, greater in (
                ('/', 401, 403, 200), ('/any/', 401, 200, 200),
                ('/open/', 200, 200, 200), ('/also-open/', 200, 200, 200),
                ('/open/closed/', 401, 200, 200), ('/form/', 401, 200, 200)):
            check_equal((nginx.ask(path).status, nginx.status(path, editor),
                         nginx.status(path, admin)),
                        (none, lesser, greater), path)
        for token, status in ((editor, 403), (admin, 405)):
            check_equal(nginx.ask('/form/', bearer(token), method='POST',
                                  body=b'x').status, status, 'limit_except')
        check_equal(nginx.ask('/', bearer(editor), host='other').status, 200,
                    'another server')
        for path in ('/realm/', '/realm/inner/'):
            check_equal(nginx.ask(path).only('WWW-Authenticate'),
                        r'Bearer realm="the \"best\" API"', 'challenge')


def an_organization_may_be_insisted_on():
    """keyd_org refuses the keys of others, whose calls cost them nothing"""
    text = '''
    server {
        LISTEN;
        keyd tests:run;
        location /acme/ { keyd_org acme; alias www/; }
        location /slow/ { keyd_org slow; alias www/;
            location /slow/any/ { keyd_org ""; alias www/; } }
    }
    '''
    with Keyd() as keyd, Nginx(keyd, text) as nginx:
        keyd.people()
        acme, slow = keyd.create('ci')[0], limited(keyd)
        for path, good, other in (('/acme/', acme, slow),
                                  ('/slow/', slow, acme)):
            check_equal(nginx.status(path, good), 200, path)
            for _ in range(5):
                answer = nginx.ask(path, bearer(other))
                check_equal(answer.status, 403, path)
                answer.none('WWW-Authenticate')
        check_equal(nginx.ask('/', bearer(slow)).left(), 1, 'left')
        check_equal(nginx.status('/slow/any/', acme), 200, 'any again')


def a_wrong_configuration_is_refused():
    """nginx -t says what is wrong with a directive, and where"""
    with Keyd() as keyd:
        for wrong, sentence in (
                ('keyd Tests:Run;', 'takes on, off or a permission'),
                ('keyd "";', 'takes on, off or a permission'),
                ('keyd %s;' % ('x' * 64), 'takes on, off or a permission'),
                ('keyd on; keyd tests:run;', 'is duplicate'),
                ('keyd on; keyd_off;', 'is duplicate'),
                ('keyd_org ACME;', 'takes the name of an organization'),
                ('keyd_org a; keyd_org b;', 'is duplicate'),
                ('keyd_realm "a\tb";', 'takes printable text'),
                ('keyd_realm "%s";' % ('r' * 129), 'takes printable text'),
                ('keyd_runtime_dir /%s;' % ('d' * 100), 'short enough'),
                ('keyd;', 'invalid number of arguments'),
                ('keyd_off now;', 'invalid number of arguments')):
            nginx = Nginx(keyd, 'server { LISTEN; location / { %s } }' % wrong)
            code, said = nginx.test()
            check_equal(code, 1, wrong)
            check_match(r'"keyd\w*" (directive )?.*%s.*nginx\.conf:\d+' % (
                re.escape(sentence)) if 'number' not in sentence
                        else sentence, said, wrong)
        code, said = Nginx(keyd, GUARDED).test()
        check_equal((code, said), (0, ''), 'a good configuration')


def variables_tell_who_it_is():
    """logs, upstreams and map see the verdict; a refused key lends no name"""
    text = '''
    map $keyd_user $team { alice red; adam blue; default none; }
    server {
        LISTEN;
        keyd tests:run;
        error_page 401 403 = @anonymous;
        location /up/ {
            proxy_pass http://unix:SOCKET2;
            proxy_set_header Authorization "";
            proxy_set_header X-Who "$keyd_status,$keyd_key_id,$keyd_org,$keyd_user,$team";
        }
        location /manage/ { keyd members:manage; alias www/; }
        location /open/ { keyd off; add_header X-Who "<$keyd_status$keyd_user>"; }
        location @anonymous {
            keyd_off;
            proxy_pass http://unix:SOCKET2;
            proxy_set_header Authorization "";
            proxy_set_header X-Who "anonymous,$keyd_status,$keyd_org,$keyd_user";
        }
    }
    server {
        listen unix:SOCKET2;
        access_log off;
        return 200 "$http_x_who,$http_authorization";
    }
    '''
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        other, gone = keyd.create('gone')
        keyd.done('revoke', gone['id'], '--yes')
        nginx = Nginx(keyd, '')
        nginx.configure(text.replace('SOCKET2', nginx.socket + '2'))
        with nginx:
            ask = lambda path, token: nginx.ask(path, bearer(token)).body
            check_equal(ask('/up/', token),
                        'ok,%s,acme,alice,red,' % made['id'], 'upstream')
            check_equal(ask('/up/', other), 'anonymous,revoked,,,', 'revoked')
            check_equal(ask('/manage/', token), 'anonymous,forbidden,,,',
                        'forbidden')
            check_equal(nginx.ask('/up/').body, 'anonymous,missing,,,', 'none')
            check_equal(nginx.ask('/open/').headers['X-Who'], '<>', 'open')
        check_equal(nginx.accesses(), [
            '200 /up/ ok id=%s org=acme user=alice' % made['id'],
            '200 /up/ revoked id=%s org=- user=-' % gone['id'],
            '200 /manage/ forbidden id=%s org=- user=-' % made['id'],
            '200 /up/ missing id=- org=- user=-',
            '200 /open/index.html - id=- org=- user=-'], 'access log')


def the_log_says_why():
    """error.log has each refusal with its key, and never a token"""
    with Keyd() as keyd, Nginx(keyd, GUARDED, level='info') as nginx:
        keyd.people()
        token, made = keyd.create('ci')
        nginx.status('/manage/', token)
        nginx.status('/bug/', token)
        nginx.ask('/')
        check_match(r'\[info\].* keyd: the key lacks the permission '
                    r'\(permission members:manage, key %s\)' % made['id'],
                    nginx.log(), 'refusal')
        check_match(r'\[error\].* keyd: no role has the permission asked for '
                    r'\(permission no:such, ', nginx.log(), 'a bug')
        check_match(r'\[info\].* keyd: no token was presented', nginx.log(),
                    'no token')
        check('cmk_' not in nginx.log(), 'a token in the log')


main(*map(again_if_late, (
    each_refusal_is_that_of_the_contract, two_authorization_fields_are_refused,
    a_limit_is_told_and_kept, settings_are_inherited,
    an_organization_may_be_insisted_on, a_wrong_configuration_is_refused,
    variables_tell_who_it_is, the_log_says_why)))
