#!/usr/bin/env bash
# To be sourced: the whole graph in Release over a throw-away database of $assets assets; its end with the script that asked for it.
# RWA_MARKS_DIR keeps the database for another call (ten million assets take minutes to make).
# Linux; ports 5000, 5001, 5010 and 15000 must be free. Needs psql.
# shellcheck disable=SC2034
export RWA_DATA_DIR=${RWA_MARKS_DIR:-$(mktemp -d /var/tmp/rwa-marks.XXXXXX)}
chmod 755 "$RWA_DATA_DIR" 2>/dev/null || { mkdir -p "$RWA_DATA_DIR" && chmod 755 "$RWA_DATA_DIR"; }
export RateLimit__RequestsPerSecond=1000000 RWA_API_KEY=rwa-dev-key MSBUILDDISABLENODEREUSE=1
log=$(mktemp)
build() { dotnet build "$1" -c Release -v quiet -clp:NoSummary; }
build CardanoRwa.AppHost && build CardanoRwa.LoadTest

dotnet run -c Release --no-build --project CardanoRwa.AppHost >"$log" 2>&1 &
host=$!
finish() {
  kill -INT "$host" 2>/dev/null || true
  wait "$host" || true
  rm -f "$log"
  [ -n "${RWA_MARKS_DIR:-}" ] || rm -rf "$RWA_DATA_DIR"
}
trap finish EXIT

for _ in $(seq 120); do
  curl -sf http://localhost:5000/health >/dev/null && break
  kill -0 "$host" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 1
done
api=$(ss -ltnp 'sport = :5000' | grep -oP 'pid=\K[0-9]+' | head -1)
RWA_DATABASE=$(tr '\0' '\n' <"/proc/$api/environ" | sed -n 's/^ConnectionStrings__rwadb=//p')
export RWA_DATABASE
field() { tr ';' '\n' <<<"$RWA_DATABASE" | sed -n "s/^$1=//Ip"; }
export PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE
PGHOST=$(field host) PGPORT=$(field port) PGUSER=$(field username) PGPASSWORD=$(field password) PGDATABASE=$(field database)
psql -qX -v count="${assets:?}" -f performance/seed-assets.sql

run() { dotnet run -c Release --no-build --project CardanoRwa.LoadTest -- "$@"; }
