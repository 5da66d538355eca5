#!/usr/bin/env bash
# Fails unless every store has a good base backup that is young enough and WAL up to a moment ago.
#   check-backups.sh LIST.json STATUS.json [MOST_HOURS] [MOST_WAL_MINUTES]     ('backup list --json', 'wal status --json')
set -euo pipefail
list=$1 status=$2 hours=${3:-2} minutes=${4:-15}
now=$(date +%s)
failed=0

seconds() { date -d "$1" +%s; }

stores=$(jq -r '[.[].stores[].store] | unique | .[]' "$status")
if [ -z "$stores" ]; then
  echo "No store has WAL." >&2
  exit 1
fi
for store in $stores; do
  newest=$(jq -r --arg store "$store" '[.backups[] | select(.state == "good" and (.stores | index($store))) | .stoppedAt] | max // empty' "$list")
  reach=$(jq -r --arg store "$store" '[.[].stores[] | select(.store == $store) | .restorableTo // empty] | max // empty' "$status")
  holes=$(jq -r --arg store "$store" '[.[].stores[] | select(.store == $store) | .holes[]] | length' "$status")
  if [ -z "$newest" ] || [ $((now - $(seconds "$newest"))) -gt $((hours * 3600)) ]; then
    echo "$store: the newest good base backup is of '${newest:-never}', more than $hours hours ago." >&2
    failed=1
  fi
  if [ -z "$reach" ] || [ $((now - $(seconds "$reach"))) -gt $((minutes * 60)) ]; then
    echo "$store: restores to '${reach:-nothing}', more than $minutes minutes ago." >&2
    failed=1
  fi
  if [ "$holes" -ne 0 ]; then
    echo "$store: $holes holes in the WAL." >&2
    failed=1
  fi
  echo "$store: base backup of ${newest:-never}, restores to ${reach:-nothing}, $holes holes."
done
exit "$failed"
