#!/usr/bin/env bash
# Starts src/Dynamo.Build, which does everything: ./build.sh --help lists what.
exec dotnet run --project "$(dirname "${BASH_SOURCE[0]}")/src/Dynamo.Build" -- "$@"
