#!/usr/bin/env bash
# Lets a user of the example application grow over 1 MB and archives what they have completed to a real Durable Object on this
# machine: log lines, metric, sizes before and after, one project restored. docs/durable-objects.md has what it prints.
# Needs Node, npm and what ./satchel needs; uses the port 8097.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

port=8097
base=http://localhost:$port
work=$(mktemp -d)
worker=
server=
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$worker" ] || kill "$worker" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

say() { printf '\n%s\n' "$*"; }
fail() {
    echo "$*" >&2
    tail -n 20 "$work"/*.log >&2 || true
    exit 1
}
# A request of the user ann; the path, then what curl takes.
ann() {
    local path=$1
    shift
    curl -sS --fail-with-body -H 'X-User-ID: ann' -H 'Content-Type: application/json' "$@" "$base$path"
}
# Log lines without the time, the process and the thread.
logged() { sed -E 's/^[^ ]+ +([A-Z]+) .*\] ([a-zA-Z0-9.]+) +: /\1 \2: /'; }
number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" | head -n 1; }

# ---- the Worker with its Durable Objects, in Cloudflare's own runtime ----
cd satchel-cloudflare/worker
[ -e node_modules/.package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund >"$work/npm.log" 2>&1 || fail 'npm ci failed'
SATCHEL_ARCHIVE_CLOUDFLARE_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export SATCHEL_ARCHIVE_CLOUDFLARE_KEY
ARCHIVE_KEY=$SATCHEL_ARCHIVE_CLOUDFLARE_KEY node local.mjs --data "$work/objects" >"$work/worker.json" 2>"$work/worker.log" &
worker=$!
for _ in $(seq 300); do
    SATCHEL_ARCHIVE_CLOUDFLARE_URL=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$work/worker.json")
    [ -z "$SATCHEL_ARCHIVE_CLOUDFLARE_URL" ] || break
    sleep 0.2
done
[ -n "$SATCHEL_ARCHIVE_CLOUDFLARE_URL" ] || fail 'the Worker did not start'
export SATCHEL_ARCHIVE_CLOUDFLARE_URL
cd "$root"

# ---- the application; a project that is completed may be archived at once ----
if curl -s -o /dev/null "$base/"; then fail "port $port is in use"; fi
export REELS_ARCHIVE_AFTER=0s LOGGING_LEVEL_DEV_SATCHEL=INFO MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE=health,metrics
${GROW_DEMO:-./satchel demo} --port $port --data "$work/data" >"$work/reels.log" 2>&1 &
server=$!
curl --retry 600 --retry-delay 1 --retry-connrefused -s -o /dev/null "$base/" || fail 'the application did not start'

say '# ann makes 70 projects with 30 clips each'
clip='{"name": "左からのコーナー、ニアポストでヘディング、キーパーが弾いたボールをファーサイドで押し込んで同点、ゴール裏のカメラからのスローモーション、続いてベンチの喜びと観客席の旗、リプレイは二つの角度で、最後にスコアボードと監督の表情を入れて終わる", "source": {"width": 3840, "height": 2160, "durationMs": 5400000}, "crop": {"x": 0, "y": 0, "width": 1215, "height": 2160}, "timing": {"inMs": 1000, "outMs": 9000}}'
for project in $(seq 70); do
    printf '{"name": "Match day %s"}' "$project" | ann /api/projects -d @- >/dev/null
    for n in $(seq 30); do
        printf 'url = "%s/api/projects/%s/clips"\nheader = "X-User-ID: ann"\nheader = "Content-Type: application/json"\n' "$base" "$project"
        printf 'data = "%s"\noutput = "/dev/null"\nfail\n' "$(printf '%s' "$clip" | sed 's/"/\\"/g')"
        [ "$project.$n" = 70.30 ] || echo next
    done >>"$work/clips"
done
curl -sS -K "$work/clips" 2>"$work/curl.log" || fail 'the clips were not made'
ann /api/status
echo
[ "$(ann /api/status | number size)" -gt 1048576 ] || fail 'the database should be larger than 1 MB'

say '# what the log says of it'
for _ in $(seq 100); do
    ! grep -q ' WARN .* database has grown' "$work/reels.log" || break
    sleep 0.2
done
grep -h 'database has grown' "$work/reels.log" | logged || fail 'nothing was logged of its size'

say '# and the metric satchel.size.crossings'
for level in info warning; do
    printf '%s ' "$level"
    curl -sS --fail-with-body "$base/actuator/metrics/satchel.size.crossings?tag=level:$level" | grep -o '"measurements":[^]]*]'
done

say '# ann completes 60 of them and archives'
for project in $(seq 60); do ann "/api/projects/$project/completion" -X PUT >/dev/null; done
before=$(ann /api/status | number size)
ann /api/archive -X POST >"$work/run"
grep -o '"projects":[0-9]*,"rows":[0-9]*,"sizeBefore":[0-9]*,"sizeAfter":[0-9]*' "$work/run"
ann /api/status
echo
after=$(ann /api/status | number size)
[ "$after" -lt "$((before / 2))" ] || fail "the database did not become smaller: $before, then $after"
[ "$(ann /api/projects | grep -o '"id":' | wc -l)" -eq 10 ] || fail 'ten projects should be left'

say '# where they are'
find "$work/objects" -name '*.sqlite*' -size +1M -exec ls -l {} + | awk '{ sub(".*/", "", $NF); print $5, $NF }'

say '# one comes back'
batch=$(ann /api/archive | grep -o '"batch":"[0-9a-f]*","name":"Match day 7"' | cut -d'"' -f4)
ann "/api/archive/$batch/restore" -X POST >/dev/null
ann /api/projects/7
echo
[ "$(ann /api/projects/7/clips | grep -o '"projectId":\|"id":' | wc -l)" -ge 30 ] || fail 'its clips should be back'
ann /api/status
echo

say '# what the application logged of that'
grep -h 'dev.satchel.archive' "$work/reels.log" | logged
say 'Archived, and restored, as it should be.'
