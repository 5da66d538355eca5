#!/usr/bin/env bash
# Drills of the scenarios in docs/DISASTER_RECOVERY_PLAN.md, each against a platform of its own that it breaks and brings back.
#   tests/dr/scenario.sh NAME            one run; the last line is 'NAME rto=SECONDS rpo=SECONDS'
#   tests/dr/scenario.sh --table [RUNS]  every scenario, 5 times or as often as said; the table of medians, in Markdown
# NAME is database, cluster, api, node, ipfs or credentials. RWA_DR_KEEP=1 keeps the platform's folder, with its logs. RWA_DR_RUNS=FILE collects
# each run's last line there ('NAME failed' for one that did), and --table makes only the runs that are missing in it: a table in as many sittings as one likes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/dr/platform.sh
. "$here/platform.sh"

# Commits the number of seconds since 1970, again and again; keeps the last one that was acknowledged.
writer() {
  while :; do
    local at
    at=$(psql -h 127.0.0.1 -p "$pg_port" -U postgres -d rwa -AtqX -c "INSERT INTO drill_writes VALUES (extract(epoch FROM clock_timestamp())) RETURNING at" 2>/dev/null) && echo "$at" >"$home/acknowledged"
    sleep 0.02
  done
}
writing() { sql 'CREATE TABLE drill_writes (at numeric)'; start load writer; sleep 4; }
lost() { awk -v a="$(cat "$home/acknowledged")" -v r="$(sql 'SELECT max(at) FROM drill_writes')" 'BEGIN { d = a - r; printf "%.2f", d < 0 ? 0 : d }'; }
accepts_write() { [ "$(ask -o /dev/null -w '%{http_code}' -d '{"name":"After","value":1}' "$api_url/api/v1/assets" 2>/dev/null)" = 201 ]; }
# What the Api acknowledged, and when.
note() { printf '%s %s\n' "$(now)" "$1" >>"$home/noted"; }
# Seconds of acknowledged work that is not there any more: from the first one that is missing to the last that was acknowledged.
lost_of_noted() { # query for the ids that are there
  awk 'FILENAME == ARGV[1] { there[$1] = 1; next } { last = $1; if (!($2 in there) && first == "") first = $1 } END { printf "%.2f", first == "" ? 0 : last - first + 0.01 }' <(sql "$1") "$home/noted"
}
result() {
  echo "$scenario rto=$1 rpo=$2"
  if [ -n "${RWA_DR_RUNS:-}" ]; then echo "$scenario rto=$1 rpo=$2" >>"$RWA_DR_RUNS"; fi
}

# The server's processes are killed and its files deleted. Restore to the end of the archived log; Api and worker come back by themselves.
database() {
  writing
  say 'kill -9 of every process of the database, and its directory deleted.'
  postgres_kill "$data"
  rm -rf "$data"
  stop load KILL
  local began
  began=$(now)
  worker restore --target "$data" --to latest >&2
  postgres_start "$data"
  until_ok 120 accepts_write || fail 'no write was accepted'
  local rto
  rto=$(since "$began")
  until_ok 60 grep -q 'Minting is halted' "$home/log/worker.log" || fail 'the worker does not hold minting on a database that came out of a backup'
  result "$rto" "$(lost)"
}

# Everything that ran is gone, and so is every disk but the one store and the key: rebuilt from the repository into an empty environment.
# What one machine cannot show: machines, network and DNS of a new cluster.
cluster() {
  local asset
  asset=$(asset_with_token CLUSTER)
  writing
  say 'All processes killed, every folder but one store and the key deleted.'
  stop load KILL
  stop worker KILL
  stop api KILL
  postgres_kill "$data"
  rm -rf "$data" "$home/spool" "$home/evidence" "$home/scratch" "$home/stores/disk"
  local began
  began=$(now)
  mkdir -p "$home/evidence"
  worker restore --target "$data" --to latest >&2
  postgres_start "$data"
  worker_start
  api_start
  until_ok 180 accepts_write || fail 'no write was accepted'
  local rto
  rto=$(since "$began")
  # Minting stays closed until registry and chain agree; here nothing was on its way, and the operator says so.
  worker chain reconcile --apply --skip-wait >&2
  until_ok 60 minted "$(mint "$asset" after-cluster)" || fail 'nothing is minted after the rebuild'
  result "$rto" "$(lost)"
}

# The Api hangs (all its threads stopped): clients time out. It is replaced; nothing acknowledged is lost.
api() {
  local pid
  # shellcheck disable=SC2317 # start calls it
  client() {
    local id
    while :; do
      if id=$(ask -d '{"name":"Acknowledged","value":1}' "$api_url/api/v1/assets" 2>/dev/null | jq -er .id); then note "$id"; else sleep 0.1; fi
    done
  }
  start load client
  sleep 3
  pid=$(cat "$home/api.pid")
  say 'The Api is stopped (SIGSTOP): it takes connections and answers nothing.'
  kill -STOP "$pid"
  local began
  began=$(now)
  # What an orchestrator's probe does: three failures of two seconds each, then it is replaced.
  local failures=0
  while [ $failures -lt 3 ]; do curl -sf --max-time 2 "$api_url/alive" >/dev/null 2>&1 && failures=0 || failures=$((failures + 1)); done
  stop api KILL
  api_start
  until_ok 120 accepts_write || fail 'no write was accepted'
  local rto
  rto=$(since "$began")
  stop load KILL
  [ "$(wc -l <"$home/noted")" -gt 10 ] || fail 'the client hardly wrote'
  result "$rto" "$(lost_of_noted 'SELECT id FROM assets')"
}

# The chain's provider is away for a while: mints are taken in and wait; when it is back, all are confirmed, each once.
node() {
  local asset ids=() began
  asset=$(asset_with_token NODE)
  until_ok 60 minted "$(mint "$asset" before)" || fail 'nothing is minted before'
  say 'The chain is killed.'
  stop chain KILL
  for i in $(seq 5); do ids+=("$(mint "$asset" "away-$i")") && note "${ids[-1]}"; done
  for i in $(seq 5); do [ "$(mint "$asset" "away-$i")" = "${ids[$((i - 1))]}" ] || fail 'a repeated request made another operation'; done
  sleep 10
  for id in "${ids[@]}"; do [ "$(ask "$api_url/api/v1/operations/$id" | jq -r .state)" != failed ] || fail "$id failed while the chain was away"; done
  began=$(now)
  chain_start
  for id in "${ids[@]}"; do until_ok 180 minted "$id" || fail "$id is not confirmed"; done
  local unit supply
  unit=$(ask "$api_url/api/v1/assets/$asset/token" | jq -r '.unit // (.policyId + .assetName)')
  supply=$(curl -sf "$chain_url/api/v0/assets/$unit" | jq -r .quantity)
  [ "$supply" = 6 ] || fail "6 were minted, the chain has $supply"
  result "$(since "$began")" "$(lost_of_noted "SELECT id FROM operations WHERE state = 'confirmed'")"
}

# The IPFS node is away: documents are taken in, and pinned once it is back. (Here it is part of the chain's process.)
ipfs() {
  local asset began
  asset=$(ask -d '{"name":"Evidence","value":1}' "$api_url/api/v1/assets" | jq -r .id)
  say 'The IPFS node is killed.'
  stop chain KILL
  for i in $(seq 5); do
    curl -s --fail-with-body --max-time 60 -H 'X-Api-Key: rwa-dev-key' -H 'Content-Type: text/plain' --data-binary "Document $i of $asset" "$api_url/api/v1/assets/$asset/evidence?name=Document%20$i&kind=title-deed" >"$home/answer" || fail "document $i was not taken in: $(cat "$home/answer")"
    note "$(jq -r .id "$home/answer")"
  done
  sleep 5
  [ "$(sql "SELECT count(*) FROM evidence_pins WHERE status = 'pinned'")" = 0 ] || fail 'something was pinned while the node was away'
  began=$(now)
  chain_start
  # shellcheck disable=SC2317 # until_ok calls it
  all_pinned() { [ "$(sql "SELECT count(*) FROM evidence_pins WHERE status <> 'pinned'")" = 0 ]; }
  until_ok 300 all_pinned || fail 'not all documents are pinned'
  result "$(since "$began")" "$(lost_of_noted "SELECT e.id FROM evidence e JOIN evidence_pins p ON p.content_id = e.content_id WHERE p.status = 'pinned'")"
}

# An operator's workstation is compromised: its API key and its store are in other hands. The key ends, the data keys are wrapped for a new
# identity, and the attacker's deletion of one store is undone from the other.
credentials() {
  local key began code
  ConnectionStrings__rwadb=$ConnectionStrings__rwadb worker apikey create --name workstation --role admin >"$home/key" 2>/dev/null
  key=$(cat "$home/key")
  with_key() { curl -s --max-time 10 -o /dev/null -w '%{http_code}' -H "X-Api-Key: $key" "$api_url/api/v1/assets?limit=1"; }
  [ "$(with_key)" = 200 ] || fail 'the key does not work to begin with'
  writing
  say 'The key and one store are in other hands; the store is emptied.'
  stop load KILL
  # What the last second wrote reaches the store first; the attacker does not touch the database.
  sleep 2
  find "$home/stores/disk" -mindepth 1 -delete
  began=$(now)
  worker apikey revoke --name workstation 2>/dev/null
  # shellcheck disable=SC2317
  refused() { [ "$(with_key)" = 401 ]; }
  until_ok 60 refused || fail 'the key still works'
  # A new identity for what is sealed from now on and for what was sealed before.
  worker keys new --file "$home/new-identity" >"$home/new-key" 2>&1 || { cat "$home/new-key" >&2; fail 'no new key'; }
  local recipient
  recipient=$(grep -o "p256:[A-Za-z0-9_-]*" "$home/new-key")
  export Recovery__Recipients__0=$recipient
  worker keys rotate >&2
  stop worker
  worker_start
  worker_ready
  # The other store alone restores, with the new identity alone.
  rm -rf "$home/proof"
  code=0
  env Recovery__IdentityFile="$home/new-identity" Recovery__Drills__Rpo=1.00:00:00 dotnet exec "$(assembly CardanoRwa.Worker)" drill run --store offsite --json >"$home/report.json" || code=$?
  [ $code = 0 ] || { jq . "$home/report.json" >&2; fail 'the other store does not restore with the new identity'; }
  # The registry never stopped; what a restore would lose is what the RPO counts.
  result "$(since "$began")" "$(jq -r .rpoSeconds "$home/report.json")"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR == 0 ? "none" : NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
table() { # runs
  local target_rto target_rpo title name
  if [ -z "${RWA_DR_RUNS:-}" ]; then
    RWA_DR_RUNS=$(mktemp)
    export RWA_DR_RUNS
  fi
  touch "$RWA_DR_RUNS"
  figures() { grep "^$1 rto=" "$RWA_DR_RUNS" | head -"$3" | grep -o "$2=[0-9.]*" | cut -d= -f2; }
  echo "Medians of $1 runs, $(date -u +%Y-%m-%d), $(nproc) cores, PostgreSQL $("$pg_bin/postgres" --version | grep -o '[0-9.]*' | head -1); \`tests/dr/scenario.sh --table $1\`."
  echo
  echo '| scenario | RTO target | RTO measured | RPO target | RPO measured | longest RTO | failed runs |'
  echo '|---|---|---|---|---|---|---|'
  while IFS='|' read -r name title target_rto target_rpo; do
    failed() { grep -c "^$name failed" "$RWA_DR_RUNS" || true; }
    while [ "$(figures "$name" rto "$1" | wc -l)" -lt "$1" ] && [ "$(failed)" -lt "$1" ]; do
      "$here/scenario.sh" "$name" >/dev/null 2>>"${TMPDIR:-/tmp}/rwa-scenarios.log" </dev/null || true
    done
    echo "| $title | $target_rto | $(figures "$name" rto "$1" | median) s | $target_rpo | $(figures "$name" rpo "$1" | median) s | $(figures "$name" rto "$1" | sort -n | tail -1) s | $(failed) |"
  done <<'T'
database|[Database failure](runbooks/database.md)|15 min|5 min
cluster|[Cluster failure](runbooks/cluster.md)|30 min|10 min
api|[API service degradation](runbooks/api.md)|5 min|1 min
node|[Blockchain node failure](runbooks/node.md)|10 min|5 min
ipfs|[IPFS node failure](runbooks/ipfs.md)|60 min|30 min
credentials|[Workstation compromise](runbooks/credentials.md)|4 h|1 h
T
}

case ${1:-} in
  database | cluster | api | node | ipfs | credentials)
    scenario=$1
    # shellcheck disable=SC2317 # called by the trap
    leave() {
      local code=$?
      if [ $code -ne 0 ] && [ -n "${RWA_DR_RUNS:-}" ]; then echo "$scenario failed" >>"$RWA_DR_RUNS"; fi
      platform_stop
      exit $code
    }
    trap leave EXIT
    platform_start
    "$scenario"
    ;;
  --table) table "${2:-5}" ;;
  *)
    sed -n '2,7p' "$0" >&2
    exit 1
    ;;
esac
