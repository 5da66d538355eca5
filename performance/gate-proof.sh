#!/usr/bin/env bash
# Is the gate to be trusted? In a clone of this repository, changes that change nothing must pass, and a build slowed by some
# microseconds a request must fail. Each is a commit of its own, judged by performance/gate.sh as in CI.
#   performance/gate-proof.sh [equal builds, 4] [slowed builds, 2] [microseconds, 100] [file to which a line is added for each]
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
equal=${1:-4} slowed=${2:-2} microseconds=${3:-100} record=${4:-/dev/null}
clone=${GATE_CLONE:-$(mktemp -d /tmp/gate-proof.XXXXXX)}
[ -n "${GATE_CLONE:-}" ] || trap 'rm -rf "$clone"' EXIT
[ -d "$clone/repository" ] || git clone --quiet . "$clone/repository" || exit 1
export GATE_CACHE=$clone/built
cd "$clone/repository" || exit 1
base=$(git rev-parse HEAD)
wrong=0

judge() { # what, exit code that is right
  local began=$SECONDS code said
  git -c user.name=proof -c user.email=proof@example.com commit --quiet --all --message="$1"
  said=$(performance/gate.sh 2>&1)
  code=$?
  echo "$said"
  printf '| %s | %s | %s | %s | %d s |\n' "$1" "$code" "$([ "$code" = "$2" ] && echo right || echo WRONG)" "$(grep -E '^(No regression|Proved)' <<<"$said" | paste -sd ' ')" $((SECONDS - began)) | tee -a "$record"
  [ "$code" = "$2" ] || wrong=1
  git reset --quiet --hard "$base"
}
for i in $(seq "$equal"); do
  echo "// nothing, $i" >>CardanoRwa.Api/Program.cs
  judge "equal" 0
done
for i in $(seq "$slowed"); do
  sed -i "s|^app.UseServerTiming();|app.Use(static async (context, next) => { var until = System.Diagnostics.Stopwatch.GetTimestamp() + System.Diagnostics.Stopwatch.Frequency * $microseconds / 1000000; while (System.Diagnostics.Stopwatch.GetTimestamp() < until) { } await next(context); });\n&|" CardanoRwa.Api/Program.cs
  judge "slowed by $microseconds microseconds a request" 4
done
exit "$wrong"
