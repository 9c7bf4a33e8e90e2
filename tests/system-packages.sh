#!/bin/sh
# Installs what is named and missing from Debian's packages: by root, where there is apt-get; else says what is missing.
set -eu
missing=
for need in "$@"; do
    case $need in
        chromium) command -v chromium >/dev/null || missing="$missing chromium" ;;
        postgresql) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$missing postgresql" ;;
        venv) python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv" ;;
    esac
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Please install:$missing (on Debian and Ubuntu: sudo apt-get install$missing)" >&2
    exit 1
fi
apt-get update -q
# shellcheck disable=SC2086 # a list of names
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
