#!/usr/bin/env bash
# How fast minting is, in a release build: 10,000 operations drained, and 600 requests at 20 a second until the chain took them. Blocks every second.
#   performance/minting.sh
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build CardanoRwa.Tests -c Release -v quiet -clp:NoSummary
RWA_CAMPAIGN=1 dotnet test CardanoRwa.Tests -c Release --no-build --filter 'FullyQualifiedName~Minting.Throughput' --logger 'console;verbosity=detailed' | grep -E 'operations,|requests,|Passed|Failed|error'
uptime
