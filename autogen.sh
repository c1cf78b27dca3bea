#!/bin/sh
# Makes ./configure of a checkout; a release tarball has it already.
set -eu
cd "$(dirname "$0")"
mkdir -p m4
exec autoreconf -i
