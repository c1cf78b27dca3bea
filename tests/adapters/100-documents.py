#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What README.md and doc/nginx.md give to copy does what they say, as it stands
there but for paths, ports and names of hosts."""

import os
import re
import shutil

import nginx
import pam
import proxy
from document import blocks, page, replaced, row
from harness import (BUILD, Keyd, LIBRARIES, SOURCE, Scratch, check,
                     check_equal, check_match, environment, main, run)
from keyd_http import bearer


class Caddy(proxy.Proxy):
    def start(self):
        text = replaced('\n'.join(row('Caddy')), **{
            '/run/keyd-http/http.sock': self.http.path,
            'app:8080': '127.0.0.1:%d' % self.backend.server_port})
        config = self.write('Caddyfile', '{\n\tadmin off\n}\n'
                            'http://127.0.0.1:%d {\n%s\n}\n' % (
                                self.port, text))
        self.run(['caddy', 'run', '--adapter', 'caddyfile', '--config',
                  config], HOME=self.folder, XDG_DATA_HOME=self.folder,
                 XDG_CONFIG_HOME=self.folder)


class Haproxy(proxy.Proxy):
    def start(self):
        lines = '\n'.join(row('HAProxy'))
        text = replaced(lines, **{
            '/usr/local/share/doc/keyd': os.path.join(SOURCE, 'doc'),
            'frontend api': '''defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
backend app
    server one 127.0.0.1:%d
frontend api
    bind 127.0.0.1:%d
    default_backend app''' % (self.backend.server_port, self.port)})
        self.run(['haproxy', '-db', '-f',
                  self.write('haproxy.cfg', text + '\n')],
                 KEYD_HTTP_SOCKET=self.http.path)


def the_rows_of_proxies_guard():
    """Caddy and HAProxy with the lines of README.md: in, and not in"""
    for kind in (Caddy, Haproxy):
        with kind() as one:
            token = one.keyd.create('ci')[0]
            forged = 'X-Keyd-User', 'root'
            for path in ('/', '/api/x'):
                answer = one.ask(bearer(token), forged, path=path)
                check_equal(answer.code, 200, path)
                check_equal(answer['Seen-X-Keyd-User'], 'alice', 'user')
                check_equal(one.ask(forged, path=path).code, 401, path)


def the_rows_that_name_an_address_agree():
    """README.md, doc/keyd-http.md and keyd-http(8) have one address"""
    for name in ('README.md', 'doc/keyd-http.md', 'man/keyd-http.8'):
        check_equal(set(re.findall(r'127\.0\.0\.1:8[1-9]\d\d', page(name))),
                    {'127.0.0.1:8180'}, name)
    check('authResponseHeaders: [X-Keyd-Key-Id' in row('Traefik')[4],
          'Traefik hands on what its client says it is')


def the_alerts_are_prometheus():
    """promtool takes the alerts, and keyd-http has their metrics"""
    scrape, alerts = blocks('doc/keyd-http.md', 'yaml')[-2:]
    folder = Scratch.get()
    for name, text in (('prometheus.yml', scrape + 'rule_files: [rules]\n'),
                       ('rules', alerts)):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as out:
            out.write(text)
    made = run(['promtool', 'check', 'config',
                os.path.join(folder, 'prometheus.yml')], seconds=60)
    check_equal(made.returncode, 0, made.stdout + made.stderr)
    check_match(' [1-9]\\d* rules found', made.stdout, 'the rules')
    source = page('http/metrics.c')
    for name in re.findall(r'\b(keyd_[a-z_]+?)(?:_bucket)?\b', alerts):
        check('"%s"' % name in source, 'no metric ' + name)


def what_they_name_is_installed():
    """scripts and clients are where README.md and the pages say"""
    folder = os.path.join(Scratch.get(), 'installed')
    env = environment()
    for name in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL'):
        env.pop(name, None)
    made = run(['make', '-s', '-C', BUILD, 'DESTDIR=' + folder,
                'prefix=/usr/local', *('install-dist_%sDATA' % name for name in
                ('doc', 'clients', 'clientpython', 'clientnode'))],
               seconds=120, env=env)
    check_equal(made.returncode, 0, made.stdout + made.stderr)
    named = set(re.findall(r'/usr/\S+/keyd-http\.lua',
                           page('README.md') + page('doc/keyd-http.md')))
    check_equal(len(named), 1, 'paths of the script')
    clients = '/usr/local/share/doc/keyd/clients/'
    for path in (*named, clients + 'README.md', clients + 'python/keyd.py',
                 clients + 'node/package.json', clients + 'node/index.js'):
        check(os.path.exists(folder + path), path + ' is not installed')
    shutil.rmtree(folder)  # there are tokens in examples


UPSTREAM = '''
upstream app { server unix:SOCKET2; }
server {
    listen unix:SOCKET2;
    access_log off;
    location / { default_type text/plain; return 200
        "$http_authorization|$http_x_key|$http_x_org|$http_x_user|"; }
}
'''


def served(keyd, text):
    one = nginx.Nginx(keyd, '')
    one.configure((text + UPSTREAM).replace('SOCKET2', one.socket + '2'))
    return one


def the_row_of_nginx_guards():
    """nginx with the lines of README.md lets in who may"""
    load, *lines = row('nginx')
    check_equal(load, 'load_module modules/%s;' % nginx.MODULE, 'first line')
    with Keyd() as keyd, served(keyd, 'server { LISTEN; %s }' %
                                '\n'.join(lines)) as one:
        keyd.people()
        token = keyd.create('ci')[0]
        check_equal(one.status('/api/', token), 200, 'a token')
        check_equal(one.status('/api/', token[:-1]), 401, 'none')


def the_page_about_nginx_is_right():
    """nginx with the site of doc/nginx.md tells the application who it is"""
    site = replaced(blocks('doc/nginx.md', 'nginx')[0], **{
        'listen 80': 'LISTEN', '/var/log/nginx/api.log': 'api.log',
        'http://127.0.0.1:8080': 'http://app'})
    with Keyd() as keyd, served(keyd, site) as one:
        keyd.people()
        token, made = keyd.create('ci')
        less = keyd.create('less', role='tester')[0]
        check_equal(one.ask('/api/', bearer(token)).body,
                    '|%s|acme|alice|' % made['id'], 'who it is')
        for method, key, status in (
                ('GET', less, 200), ('HEAD', less, 200), ('POST', token, 200),
                ('POST', less, 403), ('GET', less[:-1], 401)):
            check_equal(one.ask('/api/', bearer(key), method=method).status,
                        status, method)
        answer = one.ask('/health', ('X-User', 'root'), ('X-Org', 'acme'))
        check_equal((answer.status, answer.body), (200, '||||'),
                    'what a client says that it is')
        with open(os.path.join(one.folder, 'api.log'),
                  encoding='utf-8') as log:
            check(' 200 ok %s\n' % made['id'] in log.read(), 'the log')


def the_row_of_pam_guards():
    """PAM with the lines of README.md lets in the user of the key alone"""
    keyd, services = pam.people()
    with keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        lines = [line.replace('pam_keyd.so', 'KEYD')
                 for line in row('whatever asks PAM') if 'pam_keyd.so' in line
                 and '/' not in line]
        check_equal(len(lines), 2, 'lines')
        services.write('row', *lines)
        for user, status in (('alice', 0), ('adam', 1)):
            check_equal(services.tester('row', user, token, 'authenticate',
                                        'acct_mgmt').returncode, status, user)


CALLER = '''
#include <stdio.h>
#include <string.h>
%s
int main(void) {
    char line[256] = "";
    if (fgets(line, sizeof(line), stdin)) line[strcspn(line, "\\n")] = 0;
    %s
}
'''
ASK = '''
static int ask(const char *header) {
%s
return v.http_status; }
'''
LOADED = '''struct keyd_verdict v = KEYD_VERDICT_INIT;
    if (!load()) return 1;
    verify(line, "tests:run", &v); printf("%d\\n", v.http_status);'''


def the_calls_in_c_compile_and_answer():
    """the programs of README.md, linked and loaded, give 200 and 401"""
    linked, loaded = blocks('README.md', 'c')
    own = '#include <keyd.h>\n' + ASK % '\n'.join(row('your own'))
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        env = environment(LD_LIBRARY_PATH=LIBRARIES,
                          KEYD_RUNTIME_DIR=keyd.runtime)
        for name, text, call, link in (
                ('linked', linked, 'printf("%d\\n", may_run_tests(line));',
                 ['-lkeyd']),
                ('row', own, 'printf("%d\\n", ask(line));', ['-lkeyd']),
                ('loaded', loaded, LOADED, ['-ldl'])):
            program = os.path.join(Scratch.get(), name)
            with open(program + '.c', 'w', encoding='utf-8') as out:
                out.write(CALLER % (text, call))
            made = run(['cc', '-Wall', '-Wextra', '-Werror', '-I',
                        os.path.join(SOURCE, 'include'), '-o', program,
                        program + '.c', '-L', LIBRARIES, *link], seconds=60)
            check_equal((made.returncode, made.stderr), (0, ''), name)
            for header, status in (('Bearer ' + token, '200\n'),
                                   ('Bearer ' + token[:-1], '401\n')):
                check_equal(run([program], header + '\n', env=env).stdout,
                            status, name)


main(the_rows_of_proxies_guard, the_rows_that_name_an_address_agree,
     the_alerts_are_prometheus, what_they_name_is_installed,
     the_row_of_nginx_guards, the_page_about_nginx_is_right,
     the_row_of_pam_guards, the_calls_in_c_compile_and_answer)
