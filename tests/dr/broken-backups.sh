#!/usr/bin/env bash
# Breaks the backups of a platform of its own in every way, one at a time, and has its worker drill them: each drill must fail, name the object, raise the
# metric that the alert DrillFailed watches, and say what is left elsewhere and what that costs. The table goes to standard output.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/dr/platform.sh
. "$here/platform.sh"
trap platform_stop EXIT

disk_stores() { printf '%s\n' "$home/stores/disk" "$home/stores/offsite"; }
metric() { curl -sf "http://127.0.0.1:$worker_port/metrics" | awk -v reason="reason=\"$1\"" 'index($1, "rwa_drill_failures_total{") == 1 && index($1, reason) { n = $2 } END { print n + 0 }'; }
settled() { [[ $(ask "$api_url/api/v1/jobs/$1" | jq -r .state) =~ ^(succeeded|failed|cancelled)$ ]]; }
drill() { # store; the report
  local job
  job=$(ask -d "{\"store\":\"$1\"}" "$api_url/api/v1/drills" | jq -r .id)
  until_ok 240 settled "$job" || fail "the drill did not end"
  ask "$api_url/api/v1/jobs/$job" | jq -e .result
}
# kind in words, reason expected, objects to name (an extended regular expression), store to drill, what must be said of the fallback
broken() {
  local before report object fallback reason
  before=$(metric "$2")
  report=$(drill "$4")
  reason=$(jq -r '.attempts[0].failures[0].reason // "none"' <<<"$report")
  object=$(jq -r '.attempts[0].failures[0] | .object // .detail // ""' <<<"$report")
  fallback=$(jq -r '.fallback // ""' <<<"$report")
  [ "$(jq -r .passed <<<"$report")" = false ] || fail "$1: the drill passed"
  [ "$reason" = "$2" ] || fail "$1: the reason is $reason: $report"
  [[ $object =~ $3 ]] || fail "$1: the object named is '$object'"
  [[ $fallback =~ $5 ]] || fail "$1: of what is left it says '$fallback'"
  [ "$(metric "$2")" -gt "$before" ] || fail "$1: rwa_drill_failures_total{reason=\"$2\"} did not rise"
  grep -q "FAILED in store $4 ($2" "$home/log/worker.log" || fail "$1: the worker's log does not say it"
  echo "| $1 | \`$2\` | \`$(sed -E "s/[0-9]{16,}/SYSTEM/; s/base-[0-9TZ]+-[0-9a-f]+|[0-9]{8}T[0-9]{6}Z[0-9a-zA-Z-]*/ID/g" <<<"$object")\` | $(sed -E 's/Backup [^ ]+/Backup .../' <<<"$fallback") |"
  say "$1: $reason, $object; $fallback"
}
with_damage() { # command that damages a file, files...; keeps them to put them back
  local how=$1 file
  shift
  for file; do
    cp -a "$file" "$home/kept$(tr / _ <<<"$file")"
    "$how" "$file"
  done
}
put_back() { for file; do rm -rf "$file" && cp -a "$home/kept$(tr / _ <<<"$file")" "$file"; done; }
# shellcheck disable=SC2317 # with_damage calls them
flip() { printf '\xff\x00' | dd of="$1" bs=1 seek=5000 conv=notrunc status=none; }
# shellcheck disable=SC2317
cut_off() { truncate -s -1000 "$1"; }
# shellcheck disable=SC2317
remove() { rm -rf "$1"; }

platform_start
sql 'CREATE TABLE broken AS SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 20000) i'
worker backup now >&2
# Three segments, so that one can be missing in between.
for _ in 1 2 3; do sql 'UPDATE broken SET i = i; SELECT pg_switch_wal()' >/dev/null; done
worker drill tally >&2
sleep 3
system=$(basename "$(dirname "$home"/stores/disk/*/base)")
newest=$(worker backup list --json | jq -r '.backups | max_by(.id) | .id')
data=()
segments=()
whole=$(find "$home/stores/disk/$system/wal/00000001" -mindepth 1 -maxdepth 1 -type d | sort | tail -3 | head -1)
for store in $(disk_stores); do
  data+=("$store/$system/base/$newest/data/0000")
  segments+=("$store/$system/wal/00000001/$(basename "$whole")")
done
report=$(drill disk)
[ "$(jq -r .passed <<<"$report")" = true ] || fail "the drill of sound backups does not pass: $report"

echo "PostgreSQL $("$pg_bin/postgres" --version | grep -o '[0-9.]*' | head -1), $(date -u +%Y-%m-%d); \`tests/dr/broken-backups.sh\`."
echo
echo '| broken | reason | object named | what is left, and what it costs |'
echo '|---|---|---|---|'
free='from store offsite restores .* it costs [0-9.]+ s'
with_damage flip "${data[0]}";       broken 'a bit flipped in the newest base, one store' damaged "$newest/data/0000" disk "$free"; put_back "${data[0]}"
with_damage cut_off "${data[0]}";    broken 'the newest base cut short, one store' damaged "$newest/data/0000" disk "$free"; put_back "${data[0]}"
with_damage remove "${data[0]}";     broken 'an object of the newest base missing, one store' missing "$newest/data/0000" disk "$free"; put_back "${data[0]}"
with_damage remove "${segments[0]}"; broken 'a segment of WAL missing, one store' wal "wal/00000001/$(basename "$whole")" disk "$free"; put_back "${segments[0]}"
with_damage flip "${data[@]}";       broken 'the newest base damaged in every store' damaged "$newest/data/0000" disk 'it costs [0-9.]+ s'; put_back "${data[@]}"
with_damage remove "${segments[@]}"; broken 'a segment of WAL missing in every store' wal "wal/00000001/$(basename "$whole")" disk 'it costs [1-9][0-9.]* s'; put_back "${segments[@]}"
say 'A worker whose private key is another one.'
stop worker
worker keys new --file "$home/other-identity" >"$home/other"
Recovery__Recipients__0=$(grep -o 'p256:[A-Za-z0-9_-]*' "$home/other")
export Recovery__Recipients__0 Recovery__IdentityFile=$home/other-identity
worker_start
worker_ready
broken 'the wrong private key' key 'key.wrong' disk 'None of [0-9]+ others'
