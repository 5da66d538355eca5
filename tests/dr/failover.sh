#!/usr/bin/env bash
# Kills the primary of a pair of databases under writes, again and again, and measures how soon the standby takes them.
#   tests/dr/failover.sh [ROUNDS]     20 unless said otherwise; the report, in Markdown, goes to standard output
# It starts the whole graph on a pair of its own, in a temporary folder, and removes it. RWA_DR_ASYNCHRONOUS=1: commits do not wait for the
# standby. RWA_POSTGRES_BIN names the programs of another PostgreSQL, RWA_DR_KEEP=1 keeps the folder with its logs.
set -euo pipefail
rounds=${1:-20}
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
assembly() { find "$repository/artifacts" -path "*/bin/$1/*/$1.dll" -not -path '*/ref/*' -print -quit; }
for tool in curl dotnet; do
  command -v "$tool" >/dev/null || { echo "Missing: $tool. apt-get install -y curl; the SDK from https://dot.net" >&2; exit 1; }
done
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
arguments=(drill failover --yes-kill-the-primary --rounds "$rounds" --api "$api")
[ "$synchronous" = false ] || arguments+=(--synchronous)
code=0
dotnet exec "$(assembly CardanoRwa.Worker)" "${arguments[@]}" || code=$?
sleep 3 # the receiver's last parts
printf '\nThe log in the store, over all timelines:\n\n'
dotnet exec "$(assembly CardanoRwa.Worker)" wal audit || code=$?
exit "$code"
