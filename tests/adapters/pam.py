# SPDX-License-Identifier: ISC
"""PAM services of a test: files of their own, by way of libpam-wrapper.

What modules log comes out on stderr.
"""

import os

from harness import Keyd, environment, open_to_all, run
from installed import installed

WRAPPER = 'libpam_wrapper.so'
MODULE = 'pam_keyd.so'


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
        return run(['pamtester', '-v', service, user,
                    *(operations or ('authenticate',))],
                   stdin=token + '\n', env=self.environment())


def people(config=''):
    """A keyd that is to be entered, and its services."""
    keyd = Keyd(config)
    return keyd, Services(keyd)
