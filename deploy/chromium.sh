#!/bin/sh
# Finds a Chromium for the tests of the console, or installs Debian's. Run by `make test`.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    printf 'installing chromium, for the tests of the console\n' >&2
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
else
    printf 'The tests of the console need Chromium. On Debian: apt-get install chromium\n' >&2
    exit 1
fi
