#!/usr/bin/env bash
# Is this tree slower than the commit before it? Both are built here and asked in turns; fails only on what is proved.
#   performance/gate.sh [commit to compare with: HEAD when the tree is changed, else the one before it]
# Exit codes: 0 no regression is proved (undecided passes, and says so); 4 one is; 3 there is no commit to compare with; 1 it could not be measured.
# Needs git, curl, node and PostgreSQL. GATE_ROUNDS changes the rounds (9); GATE_CACHE is a folder that keeps earlier commits built.
set -euo pipefail
cd "$(dirname "$0")/.."
parts=(CardanoRwa.Api CardanoRwa.Core CardanoRwa.Cardano CardanoRwa.Ipfs CardanoRwa.Storage CardanoRwa.Recovery CardanoRwa.ServiceDefaults Directory.Build.props Directory.Packages.props global.json)
if [ $# -gt 0 ]; then
  before=$1
elif [ -n "$(git status --porcelain -- "${parts[@]}")" ]; then
  before=HEAD
else
  before=HEAD~1
fi
if ! before=$(git rev-parse --verify --quiet "$before^{commit}"); then
  echo "There is no commit to compare with here (a shallow clone?). Nothing was measured." >&2
  exit 3
fi
if git diff --quiet "$before" -- "${parts[@]}" && [ -z "$(git ls-files --others --exclude-standard -- "${parts[@]}")" ]; then
  echo "What the Api is built from is as in ${before:0:10}: nothing to measure."
  exit 0
fi

# shellcheck source=performance/scratch.sh
. performance/scratch.sh
tree=${GATE_CACHE:-$work}/$before
if [ ! -f "$(built "$tree" CardanoRwa.Api)" ]; then
  mkdir -p "$tree"
  git archive "$before" | tar x -C "$tree"
  build "$tree" CardanoRwa.Api
fi
build "$here" CardanoRwa.Api CardanoRwa.Worker CardanoRwa.LoadTest
worker_assembly=$(built "$here" CardanoRwa.Worker)
# Migrations are additive, so both run on the schema of the newer.
start_postgres -c synchronous_commit=on
make_registry

# A pair of processes can differ by a few per cent for no reason but where its code came to lie. So a regression counts only
# when a second pair, started anew and in the other order, shows one too.
measure() { # first server to start, the other, options...
  local server before_port after_port
  before_port=$(free_port) after_port=$(free_port)
  for server in "$1" "$2"; do
    if [ "$server" = before ]; then
      api before "$(built "$tree" CardanoRwa.Api)" "$before_port"
    else
      api after "$(built "$here" CardanoRwa.Api)" "$after_port"
    fi
  done
  [ -n "$(sql 'SELECT 1 FROM assets LIMIT 1')" ] || import_sales "$after_port"
  loadtest contest performance/gate.json --gate --rounds "${GATE_ROUNDS:-9}" --at "before=http://127.0.0.1:$before_port" "after=http://127.0.0.1:$after_port" "${@:3}"
}
status=0
echo "Comparing with ${before:0:10}."
measure before after --output "$work/first" || status=$?
if [ "$status" = 4 ]; then
  echo "Again, with processes started anew."
  stop_services
  status=0
  measure after before --confirm "$work/first.json" || status=$?
fi
exit "$status"
