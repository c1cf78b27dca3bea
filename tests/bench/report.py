# SPDX-License-Identifier: ISC
"""The figures for people, and for programs."""

import json
import os
import platform

FORM = '%-44s %-6s %12s  %-27s %12s %8s  %-8s %s'


def number(value):
    """Three digits that count."""
    if value == 0 or value >= 100:
        return '%.0f' % value
    return '%.3g' % value


def with_unit(figures, key):
    return '%s %s' % (number(figures.typical(key)), figures.units[key])


def line(row, figures):
    holds = row.holds(figures)
    beside = ('', '') if row.beside is None else (
        row.beside[1], with_unit(figures, row.beside))
    return FORM % (row.what, row.own[2] if len(row.own[2]) < 7 else '',
                   with_unit(figures, row.own), *beside,
                   number(row.reached(figures)), row.goal,
                   '' if holds is None else ('yes' if holds else 'no'))


def table(rows, figures):
    """A line for each row that was measured, its goal beside it."""
    yield FORM % ('what', '', 'figure', 'measured beside it', 'figure',
                  'reached', 'goal', 'holds')
    for row in rows:
        if row.measured(figures):
            yield line(row, figures)


def processor():
    with open('/proc/cpuinfo', encoding='ascii', errors='replace') as info:
        for text in info:
            if text.startswith('model name'):
                return text.split(':', 1)[1].strip()
    return platform.machine()


def machine():
    return {'processor': processor(), 'processors': os.cpu_count(),
            'kernel': platform.release()}


def compared(row, figures):
    beside = row.beside
    return {'what': row.what, 'figure': row.own[2], 'who': row.own[1],
            'value': figures.typical(row.own), 'unit': figures.units[row.own],
            'beside': beside and beside[1],
            'beside_value': beside and figures.typical(beside),
            'reached': row.reached(figures), 'goal': row.goal or None,
            'holds': row.holds(figures)}


def document(rows, figures, quick):
    return json.dumps({
        'quick': quick, 'machine': machine(),
        'compared': [compared(row, figures) for row in rows
                     if row.measured(figures)],
        'figures': figures.rows()}, indent=1, ensure_ascii=False) + '\n'
