#!/usr/bin/env bash
# Kills minting workers (kill -9) at every step of the processor, with 1 and with 2 workers, and then Postgres and the cache under them, while the
# chain forks, loses answers, refuses and lags. In each shift every step meets another trouble; nine shifts meet all. Prints a row for each run;
# a run that mints too much, too little or twice, or leaves something open or reserved, fails.
#   performance/crash-matrix.sh [shift, 0 to 8 ...]      without a shift: all nine; a shift takes some minutes
# Debug builds only: release builds hold no crash points.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build CardanoRwa.Tests -v quiet -clp:NoSummary

run() { # filter, shift
  RWA_CAMPAIGN=1 RWA_CAMPAIGN_SHIFT=$2 dotnet test CardanoRwa.Tests --no-build --filter "FullyQualifiedName~$1" --logger 'console;verbosity=detailed' >"$log" 2>&1 \
    || { cat "$log"; return 1; }
  sed -n 's/^ *\(| .*\)/\1/p' "$log"
}

[ $# -gt 0 ] || set -- 0 1 2 3 4 5 6 7 8
echo '| workers | shift | steps killed at | operations | confirmed | failed | transactions | operations queued again | seconds |'
echo '|---|---|---|---|---|---|---|---|---|'
for shift in "$@"; do run CrashMatrix "$shift"; done
echo
echo '| workers | kills of Postgres and cache | operations | confirmed | failed | transactions | operations queued again | seconds |'
echo '|---|---|---|---|---|---|---|---|'
run MintingKill 0
