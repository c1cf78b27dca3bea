#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The metrics of keyd-http, as Prometheus and Grafana take them."""

import json
import os
import re
import subprocess
import time

from harness import (SOURCE, STRANGER, as_uid, check, check_equal, check_match,
                     environment, main, need_root, new_token, open_to_all,
                     wait_until)
from keyd_http import House

DASHBOARD = os.path.join(SOURCE, 'doc', 'grafana-keyd.json')
LINE = re.compile(r'^([a-z_]+)(\{[^}]*\})? ([0-9.e+-]+)$')


def scrape(http):
    """name{labels} -> number, of what promtool takes for clean."""
    answer = http.ask('/metrics')
    check_equal(answer.code, 200, 'code')
    check_equal(answer['Content-Type'],
                'text/plain; version=0.0.4; charset=utf-8', 'type')
    lint = subprocess.run(['promtool', 'check', 'metrics'], text=True,
                          input=answer.body, capture_output=True, timeout=60,
                          env=environment(), check=False)
    check_equal((lint.returncode, lint.stdout + lint.stderr), (0, ''),
                'promtool')
    values = {}
    for line in answer.body.splitlines():
        if line.startswith('#'):
            continue
        found = LINE.match(line)
        check(found, 'no metric: ' + line)
        name = found.group(1) + (found.group(2) or '')
        check(name not in values, 'twice: ' + name)
        values[name] = float(found.group(3))
    return values


def they_count_what_happened():
    """promtool finds nothing, and the numbers are those of what was done"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        gone, made = keyd.create('gone')
        keyd.done('revoke', made['id'], '--yes')
        before = scrape(http)
        for _ in range(3):
            http.auth(token)
        http.auth(token, 'permission=billing:manage')
        http.auth(token, 'org=globex')
        http.auth(gone)
        http.auth(new_token())
        http.auth('nonsense')
        http.ask('/auth')
        http.ask('/nothing')
        after = scrape(http)

        def more(name):
            return after[name] - before.get(name, 0)

        for status, count in (('ok', 3), ('forbidden', 1), ('wrong_org', 1),
                              ('revoked', 1), ('unknown', 1), ('expired', 0),
                              ('rate_limited', 0)):
            check_equal(more('keyd_http_verdicts_total{status="%s"}' % status),
                        count, status)
            # What libkeyd answers by itself keyd does not see.
            seen = more('keyd_verdicts_total{status="%s"}' % status)
            check(min(count, 1) <= seen <= count, 'keyd saw %d of %s' % (
                seen, status))
        check_equal(more('keyd_http_verdicts_total{status="malformed"}'), 1,
                    'malformed')
        check_equal(more('keyd_http_verdicts_total{status="missing"}'), 1,
                    'missing')
        verifies = more('keyd_verify_duration_seconds_count')
        check_equal(verifies, sum(more(name) for name in after if
                                  name.startswith('keyd_verdicts_total')),
                    'verifies')
        check_equal(more('keyd_verify_duration_seconds_bucket{le="+Inf"}'),
                    verifies, 'all')
        check(more('keyd_verify_duration_seconds_sum') > 0, 'no time at all')
        for state, count in (('live', 1), ('expired', 0), ('revoked', 1)):
            check_equal(after['keyd_keys{state="%s"}' % state], count, state)
        for endpoint, code, count in (
                ('/auth', 200, 3), ('/auth', 401, 4), ('/auth', 403, 2),
                ('other', 404, 1), ('/metrics', 200, 1)):
            check_equal(more('keyd_http_requests_total{endpoint="%s",code="%d"}'
                             % (endpoint, code)), count, endpoint)
        check_equal(after['keyd_up'], 1, 'keyd_up')
        check_equal(after['keyd_organizations'], 1, 'organizations')
        check_equal(after['keyd_members'], 4, 'members')
        check(0 < after['keyd_store_bytes'] < after['keyd_store_limit_bytes'],
              'store')
        check_equal(after['keyd_configuration_good'], 1, 'configuration')
        keyd.reload('nonsense = 1')
        check_equal(scrape(http)['keyd_configuration_good'], 0, 'a bad one')


def the_last_backup_is_told():
    """0 without one; then the moment of the last that came to its end"""
    with House() as (keyd, http):
        keyd.create('ci')
        none = scrape(http)
        began = int(time.time())
        path = os.path.join(keyd.folder, 'backup')
        keyd.done('backup', path)
        ended = int(time.time())
        one = scrape(http)
        check_equal(keyd.ctl('backup', path).returncode, 1, 'the same file')
        failed = scrape(http)
        size = os.path.getsize(path)

    def told(values):
        return [values['keyd_last_backup_' + name]
                for name in ('timestamp_seconds', 'keys', 'bytes')]

    check_equal(told(none), [0, 0, 0], 'none')
    check(began <= told(one)[0] <= ended, 'when')
    check_equal(told(one)[1:], [1, size], 'keys and bytes')
    check_equal(told(failed), told(one), 'after one that was not made')


def buckets_only_grow():
    """each bucket of the histogram has those of the one before it as well"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        for at in range(200):
            http.auth(token, 'permission=billing:manage' if at % 2 else '')
        buckets = [(float(le), count) for le, count in (
            (re.search('le="([^"]+)"', name).group(1), value)
            for name, value in scrape(http).items() if '_bucket{' in name)]
        check(len(buckets) >= 10, 'buckets')
        check_equal(sorted(buckets), buckets, 'order')
        counts = [count for _, count in buckets]
        check_equal(sorted(counts), counts, 'sums')
        check(counts[-1] >= 2, 'none')


def uses_without_a_question_are_told():
    """calls that libkeyd allowed by itself are counted once it has told"""
    with House('-t', '1') as (keyd, http):
        token = keyd.create('ci')[0]
        for _ in range(100):
            http.auth(token)

        def all_counted():
            http.auth(token, 'permission=data:read')
            values = scrape(http)
            told = (values['keyd_verdicts_total{status="ok"}']
                    + values['keyd_cache_hits_total{cache="client"}'])
            return told >= 100 and (
                values['keyd_cache_hits_total{cache="client"}'] > 0)

        wait_until('all are counted', all_counted)


def nothing_is_told_of_a_key():
    """no id, org, user or name of a key is among the metrics"""
    with House() as (keyd, http):
        token, made = keyd.create('secret-name')
        http.auth(token)
        body = http.ask('/metrics').body
        for text in (made['id'], 'acme', 'alice', 'secret-name', token):
            check(text not in body, text)


def who_is_not_named_gets_none_of_keyds():
    """without metrics in keyd.conf there is keyd_up 0, and 1 after a reload"""
    need_root()
    with House() as (keyd, http):
        http.stop()
        open_to_all(keyd)
        os.chmod(keyd.runtime, 0o755)
        os.chown(http.folder, STRANGER, STRANGER)
        os.chmod(http.notifications.path, 0o666)
        http.start(as_uid([]))
        values = scrape(http)
        check_equal(values['keyd_up'], 0, 'keyd_up')
        check('keyd_keys{state="live"}' not in values, 'keys')
        check('keyd_http_connections' in values, 'its own')
        check_match('metrics of keyd.conf', http.log(), 'the log')
        check_equal(http.ask('/healthz').code, 200, 'health')
        keyd.reload('metrics = { "%d" }' % STRANGER)
        check_equal(scrape(http)['keyd_up'], 1, 'keyd_up')
        keyd.reload('metrics = { "%d" }' % (STRANGER + 1))
        check_equal(scrape(http)['keyd_up'], 0, 'keyd_up')
        check('denied' not in keyd.done('audit'), 'it is in the audit log')


def they_are_there_without_keyd():
    """a keyd that is away is keyd_up 0"""
    keyd = House()
    with keyd as (_, http):
        keyd.stop()
        values = scrape(http)
        check_equal(values['keyd_up'], 0, 'keyd_up')
        check('keyd_uptime_seconds' not in values, 'uptime')
        keyd.start()
        wait_until('keyd is up', lambda: scrape(http)['keyd_up'] == 1)


def names_in(expression):
    return set(re.findall(r'\b(keyd_[a-z_]+)', expression))


def the_dashboard_shows_what_there_is():
    """every expression of the Grafana dashboard has metrics that exist"""
    with open(DASHBOARD, encoding='utf-8') as text:
        board = json.load(text)
    with House() as (keyd, http):
        http.auth(keyd.create('ci')[0])
        there = {name.split('{')[0] for name in scrape(http)}
    used = set()
    for panel in board['panels']:
        for target in panel.get('targets', ()):
            used |= names_in(target['expr'])
            rules = json.dumps({'groups': [{'name': 'x', 'rules': [{
                'record': 'x', 'expr': target['expr'].replace(
                    '$__rate_interval', '5m')}]}]})
            parsed = subprocess.run(
                ['promtool', 'check', 'rules', '/dev/stdin'], input=rules,
                text=True, capture_output=True, timeout=60, check=False)
            check_equal(parsed.returncode, 0, parsed.stderr)
    check(used, 'nothing is shown')
    check_equal(used - there, set(), 'metrics that there are not')
    ids = [panel['id'] for panel in board['panels']]
    check_equal(len(set(ids)), len(ids), 'ids')


main(they_count_what_happened, the_last_backup_is_told, buckets_only_grow,
     uses_without_a_question_are_told, nothing_is_told_of_a_key,
     who_is_not_named_gets_none_of_keyds, they_are_there_without_keyd,
     the_dashboard_shows_what_there_is)
