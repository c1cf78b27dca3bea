# SPDX-License-Identifier: ISC
"""What is set beside what, and how much of it is the goal.

Goals are ratios of figures of one run, or figures themselves where there is
nothing to be measured beside them.  They are aims, and no test fails by them.
"""

from figures import count_name

COMMIT = ('changes', 'LMDB, one put a commit')
CREATE = ('changes', 'create, 1 client')
FIRST = 'first verifies, 16 clients, 16 together'
HASH = ('cached, 100 hot keys', 'SipHash-128')


class Row:
    """One line of the table.  own and beside: topic and who."""

    def __init__(self, what, figure, own, beside=None, goal='',
                 beside_figure=None):
        self.what = what
        self.own = (*own, figure)
        self.beside = beside and (*beside, beside_figure or figure)
        self.goal = goal

    def reached(self, figures):
        if self.beside is None:
            return figures.typical(self.own)
        return figures.ratio(self.own, self.beside)

    def holds(self, figures):
        """None without a goal."""
        if not self.goal:
            return None
        relation, bound = self.goal.split()
        reached = self.reached(figures)
        return reached <= float(bound) if relation == '<=' else (
            reached >= float(bound))

    def measured(self, figures):
        return figures.has(self.own) and (
            self.beside is None or figures.has(self.beside))


def cached_rows():
    hot, two = 'cached, 100 hot keys', 'cached, threads'
    return [
        Row('cached verify, 100 hot keys', 'p50', (hot, 'keyd'), HASH,
            '<= 2.0'),
        Row('the same, verdict cleared by its caller', 'p50',
            (hot, 'keyd, verdict cleared'), HASH),
        Row('the same, with leases that end', 'time', (hot, 'keyd'), HASH,
            '<= 2.0'),
        Row('system calls of a cached verify', 'system calls',
            (hot, 'keyd'), goal='<= 0.01'),
        Row('two threads, different keys', 'rate', (two, 'own keys, 2 threads'),
            (two, 'own keys, 1 thread'), '>= 1.8'),
        Row('two threads, the same key', 'rate', (two, 'one key, 2 threads'),
            (two, 'one key, 1 thread'), '>= 1.3'),
        Row('two threads, SipHash alone', 'rate',
            (two, 'SipHash-128, 2 threads'), (two, 'SipHash-128, 1 thread')),
        Row('cached verify, random keys', 'p50',
            ('cached, random keys', 'keyd'),
            ('cached, random keys', 'bare probe'), '<= 1.3'),
    ]


def library_rows():
    rows = []
    for place in ('1 client, same core', '1 client', '16 clients'):
        topic = 'through a library, ' + place
        echo = (topic, 'echo through libkeyd')
        rows.append(Row('round trip, ' + place, 'p50',
                        (topic, 'keyd'), echo,
                        '<= 1.25' if place.startswith('1 ') else ''))
        for who in ('munge', 'sqlite'):
            rows.append(Row('%s, %s' % (who, place), 'p50', (topic, who),
                            echo))
    return rows


def crowd_name(clients):
    """A text is the name itself."""
    if isinstance(clients, str):
        return clients
    return '1 client' if clients == 1 else '%d clients' % clients


def crowd_rows(clients):
    rows = []
    for count in clients:
        topic = crowd_name(count)
        aim = count in (16, 50)
        own = (topic, 'keyd')
        rows.append(Row('verifies, ' + topic, 'rate', own, (topic, 'echo'),
                        '>= 0.80' if aim else ''))
        rows.append(Row('verifies, ' + topic, 'rate', own, (topic, 'redis'),
                        '>= 1.4' if aim else ''))
        rows.append(Row('verifies, ' + topic, 'rate', own,
                        (topic, 'memcached'), '>= 1.2' if aim else ''))
        rows.append(Row('verifies, ' + topic, 'rate', own,
                        (topic, 'PostgreSQL')))
        for figure in ('p50', 'p99', 'p99.9'):
            goal = '<= 1.3' if (count, figure) == (16, 'p99') else ''
            rows.append(Row('verifies, ' + topic, figure, own,
                            (topic, 'echo'), goal))
    return rows


def pipeline_rows(pipelines):
    rows = []
    for topic in pipelines:
        for who, goal in (('redis', '>= 1.5'), ('memcached', ''),
                          ('echo', '')):
            rows.append(Row('verifies, ' + topic, 'rate', (topic, 'keyd'),
                            (topic, who), goal))
    return rows


def first_rows():
    return [Row(FIRST, 'rate', (FIRST, 'keyd'), (FIRST, who))
            for who in ('redis', 'echo')]


def size_rows(sizes):
    few, most = count_name(sizes[0]), count_name(sizes[-1])
    rows = []
    for name in (count_name(size) for size in sizes[1:]):
        for topic in ('size, 16 clients', 'size, 1 client'):
            goal = '<= 1.3' if name == most else ''
            rows.append(Row('a verify with %s, %s' % (name, topic[6:]),
                            'time', (topic, name), (topic, few), goal))
    for name, goal in ((few, ''), (most, '<= 2')):
        rows.append(Row('ready after a start with ' + name, 'ready',
                        ('start', name), goal=goal))
    rows += [
        Row('on disk, ' + most, 'disk', ('room', most), goal='<= 600'),
        Row("keyd's own memory, " + most, 'memory', ('room', most),
            goal='<= 100'),
        Row('pages of files in its memory, ' + most, 'file pages',
            ('room', most)),
    ]
    return rows


def change_rows():
    sync = ('changes', 'pwrite + fdatasync, 4 KiB')
    seen = 'revoke to refusal'
    quiet, storm = 'quiet', 'while 64 clients create'
    return [
        Row('LMDB, one put a commit', 'rate', COMMIT, sync),
        Row('create, 1 client', 'rate', CREATE, COMMIT, '>= 0.5'),
        Row('create, 1 client', 'rate', CREATE,
            ('changes', 'LMDB, the puts of a create')),
        Row('create, 64 clients', 'rate', ('changes', 'create, 64 clients'),
            CREATE, '>= 5'),
        Row('create, 64 clients', 'rate', ('changes', 'create, 64 clients'),
            sync),
        Row('create, 64 clients', 'p99', ('changes', 'create, 64 clients'),
            CREATE),
        Row('revoke, acknowledged', 'p50', ('changes', 'revoke, 1 client'),
            COMMIT, '<= 2.5'),
        Row('revoke, 1 client', 'rate', ('changes', 'revoke, 1 client'), sync),
        Row('revoke, 64 clients', 'rate', ('changes', 'revoke, 64 clients'),
            ('changes', 'revoke, 1 client')),
        Row('revoke to refusal elsewhere', 'p50', (seen, 'refused elsewhere'),
            (seen, 'acknowledged')),
        Row('revoke to refusal elsewhere', 'p99', (seen, 'refused elsewhere'),
            (seen, 'acknowledged')),
        Row('stale verdicts after a revoke', 'stale verdicts',
            (seen, 'refused elsewhere'), goal='<= 0'),
        Row('verify while 64 clients create', 'p99', (storm, 'keyd'),
            (quiet, 'keyd'), '<= 2'),
        Row('the same, beside an echo', 'p99', (storm, 'keyd'),
            (storm, 'echo')),
        Row('cached verify while 64 clients create', 'p99',
            (storm, 'cached'), (quiet, 'cached')),
        Row('echo while 64 clients create', 'p99', (storm, 'echo'),
            (quiet, 'echo')),
    ]


def tool_rows():
    bulk = 'bulk'
    rows = [Row('%s at once' % what, 'time', (bulk, what), (bulk, 'import'))
            for what in ('list', 'revocation')]
    for what in ('source text', 'random bytes'):
        rows.append(Row('scan of ' + what, 'speed', ('scan of ' + what,
                    'keydctl'), ('scan of ' + what, 'grep -aoE'), '>= 1'))
    return rows


def nginx_rows():
    """The goals are for what a client sees; what the module costs is plainer
    from the time that the worker ran."""
    rows = []
    for who, goal in (('no check', '>= 0.95'), ('a map of tokens', ''),
                      ('auth_request', '>= 3'), ('auth_request, kept', '')):
        rows += [Row('nginx with keyd', 'requests', ('nginx', 'keyd'),
                     ('nginx', who), goal),
                 Row('nginx with keyd, for its own time',
                     'requests, while it runs', ('nginx', 'keyd'),
                     ('nginx', who))]
    return rows


def all_rows(plan):
    return (cached_rows() + library_rows() + first_rows() +
            crowd_rows(plan.crowds) + pipeline_rows(plan.pipelines) +
            size_rows(plan.sizes) + change_rows() + tool_rows() + nginx_rows())
