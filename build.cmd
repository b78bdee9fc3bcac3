@echo off
rem Builds, tests and demonstrates RawEcho on Windows. build.sh is its twin for Linux and macOS.
setlocal
set "root=%~dp0"
set "out=%root%out"
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set DOTNET_NOLOGO=1

where dotnet >nul 2>nul || (
    echo build.cmd: the .NET 10 SDK is needed, and 'dotnet' is not on the PATH: see https://dot.net/download 1>&2
    exit /b 1
)
pushd "%root%" && dotnet --version >nul 2>nul || (
    echo build.cmd: the .NET 10 SDK is needed, and 'dotnet --version' fails here. It says: 1>&2
    dotnet --version 1>&2
    popd
    exit /b 1
)
popd

if "%~1"=="" goto build
if /i "%~1"=="build" goto build
if /i "%~1"=="test" goto test
if /i "%~1"=="demo" goto demo
if /i "%~1"=="soak" goto soak
if /i "%~1"=="certs" goto certs
if /i "%~1"=="pack" goto pack
if /i "%~1"=="help" goto usage
echo build.cmd: unknown command '%~1' 1>&2
call :usage
exit /b 2

:usage
echo Usage: build.cmd [build ^| test ^| demo ^| soak ^| certs ^| pack ^| help]
echo   build   compile everything; the programs lie in out\ (the default)
echo   test    build, then run all tests
echo   demo    server and 64 clients for ten seconds over mutual TLS, every byte verified; both watched, and compared at the end
echo   soak    churn, load and faults together; it reads /proc, so it says that it runs on Linux alone
echo   certs   make the development certificates in certs\dev, where there are none
echo   pack    build, then make the packages in artifacts\packages: the two libraries, and the programs as .NET tools
exit /b 0

:compile
echo Building. The first time takes some two minutes on two cores; each project is named when it is done.
dotnet build "%root%RawEcho.sln" -c Release -v:m --nologo -tl:off "-clp:NoSummary" || exit /b 1
for %%p in (Server Client Diagnostics certs) do (
    dotnet publish "%root%%%p" -c Release --no-build -v:q --nologo -tl:off "-clp:NoSummary;ErrorsOnly" -o "%out%" || exit /b 1
)
if not exist "%root%certs\dev\ca.pem" "%out%\rawecho-certs.exe" create --dir "%root%certs\dev" || exit /b 1
exit /b 0

:build
call :compile || exit /b 1
echo Built: out\rawecho-server.exe, out\rawecho-client.exe, out\rawecho-diagnostics.exe, out\rawecho-certs.exe
exit /b 0

:certs
if not exist "%out%\rawecho-certs.exe" goto build
if not exist "%root%certs\dev\ca.pem" "%out%\rawecho-certs.exe" create --dir "%root%certs\dev" || exit /b 1
exit /b 0

:pack
call :compile || exit /b 1
if exist "%root%artifacts\packages" rmdir /s /q "%root%artifacts\packages"
dotnet pack "%root%RawEcho.sln" -c Release --no-build -v:q --nologo -tl:off "-clp:NoSummary;ErrorsOnly" || exit /b 1
for %%f in ("%root%artifacts\packages\*.nupkg") do echo artifacts\packages\%%~nxf
exit /b 0

:soak
call :compile || exit /b 1
dotnet "%root%tests\Soak\bin\Release\net10.0\rawecho-soak.dll" %2 %3 %4 %5 %6 %7
exit /b %errorlevel%

:test
call :compile || exit /b 1
set failed=0
for /d %%d in ("%root%tests\*Tests") do (
    for %%f in ("%%d\*.csproj") do (
        echo --- %%~nf
        dotnet "%%d\bin\Release\net10.0\%%~nf.dll" --progress off || set failed=1
    )
)
exit /b %failed%

:demo
call :compile || exit /b 1
rem cmd cannot ask a process to stop in order, so the server is told beforehand how long to run.
set "log=%TEMP%\rawecho-demo-%RANDOM%.log"
start "" /b "%out%\rawecho-server.exe" --listen 127.0.0.1:7443 --duration 14s >"%log%" 2>&1 <nul
for /l %%i in (1,1,20) do findstr /b /c:"Listening on" "%log%" >nul 2>nul || ping -n 2 127.0.0.1 >nul
echo --- client: 64 clients, 10 s, messages of 1 to 100 bytes
if not exist "%root%artifacts" mkdir "%root%artifacts"
set "comparison=%TEMP%\rawecho-demo-%RANDOM%-comparison.log"
start "" /b cmd /c "ping -n 3 127.0.0.1 >nul & "%out%\rawecho-diagnostics.exe" record --force -o "%root%artifacts\demo.jsonl" --duration 7s rawecho-server rawecho-client >"%comparison%" 2>&1 <nul"
"%out%\rawecho-client.exe" --server 127.0.0.1:7443 --clients 64 --duration 10s <nul
set code=%errorlevel%
for /l %%i in (1,1,20) do findstr /b /c:"Ran for" "%log%" >nul 2>nul || ping -n 2 127.0.0.1 >nul
echo --- server
findstr /v /r /c:"^Client connection .* accepted (" "%log%"
echo --- server and client compared (rawecho-diagnostics; recording: artifacts\demo.jsonl)
type "%comparison%"
del "%log%" "%comparison%" >nul 2>nul
echo.
if not "%code%"=="0" echo Demo FAILED: rawecho-client ended with %code%. What the codes mean: docs/command-line.md
if "%code%"=="0" echo Demo passed: 64 clients, and every echo was what had been sent.
exit /b %code%
