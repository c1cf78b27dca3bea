# SPDX-License-Identifier: ISC
"""The figures as a drawing: SVG with nothing from elsewhere.

Its ground is transparent and its colours are of middle brightness, so that it
can be read on white and on black.
"""

from html import escape
from math import ceil, floor, log10

import goals
from report import number

WIDTH = 860
LEFT = 290   # where values begin
RIGHT = 800  # and end
TEXT = '#7c7c7c'
FAINT = '#8888884d'
COLOURS = {'keyd': '#e0692e', 'echo': '#8a8a8a', 'redis': '#5b8dd6',
           'memcached': '#3fa37a', 'PostgreSQL': '#a58a4f',
           'another': '#9b7fc0'}
PEERS = ('keyd', 'redis', 'memcached', 'PostgreSQL')


class Drawing:
    def __init__(self):
        self.parts = []
        self.y = 10

    def text(self, x, y, text, anchor='start', size=12, weight='normal',
             colour=TEXT):
        self.parts.append(
            '<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d" '
            'font-weight="%s" fill="%s">%s</text>' % (
                x, y, anchor, size, weight, colour, escape(text)))

    def bar(self, x, y, width, height, colour):
        self.parts.append(
            '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' %
            (x, y, max(width, 0.5), height, colour))

    def line(self, x1, y1, x2, y2, colour=FAINT, width=1):
        self.parts.append(
            '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" '
            'stroke-width="%.1f"/>' % (x1, y1, x2, y2, colour, width))

    def dot(self, x, y, colour, full=True):
        self.parts.append(
            '<circle cx="%.1f" cy="%.1f" r="4.5" fill="%s" stroke="%s" '
            'stroke-width="1.5"/>' % (x, y, colour if full else 'none',
                                      colour))

    def title(self, text, more):
        self.y += 26
        self.text(10, self.y, text, size=15, weight='bold')
        self.y += 17
        self.text(10, self.y, more)
        self.y += 12

    def svg(self):
        height = self.y + 20
        return '\n'.join([
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
            'width="%d" height="%d" font-family="sans-serif">' % (
                WIDTH, height, WIDTH, height),
            '<title>keyd beside the limits of a machine, and beside its '
            'peers</title>', *self.parts, '</svg>', ''])


class Linear:
    def __init__(self, most):
        self.step = next(step for step in (0.25, 0.5, 1, 2, 5)
                         if most / step <= 7)
        self.most = ceil(most / self.step) * self.step

    def at(self, value):
        return LEFT + (RIGHT - LEFT) * value / self.most

    def ticks(self):
        return [self.step * i for i in range(round(self.most / self.step) + 1)]


class Decades:
    """A scale of powers of ten."""

    def __init__(self, values):
        self.low = floor(log10(min(values)))
        self.high = max(ceil(log10(max(values))), self.low + 1)

    def at(self, value):
        part = (log10(value) - self.low) / (self.high - self.low)
        return LEFT + (RIGHT - LEFT) * part

    def ticks(self):
        return [10.0**i for i in range(self.low, self.high + 1)]


def axis(d, scale, top, form):
    for tick in scale.ticks():
        d.line(scale.at(tick), top, scale.at(tick), d.y)
        d.text(scale.at(tick), d.y + 14, form(tick), 'middle', 11)
    d.y += 20


def time_name(us):
    for unit, size in (('ns', 1e-3), ('µs', 1), ('ms', 1e3), ('s', 1e6)):
        if us < size * 1000:
            break
    return '%.3g %s' % (us / size, unit)


def legend(d, names):
    x = LEFT
    d.y += 6
    for name in names:
        d.bar(x, d.y, 10, 10, COLOURS[name])
        d.text(x + 15, d.y + 10, name)
        x += 115
    d.y += 20


def throughput(d, figures, plan):
    topics = [goals.crowd_name(crowd) for crowd in plan.crowds]
    topics += plan.pipelines
    shares = {(topic, who): figures.ratio((topic, who, 'rate'),
                                          (topic, 'echo', 'rate'))
              for topic in topics for who in PEERS
              if figures.has((topic, who, 'rate'))}
    scale = Linear(max(1, *shares.values()))
    d.title('Verifies a second', 'as a share of what an echo of as many bytes '
            'does; keys at random, over Unix sockets')
    legend(d, PEERS)
    top = d.y
    for topic in topics:
        d.text(LEFT - 10, d.y + 22, topic, 'end')
        for who in PEERS:
            if (topic, who) not in shares:
                continue
            share = shares[topic, who]
            d.bar(LEFT, d.y, scale.at(share) - LEFT, 8, COLOURS[who])
            d.text(scale.at(share) + 4, d.y + 8, '%.2f' % share, size=10)
            d.y += 10
        d.y += 10
    axis(d, scale, top, '%.3g'.__mod__)


def latency(d, figures):
    topic, names = '16 clients', ('p50', 'p99', 'p99.9')
    who = [name for name in ('echo', *PEERS)
           if figures.has((topic, name, 'p50'))]
    times = {(name, figure): figures.typical((topic, name, figure))
             for name in who for figure in names}
    scale = Decades(times.values())
    d.title('How long a verify takes with 16 clients',
            'p50, p99 and p99.9 from left to right')
    top = d.y
    for name in who:
        d.y += 20
        x = [scale.at(times[name, figure]) for figure in names]
        d.text(LEFT - 10, d.y + 4, name, 'end')
        d.line(x[0], d.y, x[-1], d.y, COLOURS[name], 2)
        for one in x:
            d.dot(one, d.y, COLOURS[name])
    d.y += 16
    axis(d, scale, top, time_name)


def in_process(d, figures):
    alone, shared = 'through a library, 1 client, same core', 'cached, '
    wanted = [
        ('SipHash-128 of a token', (shared + '100 hot keys', 'SipHash-128',
                                    'time'), 'echo'),
        ('cached verify, 100 hot keys', (shared + '100 hot keys', 'keyd',
                                         'time'), 'keyd'),
        ('bare probe, random keys', (shared + 'random keys', 'bare probe',
                                     'p50'), 'echo'),
        ('cached verify, random keys', (shared + 'random keys', 'keyd',
                                        'p50'), 'keyd'),
        ('sqlite in the process', (alone, 'sqlite', 'p50'), 'another'),
        ('echo through libkeyd', (alone, 'echo through libkeyd', 'p50'),
         'echo'),
        ('verify without the cache', (alone, 'keyd', 'p50'), 'keyd'),
        ('munge decode', (alone, 'munge', 'p50'), 'another'),
    ]
    wanted = [one for one in wanted if figures.has(one[1])]
    scale = Decades([figures.typical(key) for _, key, _ in wanted])
    d.title('One call in the server that asks', 'typical time, one client '
            'on the same core')
    top = d.y
    for label, key, colour in wanted:
        value = figures.typical(key)
        d.text(LEFT - 10, d.y + 14, label, 'end')
        d.bar(LEFT, d.y + 5, scale.at(value) - LEFT, 11, COLOURS[colour])
        d.text(scale.at(value) + 4, d.y + 15, time_name(value), size=10)
        d.y += 19
    axis(d, scale, top, time_name)


def sign(goal):
    return goal.replace('<=', '≤').replace('>=', '≥')


def goal_name(row):
    figure = row.own[2] if row.own[2] in ('p50', 'p99') else ''
    beside = '' if row.beside is None else (
        ' / ' + row.beside[1] if row.beside[1] in COLOURS and
        row.beside[1] != row.own[1] else '')
    return ' '.join((row.what, figure)).strip() + beside


def aims(d, figures, rows):
    """How good each is, as a share of its goal: to the right of 1 it holds."""
    found = []
    for row in rows:
        if row.goal and row.measured(figures):
            relation, bound = row.goal.split()
            reached, bound = row.reached(figures), float(bound)
            if reached > 0 and bound > 0:
                found.append((row, bound / reached if relation == '<='
                              else reached / bound, reached))
    scale = Decades([0.5, 2, *(share for _, share, _ in found)])
    d.title('Goals', 'to the right of 1 a goal is reached; beside each dot is '
            'what was reached, and the goal')
    top = d.y
    for row, share, reached in found:
        d.y += 18
        x = scale.at(share)
        d.text(LEFT - 10, d.y + 4, goal_name(row), 'end', 11)
        d.dot(x, d.y, COLOURS['keyd'], row.holds(figures))
        right = x < LEFT + 85 or scale.at(1) <= x < RIGHT - 110
        d.text(x + (9 if right else -9), d.y + 4, '%s (%s)' % (
            number(reached), sign(row.goal)), 'start' if right else 'end', 10)
    d.y += 14
    d.line(scale.at(1), top, scale.at(1), d.y, TEXT, 1.5)
    axis(d, scale, top, '%g'.__mod__)


def drawing(figures, plan, rows):
    d = Drawing()
    throughput(d, figures, plan)
    latency(d, figures)
    in_process(d, figures)
    aims(d, figures, rows)
    return d.svg()
