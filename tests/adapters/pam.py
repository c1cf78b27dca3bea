# SPDX-License-Identifier: ISC
"""PAM services of a test: files of their own, by way of libpam-wrapper, or the
system's for as long as they are needed.

With the wrapper, what modules log comes out on stderr.
"""

import contextlib
import fcntl
import os

from harness import Keyd, environment, open_to_all, run
from installed import installed

WRAPPER = 'libpam_wrapper.so'
MODULE = 'pam_keyd.so'
SYSTEM = '/etc/pam.d'


@contextlib.contextmanager
def alone():
    """No other process that uses the wrapper: each makes a folder whose name
    has one character of its own, and goes on in that of another process."""
    lock = os.open(SYSTEM, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


class Services:
    """A folder of service files."""

    def __init__(self, keyd):
        self.keyd = keyd
        self.module = installed(MODULE)
        self.folder = os.path.join(keyd.folder, 'pam')
        os.mkdir(self.folder, 0o755)
        open_to_all(keyd)
        self.write('other', 'auth required pam_deny.so')

    def write(self, name, *lines):
        """Lines such as 'auth required KEYD permission=x'."""
        words = '%s runtime_dir=%s' % (self.module, self.keyd.runtime)
        with open(os.path.join(self.folder, name), 'w',
                  encoding='ascii') as out:
            for line in lines:
                out.write(line.replace('KEYD', words) + '\n')
        return name

    def environment(self, **more):
        env = {'LD_PRELOAD': WRAPPER, 'PAM_WRAPPER': '1',
               'PAM_WRAPPER_SERVICE_DIR': self.folder,
               'PAM_WRAPPER_DEBUGLEVEL': '2',
               'LD_LIBRARY_PATH': os.path.dirname(self.module)}
        return environment(**{**env, **more})

    def tester(self, service, user, token, *operations):
        """What pamtester makes of it: .returncode, .stdout, .stderr."""
        with alone():
            return run(['pamtester', '-v', service, user,
                        *(operations or ('authenticate',))],
                       stdin=token + '\n', env=self.environment())

    @contextlib.contextmanager
    def of_the_system(self, *lines):
        """Gives the name of a service for servers whose processes would leave
        behind what the wrapper makes, or meet there."""
        self.folder = SYSTEM
        name = self.write('keyd-test-%d' % os.getpid(), *lines)
        try:
            yield name
        finally:
            os.unlink(os.path.join(SYSTEM, name))


def people(config=''):
    """A keyd that is to be entered, and its services."""
    keyd = Keyd(config)
    return keyd, Services(keyd)
