# SPDX-License-Identifier: ISC
"""Modules for the servers of a test, where any user may read them."""

import os
import shutil
import socket

from harness import BUILD, LIBRARIES, Failure, Scratch


def installed(name):
    """A copy of a module, beside libkeyd.so.0; the folder is the scratch's."""
    folder = os.path.join(Scratch.get(), 'lib')
    os.chmod(Scratch.get(), 0o711)
    if not os.path.isdir(folder):
        os.mkdir(folder, 0o755)
    for one in (name, 'libkeyd.so.0'):
        source = os.path.join(LIBRARIES, one)
        if not os.path.exists(source):
            raise Failure('%s has no %s: was it configured without?' % (
                BUILD, one))
        shutil.copy(source, os.path.join(folder, one))
        os.chmod(os.path.join(folder, one), 0o755)
    return os.path.join(folder, name)


def free_port():
    """One of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]
