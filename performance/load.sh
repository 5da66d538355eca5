#!/usr/bin/env bash
# Profiles of the scenario against the whole graph in Release, over a throw-away database; then the database's own view of it.
#   performance/load.sh ASSETS PATH PROFILE...    records PATH-PROFILE.json of each profile, and PATH.html of the last
# LOAD_SECONDS shortens every profile. See performance/graph.sh for what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
assets=$1 path=$2
shift 2
# shellcheck source=performance/graph.sh
. performance/graph.sh
[ -n "${RWA_MARKS_NO_BUILD:-}" ] || dotnet build CardanoRwa.Worker -c Release -v quiet -clp:NoSummary
status=0
for profile in "$@"; do
  echo "== $profile"
  run run "$profile" --calibrate --baselines performance/baselines.json ${LOAD_SECONDS:+--seconds "$LOAD_SECONDS"} --output "$RWA_DATA_DIR/report" || status=$?
  cp "$RWA_DATA_DIR/report/report.json" "$path-${profile// /-}.json"
  cp "$RWA_DATA_DIR/report/report.html" "$path.html"
done
echo "== db analyze"
ConnectionStrings__rwadb=$RWA_DATABASE dotnet exec "$bin/CardanoRwa.Worker/release/CardanoRwa.Worker.dll" db analyze || [ $? = 2 ]
exit "$status"
