#!/usr/bin/env bash
# The five steps of a disaster recovery test: snapshot, restore, integration checks, consistency, clean up. Exits with other than 0 on any mismatch.
#   tests/dr/dr-test.sh                    against the platform that ConnectionStrings__rwadb and Recovery__* name (as for the worker)
#   tests/dr/dr-test.sh --self-contained   against a platform that it makes, fills and removes
# Needs PostgreSQL 15 or newer, curl and jq; a private key (Recovery__IdentityFile).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/dr/platform.sh
. "$here/platform.sh"
began=$(now)
if [ "${1:-}" = --self-contained ]; then
  trap platform_stop EXIT
  platform_start
  say 'Filling it: 2,000 sales, then a client that does not stop.'
  head -2001 "$repository/samples/king-county-house-sales.csv" | curl -sf --max-time 120 -H 'X-Api-Key: rwa-dev-key' -H 'Content-Type: text/csv' --data-binary @- \
    "$api_url/api/v1/assets/import?externalId=%7Bid%7D&name=Parcel%20%7Bid%7D&value=%7Bprice%7D&currency=USD&jurisdiction=US-WA&kind=real-estate" >/dev/null
  load() { for i in $(seq 100000); do ask -d "{\"name\":\"Load $i\",\"value\":$i}" "$api_url/api/v1/assets" >/dev/null || true; done; }
  start load load
elif [ -z "${ConnectionStrings__rwadb:-}" ]; then
  echo 'Set ConnectionStrings__rwadb and Recovery__* as for the worker, or give --self-contained.' >&2
  exit 1
fi
scratch=${Recovery__Drills__ScratchPath:-${TMPDIR:-/tmp}/rwa-drills}

say '1. Snapshot: a base backup, then every table counted at one position of the log.'
backup=$(worker backup now --json)
id=$(jq -r .id <<<"$backup")
tally=$(worker drill tally --json)
say "   $id, $(jq '.storedBytes' <<<"$backup") bytes in $(jq -r '.stores | join(", ")' <<<"$backup"); $(jq -r .name <<<"$tally"): $(jq '.tables | length' <<<"$tally") tables, $(jq '[.tables[].rows] | add' <<<"$tally") rows at $(jq -r .at <<<"$tally")"
# The log up to there is in the stores within a second; more is patience for a busy machine.
sleep 3

say '2. Restore, 3. integration checks, 4. consistency: from one store and the key, into scratch.'
report=$(mktemp)
code=0
worker drill run --full --check "$here/integration-checks.sh" --json >"$report" || code=$?
if ! jq -e .id "$report" >/dev/null 2>&1; then
  rm -f "$report"
  fail "the drill could not be tried (exit code $code)"
fi
jq -r '.attempts[0] | .store as $s | "   backup \(.backup) from store \($s)", (.checks[] | "   \(.state)\t\(.name)\t\(.detail)"), (.failures[] | "   FAILURE\t\(.reason)\t\(.object // "-")\t\(.detail)")' "$report" >&2
jq -r '"   recovered in \(.rtoSeconds) s of \(.rtoTargetSeconds), lost \(.rpoSeconds) s of \(.rpoTargetSeconds)", (.fallback // empty)' "$report" >&2
counted=$(jq -r .name <<<"$tally") compared=$(jq -r .tally "$report") passed=$(jq -r .passed "$report") missing=$(jq -r '["counts", "sentinels", "program"] - [.attempts[0].checks[] | select(.state == "passed") | .name] | join(", ")' "$report")
rm -f "$report"

say '5. Clean up.'
left=$(find "$scratch" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)
[ "$passed" = true ] || fail "the drill did not pass (exit code $code)"
[ "$code" = 0 ] || fail "exit code $code"
[ "$compared" = "$counted" ] || fail "the copy was compared with $compared, not with $counted"
[ -z "$missing" ] || fail "not made: $missing"
[ "$left" = 0 ] || fail "$left folders are left in $scratch"
say "Passed in $(since "$began") s."
