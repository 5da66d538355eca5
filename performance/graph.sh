#!/usr/bin/env bash
# To be sourced: the whole graph in Release over a throw-away database of $assets assets; its end with the script that asked for it.
# RWA_MARKS_DIR keeps the database for another call (ten million assets take minutes to make), without it all is thrown away.
# RWA_MARKS_NO_BUILD=1 takes what was built before. Ports are chosen at start. Linux; needs psql.
# shellcheck disable=SC2034
export UseAspire=false DOTNET_ENVIRONMENT=Development ASPNETCORE_ENVIRONMENT=Development MSBUILDDISABLENODEREUSE=1
export RateLimit__RequestsPerSecond=1000000 RWA_API_KEY=rwa-dev-key
export RWA_DATA_DIR=${RWA_MARKS_DIR:-$(mktemp -d /var/tmp/rwa-marks.XXXXXX)}
mkdir -p "$RWA_DATA_DIR"
chmod 755 "$RWA_DATA_DIR"
bin=$PWD/artifacts/embedded/bin log=$RWA_DATA_DIR/host.log
if [ -z "${RWA_MARKS_NO_BUILD:-}" ]; then
  for project in CardanoRwa.AppHost CardanoRwa.LoadTest; do dotnet build "$project" -c Release -v quiet -clp:NoSummary; done
fi

# A job in a script's background ignores Ctrl+C, and so would all it starts.
(cd CardanoRwa.AppHost && exec env --default-signal=INT dotnet exec "$bin/CardanoRwa.AppHost/release/CardanoRwa.AppHost.dll" --DcpPublisher:RandomizePorts=true) >"$log" 2>&1 &
host=$!
# shellcheck disable=SC2317 # called by the trap
finish() {
  kill -INT "$host" 2>/dev/null || true
  wait "$host" || true
  [ -n "${RWA_MARKS_DIR:-}" ] || rm -rf "$RWA_DATA_DIR"
}
trap finish EXIT

of_api() { tr '\0' '\n' <"/proc/$api/environ" | sed -n "s/^$1=//p"; }
for _ in $(seq 180); do
  sleep 1
  kill -0 "$host" 2>/dev/null || { cat "$log" >&2; exit 1; }
  api=$(pgrep -f "$bin/CardanoRwa.Api/release/CardanoRwa.Api" | head -1) || continue
  address=$(of_api ASPNETCORE_URLS | cut -d';' -f1)
  if curl -sf "$address/health" >/dev/null; then break; fi
done
RWA_DATABASE=$(of_api ConnectionStrings__rwadb)
field() { tr ';' '\n' <<<"$RWA_DATABASE" | sed -n "s/^$1=//Ip"; }
export RWA_DATABASE PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE
PGHOST=$(field host) PGPORT=$(field port) PGUSER=$(field username) PGPASSWORD=$(field password) PGDATABASE=$(field database)
psql -qX -v count="${assets:?}" -f performance/seed-assets.sql

run() { # verb, arguments...
  local verb=$1
  shift
  dotnet exec "$bin/CardanoRwa.LoadTest/release/CardanoRwa.LoadTest.dll" "$verb" "$@" --address "$address"
}
