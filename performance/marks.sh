#!/usr/bin/env bash
# The whole graph in Release over a throw-away database of so many assets, and the marks measured on it.
#   performance/marks.sh ASSETS OUTPUT [PART...]     parts and options: see 'CardanoRwa.LoadTest marks --help'; or one of guide and peak, five minutes each
# Writes OUTPUT.json and OUTPUT.md, or OUTPUT-guide.json. RWA_MARKS_NO_BUILD=1 takes what was built before; RWA_MARKS_DIR keeps the database for another
# call (ten million assets take minutes to make), without it all is thrown away. Linux; needs psql.
set -euo pipefail
cd "$(dirname "$0")/.."
assets=$1 output=$PWD/$2
shift 2
bin=$PWD/artifacts/embedded/bin

export UseAspire=false DOTNET_ENVIRONMENT=Development ASPNETCORE_ENVIRONMENT=Development MSBUILDDISABLENODEREUSE=1
export RateLimit__RequestsPerSecond=1000000 RWA_API_KEY=rwa-dev-key
export RWA_DATA_DIR=${RWA_MARKS_DIR:-$(mktemp -d /var/tmp/rwa-marks.XXXXXX)}
mkdir -p "$RWA_DATA_DIR"
chmod 755 "$RWA_DATA_DIR"
log=$RWA_DATA_DIR/host.log
if [ -z "${RWA_MARKS_NO_BUILD:-}" ]; then
  for project in CardanoRwa.AppHost CardanoRwa.LoadTest; do dotnet build "$project" -c Release -v quiet -clp:NoSummary; done
fi

# A job in a script's background ignores Ctrl+C, and so would all it starts.
(cd CardanoRwa.AppHost && exec env --default-signal=INT dotnet exec "$bin/CardanoRwa.AppHost/release/CardanoRwa.AppHost.dll" --DcpPublisher:RandomizePorts=true) >"$log" 2>&1 &
host=$!
# shellcheck disable=SC2317
finish() {
  kill -INT "$host" 2>/dev/null || true
  wait "$host" || true
  [ -n "${RWA_MARKS_DIR:-}" ] || rm -rf "$RWA_DATA_DIR"
}
trap finish EXIT

of_api() { tr '\0' '\n' <"/proc/$api/environ" | sed -n "s/^$1=//p"; }
address=
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
psql -qX -v count="$assets" -f performance/seed-assets.sql

loadtest() { dotnet exec "$bin/CardanoRwa.LoadTest/release/CardanoRwa.LoadTest.dll" "$@"; }
status=0
case "${1:-}" in
  guide | peak)
    folder=$(mktemp -d)
    loadtest run "$1" --address "$address" --calibrate --baselines performance/baselines.json --output "$folder" || status=$?
    cp "$folder/report.json" "$output-$1.json"
    rm -rf "$folder"
    ;;
  *) loadtest marks "$@" --address "$address" --output "$output.json" || status=$? ;;
esac
grep -E '^Vm(RSS|HWM)' "/proc/$api/status"
exit "$status"
