#!/usr/bin/env bash
# What a user of the registry would see of a restored copy: an Api on it that may only read. RWA_COPY is the copy's connection string.
# Exit code 0: all holds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
api=$(find "$here/../../artifacts" -path '*/bin/CardanoRwa.Api/*/CardanoRwa.Api.dll' -not -path '*/ref/*' -print -quit)
while port=$((20000 + RANDOM % 12000)) && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
url=http://127.0.0.1:$port
log=$(mktemp)
# A copy has no cache and no chain, and whoever writes to it is mistaken.
env ASPNETCORE_URLS="$url" ASPNETCORE_ENVIRONMENT=Development ConnectionStrings__rwadb="$RWA_COPY;Pooling=true;Maximum Pool Size=5;Options=-c default_transaction_read_only=on" \
  ConnectionStrings__cache=127.0.0.1:1 dotnet exec "$api" >"$log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -f "$log"' EXIT
ask() { curl --silent --show-error --max-time 20 -H 'X-Api-Key: rwa-dev-key' -H 'Content-Type: application/json' "$@"; }
for _ in $(seq 300); do
  curl -sf --max-time 5 "$url/health" >/dev/null && break
  kill -0 $server 2>/dev/null || { echo "the Api ended: $(tail -3 "$log")"; exit 1; }
  sleep 0.2
done
curl -sf --max-time 5 "$url/health" >/dev/null || { echo "the Api is not healthy on the copy: $(tail -3 "$log")"; exit 1; }
part() { grep -oP "(?<=$1=)[^;]*" <<<"$RWA_COPY"; }
host=$(part Host) user=$(part Username) database=$(part Database)
sql() { psql -h "$host" -U "$user" -d "$database" -AtqXc "$1"; }

# Every asset can be reached page by page, and there are as many as the table has rows.
rows=$(sql 'SELECT count(*) FROM assets')
seen=0 cursor=
while :; do
  page=$(ask --fail-with-body "$url/api/v1/assets?limit=200${cursor:+&cursor=$cursor}")
  seen=$((seen + $(jq '.items | length' <<<"$page")))
  cursor=$(jq -r '.next // empty | @uri' <<<"$page")
  [ -n "$cursor" ] || break
done
[ "$seen" = "$rows" ] || { echo "the Api shows $seen assets, the table has $rows"; exit 1; }
# The newest asset, with all that hangs on it.
newest=$(sql 'SELECT id FROM assets ORDER BY created_at DESC LIMIT 1')
if [ -n "$newest" ]; then
  for part in '' /valuations /compliance-records /evidence /operations; do
    ask --fail-with-body "$url/api/v1/assets/$newest$part" >/dev/null || { echo "GET /api/v1/assets/$newest$part failed"; exit 1; }
  done
fi
# A write must not get through.
code=$(ask -o /dev/null -w '%{http_code}' -d '{"name":"must not be","value":1}' "$url/api/v1/assets")
if [ "$code" -lt 400 ] || [ "$(sql 'SELECT count(*) FROM assets')" != "$rows" ]; then
  echo "a write to the copy was answered with $code"
  exit 1
fi
echo "$seen assets page by page, the newest with its parts; a write was refused with $code"
