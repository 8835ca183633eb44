# Starts src/Dynamo.Build, which does everything: ./build.ps1 --help lists what.
dotnet run --project (Join-Path $PSScriptRoot src/Dynamo.Build) -- @args
exit $LASTEXITCODE
