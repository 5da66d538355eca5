#!/usr/bin/env bash
# Kills the primary of a pair of databases under writes, again and again, and measures how soon the standby takes them.
#   tests/dr/failover.sh [ROUNDS [SETTLE]]     20 rounds after 10 seconds of writes, unless said otherwise; the report, in Markdown, goes to standard output
# It starts the whole graph on a pair of its own, in a temporary folder, and removes it. RWA_DR_ASYNCHRONOUS=1: commits do not wait for the
# standby. RWA_POSTGRES_BIN names the programs of another PostgreSQL, RWA_DR_KEEP=1 keeps the folder with its logs. RWA_DR_RUNS=FILE collects
# the rounds there, one a line, and the report is over all that FILE has: many rounds in as many sittings as one likes, each on a graph just started.
set -euo pipefail
rounds=${1:-20} settle=${2:-10}
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
assembly() { find "$repository/artifacts" -path "*/bin/$1/*/$1.dll" -not -path '*/ref/*' -print -quit; }
for tool in curl dotnet jq; do
  command -v "$tool" >/dev/null || { echo "Missing: $tool. apt-get install -y curl jq; the SDK from https://dot.net" >&2; exit 1; }
done
# As images are made: what a first failover waits for is not the compiler. RWA_PUBLISHED names the folder, if they are published already.
if [ -z "${RWA_PUBLISHED:-}" ]; then
  RWA_PUBLISHED=$repository/artifacts/published
  for project in CardanoRwa.Api CardanoRwa.Worker CardanoRwa.DevNet; do
    UseAspire=false dotnet publish "$repository/$project" -c Release --os linux --arch "$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" --self-contained false -o "$RWA_PUBLISHED/$project" -v quiet -clp:NoSummary >&2
  done
fi
export RWA_PUBLISHED
[ -n "$(assembly CardanoRwa.AppHost)" ] || dotnet build "$repository/CardanoRwa.sln" -v quiet -clp:NoSummary >&2

home=$(mktemp -d "${TMPDIR:-/tmp}/rwa-failover.XXXXXX")
chmod 755 "$home"
# shellcheck disable=SC2317 # called by the trap
stop() {
  if [ -n "${host:-}" ] && kill -0 "$host" 2>/dev/null; then
    kill -TERM "$host"
    wait "$host" 2>/dev/null || true
  fi
  if [ -n "${RWA_DR_KEEP:-}" ]; then echo "Kept: $home" >&2; else rm -rf "$home"; fi
}
trap stop EXIT

synchronous=$([ -n "${RWA_DR_ASYNCHRONOUS:-}" ] && echo false || echo true)
export DOTNET_ENVIRONMENT=Development ASPNETCORE_ENVIRONMENT=Development Evidence__Folder=$home/evidence Recovery__DataFolder=$home/recovery
# The worker backs up all the while: it must follow as well.
export Recovery__IdentityFile=$home/recovery/development-identity Recovery__Archiving__Enabled=true Recovery__Wal__SpoolPath=$home/spool
export Recovery__Stores__disk__Kind=folder Recovery__Stores__disk__Path=$home/stores Recovery__Stores__disk__Create=true
(cd "$repository/CardanoRwa.AppHost" && RWA_DATA_DIR=$home/graph exec dotnet exec "$(assembly CardanoRwa.AppHost)" --standby "--Standby:Synchronous=$synchronous" --DcpPublisher:RandomizePorts=true) >"$home/graph.log" 2>&1 &
host=$!

# The ports are chosen at start; the worker has the pair's connection string and the Api its address.
settings() {
  local environment
  for environment in /proc/[0-9]*/environ; do
    if grep -qzsx "Recovery__DataFolder=$home/recovery" "$environment" && grep -qzsx 'OTEL_SERVICE_NAME=api' "$environment"; then
      tr '\0' '\n' <"$environment"
      return 0
    fi
  done
  return 1
}
for _ in $(seq 180); do
  kill -0 "$host" 2>/dev/null || { tail -20 "$home/graph.log" >&2; exit 1; }
  if found=$(settings) && api=$(sed -n 's/^ASPNETCORE_URLS=\([^;]*\).*/\1/p' <<<"$found") && [ -n "$api" ] && curl -sf "$api/health" >/dev/null; then break; fi
  sleep 1
done
ConnectionStrings__rwadb=$(sed -n 's/^ConnectionStrings__rwadb=//p' <<<"$found")
export ConnectionStrings__rwadb RWA_API_KEY=rwa-dev-key
arguments=(drill failover --yes-kill-the-primary --rounds "$rounds" --api "$api" --settle "$settle" --json)
[ "$synchronous" = false ] || arguments+=(--synchronous)
code=0
dotnet exec "$(assembly CardanoRwa.Worker)" "${arguments[@]}" >"$home/report.json" || code=$?
[ -s "$home/report.json" ] || exit "$code"
runs=${RWA_DR_RUNS:-$home/rounds}
# Which of them was the first of its graph is told apart.
jq -c '.rounds[] + {graph: .id, version: .serverVersion, synchronous}' "$home/report.json" >>"$runs"
jq -rs '
  def at(p): sort | .[[length - 1, ((p * length) | ceil) - 1] | min];
  def s: . * 1000 | round / 1000 | tostring;
  def row(name): if length == 0 then empty else "| \(name) | \(at(0.5) | s) | \(at(0.99) | s) | \(max | s) |" end;
  "\(length) failovers on \(map(.graph) | unique | length) graphs, \(map(if .synchronous then "synchronous" else "asynchronous" end) | unique | join(" and ")), PostgreSQL \(map(.version) | unique | join(", "))\n",
  "| seconds | p50 | p99 | longest |", "|---|---|---|---|",
  (map(.firstWrite) | row("promotion ordered to first write, SQL")),
  (map(.firstApiWrite | select(. != null)) | row("promotion ordered to first write, Api")),
  (map(select(.number == 1) | .firstApiWrite | select(. != null)) | row("the same, first failover of a graph")),
  (map(.fencing) | row("kill to promotion ordered (fencing)")),
  (map(.outage) | row("kill to first write")),
  (map(.whole) | row("promotion ordered to whole again")),
  "\nAcknowledged writes: \(map(.acknowledged) | add); lost: \(map(.lost) | add). Two writers seen: \(map(.twoWriters) | add); writes that an old primary took after its successor was ordered: \(map(.oldTookWrites) | add)."
' "$runs"
jq -r '.failures[] | "- \(.)"' "$home/report.json"
sleep 3 # the receiver's last parts
printf '\nThe log in the store, over all timelines:\n\n'
dotnet exec "$(assembly CardanoRwa.Worker)" wal audit || code=$?
exit "$code"
