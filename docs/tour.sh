#!/usr/bin/env bash
# Runs the README's tour, the blocks marked "sh tour", word for word in a fresh clone of this checkout, and checks what it prints.
# The first start builds; in all it takes two to three minutes. Uses ports 8095 and 8096.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server=
passed=
clean_up() {
    [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
    if [ -z "$passed" ]; then
        cat "$work/out" "$work/err" >&2 2>/dev/null || true
        echo "The tour does not do what the README says." >&2
    fi
    rm -rf "$work"
}
trap clean_up EXIT

for port in 8095 8096; do
    if curl -s -o /dev/null "http://localhost:$port/"; then
        echo "port $port is in use" >&2
        exit 1
    fi
done

awk '/^```sh tour$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md >"$work/tour"
git clone -q . "$work/checkout"
cd "$work/checkout"

# Not a child: the tour's own variable names the server that has to be stopped if something fails.
. "$work/tour" >"$work/out" 2>"$work/err"
wait "$server" || true # it was asked to end
server=

expect() {
    if ! tr -d '\r' <"$work/out" | grep -qE -- "$1"; then
        echo "not printed: $1" >&2
        exit 1
    fi
}

if [ "$(grep -c '^X-Sync-Status: synced' "$work/out")" -ne 4 ]; then
    echo "four answers should be synced" >&2
    exit 1
fi
for version in 1 2 3; do
    expect "^X-Satchel-Version: $version\$"
done
expect '"name":"Best of".*"name":"Own goals"|"name":"Own goals".*"name":"Best of"'
expect '^ok$'
expect '^Best of$'
if grep -qx 'Own goals' "$work/out"; then
    echo "version 2 has what was added in version 3" >&2
    exit 1
fi
passed=yes
echo "The tour does what the README says."
