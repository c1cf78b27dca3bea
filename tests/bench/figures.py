# SPDX-License-Identifier: ISC
"""What was measured: figures by topic, who and name, a value for each round."""

from statistics import median

SUPERSCRIPT = str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹')


def count_name(keys):
    """How people write so many keys."""
    text = str(keys)
    if text.strip('0') == '1':
        return '10' + str(len(text) - 1).translate(SUPERSCRIPT) + ' keys'
    return '%d keys' % keys


class Figures:
    def __init__(self):
        self.units = {}
        self.rounds = {}

    def add(self, topic, who, figure, unit, rounds):
        """Of a rate, what one costs is known too."""
        key = (topic, who, figure)
        self.units[key] = unit
        self.rounds.setdefault(key, []).extend(rounds)
        if figure == 'rate':
            self.add(topic, who, 'time', 'us', [1e6 / r for r in rounds])

    def read(self, text):
        """Lines of: topic, who, figure, unit, values; tabs between."""
        for line in text.splitlines():
            topic, who, figure, unit, values = line.split('\t')
            self.add(topic, who, figure, unit,
                     [float(value) for value in values.split()])

    def has(self, key):
        return key in self.rounds

    def typical(self, key):
        return median(self.rounds[key])

    def ratio(self, key, beside):
        """Within each round, and the median of these."""
        pairs = list(zip(self.rounds[key], self.rounds[beside]))
        if len(self.rounds[key]) != len(self.rounds[beside]):
            return self.typical(key) / self.typical(beside)
        return median(own / other for own, other in pairs)

    def rows(self):
        return [{'topic': key[0], 'who': key[1], 'figure': key[2],
                 'unit': self.units[key], 'median': self.typical(key),
                 'rounds': rounds}
                for key, rounds in self.rounds.items()]
