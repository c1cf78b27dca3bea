# SPDX-License-Identifier: ISC
"""How much is measured, in a quick run and in a full one."""


class Plan:
    """How much is measured.  rounds and ms of each."""

    def __init__(self, quick):
        self.quick = quick
        self.sizes = (10**4, 10**5) if quick else (10**4, 10**6, 10**7)
        self.keys = 10**5 if quick else 10**6  # of the peers, too
        self.cached = 10**5
        self.crowds = ('1 client, same core', 1, 16, 50, 64)
        self.pipelines = {'1 client, 64 together': (1, 64),
                          '16 clients, 16 together': (16, 16)}
        self.rounds = ('-r', '5') if quick else ('-r', '11')
        self.ms = ('-t', '60') if quick else ('-t', '200')
        self.warm_up = ('-w', '200') if quick else ('-w', '5000')
        self.long = ('-r', '3', '-t', '150') if quick else (
            '-r', '9', '-t', '500')
        self.starts = 2 if quick else 5
        self.revoked = ('-r', '3', '-n', '30') if quick else (
            '-r', '7', '-n', '100')
        self.scans = 1 if quick else 5
        self.nginx = ('3', '1') if quick else ('15', '1')
        self.bulk = 20000 if quick else 100000
