#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The Python client makes the bytes of doc/PROTOCOL."""

import os

import client
import harness


def the_examples_come_out_exactly():
    """the client written from doc/PROTOCOL makes its examples exactly"""
    client.self_test(os.path.join(harness.SOURCE, 'doc/PROTOCOL'))


harness.main(the_examples_come_out_exactly)
