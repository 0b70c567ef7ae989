#!/bin/sh
# Ray, an extra of the installation, and the program that gives a cluster a network of its own. Where they cannot be had,
# the tests on a cluster are skipped, or run in the machine's network behind a token.
set -u
"${VENV:-.venv}/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
    -r requirements-cluster.txt || echo "The tests on a cluster are skipped: Ray cannot be installed." >&2
if ! PATH="$PATH:/usr/sbin" command -v ip >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends iproute2 >/dev/null ||
        echo "The tests on a cluster run in the machine's own network: iproute2 cannot be installed." >&2
fi
exit 0
