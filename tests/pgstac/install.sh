#!/bin/sh
# PostgreSQL with PostGIS from the system's packages, and the STAC server in an environment of its own, since its pins
# are not the product's. Where they cannot be had, the tests that need them are skipped.
set -eu
here=$(dirname "$0")
venv=.venv-pgstac
skipped() {
    echo "The tests against a real STAC server are skipped: $1" >&2
    exit 0
}
if ! ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        skipped "they need PostgreSQL with PostGIS (as root: apt-get install postgresql-postgis)."
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-postgis >/dev/null ||
        skipped "the package postgresql-postgis cannot be installed."
fi
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" ||
        skipped "the packages of tests/pgstac/requirements.txt cannot be installed."
    cp "$here/requirements.txt" "$venv/installed.txt"
fi
