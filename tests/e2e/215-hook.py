#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What README.md and doc/scanning give to others: hooks and rules, as they
stand there."""

import os
import re
import shutil
import textwrap

from harness import (BUILD, SOURCE, Scratch, check, check_equal, check_match,
                     environment, main, new_token, run)


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding='utf-8') as file:
        return textwrap.dedent(file.read())


def hooks():
    """The hook of each document."""
    for name in ('README.md', 'doc/scanning'):
        hook = re.search(r'^( *)#!/bin/sh\n(.+?)^\1}\n', text_of(name),
                         re.M | re.S)
        check(hook, 'no hook in ' + name)
        yield name, textwrap.dedent(hook[0])


class Repository:
    """One of git, with a hook; it is removed at the end."""

    def __init__(self, hook):
        self.path = os.path.join(Scratch.get(), 'repository')
        self.env = environment(
            HOME=self.path, GIT_CONFIG_NOSYSTEM='1', PATH='%s:%s' % (
                BUILD, os.environ['PATH']))
        os.mkdir(self.path)
        self.git('init', '-q')
        for name, value in (('user.name', 'x'), ('user.email', 'x@localhost'),
                            ('color.ui', 'always'),
                            ('diff.external', '/bin/true')):
            self.git('config', name, value)
        path = os.path.join(self.path, '.git/hooks/pre-commit')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(hook)
        os.chmod(path, 0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def git(self, *args):
        return run(['git', '-C', self.path, *args], env=self.env)

    def commit(self, **files):
        """Does git take the files?  And what is said."""
        for name, data in files.items():
            with open(os.path.join(self.path, name), 'wb') as out:
                out.write(data)
        self.git('add', '-A')
        result = self.git('commit', '-qm', 'x')
        return result.returncode == 0, result.stdout + result.stderr


def a_hook_lets_no_token_in():
    """the hooks stop a commit with a token, and no other"""
    token = new_token().encode()
    for name, hook in hooks():
        with Repository(hook) as repository:
            check(repository.commit(a=b'harmless\n')[0], name)
            for data in (b'x\nkey = ' + token + b'\n',
                         b'\0\xff\0' + token + b'\0'):
                good, said = repository.commit(b=data)
                check(not good, '%s: a token was committed' % name)
                check_match('token', said, name)
                check(token.decode() not in said, '%s shows it' % name)
            check(repository.commit(b=b'nothing')[0], name)
            repository.git('commit', '-qm', 'x', '--no-verify', '--amend')
            repository.commit(b=token[:-1] + b'\n')
            check_equal(repository.git('status', '--porcelain').stdout, '',
                        'what is no token')
            repository.git('config', 'core.hooksPath', '/nonexistent')
            check(repository.commit(b=token)[0], 'without the hook')
            repository.git('config', '--unset', 'core.hooksPath')
            check(repository.commit(b=b'gone\n')[0],
                  '%s keeps one from removing a token' % name)


def the_rules_for_others_are_right():
    """the regular expression and the checksum tell tokens from other text"""
    document = text_of('doc/scanning')
    code = re.search(r'^    import binascii\n.*?return [^\n]*\n', document,
                     re.M | re.S)
    rules = {}
    exec(textwrap.dedent(code[0]), rules)
    patterns = [found for name in ('README.md', 'doc/scanning')
                for found in re.findall("^ *regex = \'\'\'(.*)\'\'\'$",
                                        text_of(name), re.M)]
    check_equal(len(patterns), 2, 'rules for gitleaks')
    sample = re.search(r'^ *(cmk_[0-9a-z]{52})$', document, re.M)[1]
    for token in (sample, *(new_token() for _ in range(100))):
        for pattern in patterns:
            check_equal(re.findall(pattern, '="%s";' % token), [token],
                        pattern)
        check(rules['is_token'](token), 'the checksum of a token')
        check(not rules['is_token'](token[:-1] + '!'), 'a wrong one')
        check(not rules['is_token'](token[:9] + '-' + token[10:]),
              'a wrong one')


main(a_hook_lets_no_token_in, the_rules_for_others_are_right)
