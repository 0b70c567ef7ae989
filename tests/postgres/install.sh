#!/bin/sh
# PostgreSQL from the system's packages. Where it cannot be had, the tests that need it are skipped.
set -eu
if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then exit 0; fi
skipped() {
    echo "The tests on PostgreSQL are skipped: $1" >&2
    exit 0
}
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    skipped "they need its package (as root: apt-get install postgresql)."
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null ||
    skipped "the package postgresql cannot be installed."
