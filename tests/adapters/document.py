# SPDX-License-Identifier: ISC
"""What the documents give to copy: what is tested is what people take."""

import os
import re

from harness import SOURCE, check


def page(name):
    with open(os.path.join(SOURCE, name), encoding='utf-8') as text:
        return text.read()


def blocks(name, language):
    """The blocks of this language on a page."""
    return re.findall('^```%s\n(.*?)^```' % language, page(name), re.M | re.S)


def row(server):
    """The lines of code in this server's row of README.md."""
    found, = re.findall(r'^\| %s.*\| (.*) \|$' % re.escape(server),
                        page('README.md'), re.M)
    return re.findall(r'(?:^|<br>)`([^`]*)`', found)


def replaced(text, **more):
    """Each old must be there; what stands for a dot or a slash is given."""
    for old, new in more.items():
        check(old in text, 'no %s in the documentation' % old)
        text = text.replace(old, new)
    return text
