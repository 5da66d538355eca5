#!/usr/bin/env bash
# The whole graph in Release over a throw-away database of so many assets, and the marks measured on it.
#   performance/marks.sh ASSETS OUTPUT [PART...]        parts and options: see 'CardanoRwa.LoadTest marks --help'; writes OUTPUT.json and OUTPUT.md
# See performance/graph.sh for what it needs, and how to keep the database for another call.
set -euo pipefail
cd "$(dirname "$0")/.."
assets=$1 output=$2
shift 2

# shellcheck source=performance/graph.sh
. performance/graph.sh
status=0
run marks "$@" --output "$output.json" || status=$?
grep -E '^Vm(RSS|HWM)' "/proc/$api/status"
exit "$status"
