@echo off
rem Builds, tests and demonstrates RawEcho on Windows. build.sh is its twin for Linux and macOS.
rem Failures are asked for with "if errorlevel 1", which counts at the moment it is reached, in blocks too.
setlocal
set "root=%~dp0"
set "out=%root%out"
set quiet=-v:q --nologo -tl:off "-clp:NoSummary;ErrorsOnly" -nr:false
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set DOTNET_NOLOGO=1
set MSBUILDDISABLENODEREUSE=1

if "%~1"=="" goto build
if /i "%~1"=="build" goto build
if /i "%~1"=="test" goto test
if /i "%~1"=="demo" goto demo
if /i "%~1"=="bench" goto linux
if /i "%~1"=="soak" goto linux
if /i "%~1"=="certs" goto certs
if /i "%~1"=="native" goto untried
if /i "%~1"=="pack" goto pack
if /i "%~1"=="archive" goto untried
if /i "%~1"=="deb" goto untried
if /i "%~1"=="container" goto untried
if /i "%~1"=="help" goto usage
if /i "%~1"=="-h" goto usage
if /i "%~1"=="--help" goto usage
echo build.cmd: unknown command '%~1' 1>&2
call :usage 1>&2
exit /b 2

:usage
echo Usage: build.cmd [build ^| test ^| demo ^| certs ^| pack ^| help]
echo   build   compile everything; the programs lie in out\ (the default)
echo   test    build, then run all tests
echo   demo    server and 64 clients for ten seconds over mutual TLS, every byte verified; both watched, and compared at the end
echo   certs   make the development certificates in certs\dev, where there are none
echo   pack    build, then make the packages in artifacts\packages: the two libraries, and the programs as .NET tools
exit /b 0

:linux
echo build.cmd: '%~1' runs on Linux alone: it reads /proc, and compares with programs that are compiled there. 1>&2
exit /b 2

:untried
echo build.cmd: '%~1' is made on Linux alone: native executables of Windows were not tried yet. 1>&2
exit /b 2

:require_sdk
set "sdk="
for %%d in (dotnet.exe) do if not "%%~$PATH:d"=="" set "sdk=%%~$PATH:d"
if "%sdk%"=="" (
    echo build.cmd: the .NET 10 SDK is needed, and 'dotnet' is not on the PATH: see https://dot.net/download 1>&2
    exit /b 1
)
pushd "%root%"
dotnet --version >nul 2>nul
if errorlevel 1 (
    echo build.cmd: the .NET 10 SDK is needed, and 'dotnet --version' fails here. It says: 1>&2
    dotnet --version 1>&2
    popd
    exit /b 1
)
popd
exit /b 0

:compile
call :require_sdk
if errorlevel 1 exit /b 1
echo Restoring packages ...
dotnet restore "%root%RawEcho.sln" %quiet%
if errorlevel 1 exit /b 1
echo Building (the first time takes some two minutes on two cores) ...
dotnet build "%root%RawEcho.sln" -c Release --no-restore -v:m --nologo -tl:off "-clp:NoSummary" -nr:false
if errorlevel 1 exit /b 1
for %%p in (Server Client Diagnostics certs) do (
    dotnet publish "%root%%%p" -c Release --no-build %quiet% -o "%out%"
    if errorlevel 1 exit /b 1
)
rem From the definitions of the commands and options, by the programs themselves.
if not exist "%out%\man" mkdir "%out%\man"
for %%n in (server client diagnostics certs) do (
    "%out%\rawecho-%%n.exe" man >"%out%\man\rawecho-%%n.1"
    if errorlevel 1 exit /b 1
)
call :development
if errorlevel 1 exit /b 1
exit /b 0

:development
if exist "%root%certs\dev\ca.pem" exit /b 0
"%out%\rawecho-certs.exe" create --dir "%root%certs\dev"
if errorlevel 1 exit /b 1
exit /b 0

:build
call :compile
if errorlevel 1 exit /b 1
echo Built: out\rawecho-server.exe, out\rawecho-client.exe, out\rawecho-diagnostics.exe, out\rawecho-certs.exe
exit /b 0

:certs
if not exist "%out%\rawecho-certs.exe" goto build
call :development
if errorlevel 1 exit /b 1
exit /b 0

:pack
call :compile
if errorlevel 1 exit /b 1
if exist "%root%artifacts\packages" rmdir /s /q "%root%artifacts\packages"
dotnet pack "%root%RawEcho.sln" -c Release --no-build %quiet%
if errorlevel 1 exit /b 1
for %%f in ("%root%artifacts\packages\*.nupkg") do echo artifacts\packages\%%~nxf
exit /b 0

:test
call :compile
if errorlevel 1 exit /b 1
set "failed="
set ran=0
pushd "%root%tests"
for /d %%d in (*Tests) do call :run_tests %%d
popd
if "%ran%"=="0" set "failed= every project: none was found"
if not "%failed%"=="" (
    echo Tests FAILED in%failed%
    exit /b 1
)
echo All tests passed.
exit /b 0

:run_tests
echo --- %1
set ran=1
dotnet "%1\bin\Release\net10.0\%1.dll" --progress off --no-ansi
if errorlevel 1 set "failed=%failed% %1"
exit /b 0

:demo
call :compile
if errorlevel 1 exit /b 1
rem cmd cannot ask a process to stop in order, so the server is told beforehand how long to run.
set "log=%TEMP%\rawecho-demo-%RANDOM%.log"
set "comparison=%TEMP%\rawecho-demo-%RANDOM%-comparison.log"
if not exist "%root%artifacts" mkdir "%root%artifacts"
start "" /b "%out%\rawecho-server.exe" --listen 127.0.0.1:0 --duration 16s >"%log%" 2>&1 <nul
set "address="
for /l %%i in (1,1,20) do call :find_address
if "%address%"=="" (
    echo build.cmd: the server did not start: 1>&2
    type "%log%" 1>&2
    exit /b 1
)
echo --- client: 64 clients, 10 s, messages of 1 to 100 bytes
start "" /b cmd /c "ping -n 3 127.0.0.1 >nul & "%out%\rawecho-diagnostics.exe" record --force -o "%root%artifacts\demo.jsonl" --duration 7s rawecho-server rawecho-client >"%comparison%" 2>&1 <nul"
"%out%\rawecho-client.exe" --server %address% --clients 64 --duration 10s <nul
set code=%errorlevel%
for /l %%i in (1,1,20) do call :wait_for "Ran for"
echo.
echo --- server
findstr /v /r /c:"^Client connection .* accepted (" "%log%"
echo.
echo --- server and client compared (rawecho-diagnostics; recording: artifacts\demo.jsonl)
type "%comparison%"
echo.
set "failed="
if not "%code%"=="0" set "failed= rawecho-client ended with %code%;"
findstr /c:"Ran for" "%log%" >nul 2>nul
if errorlevel 1 set "failed=%failed% rawecho-server did not end in order;"
findstr /c:"CPU, of one core" "%comparison%" >nul 2>nul
if errorlevel 1 set "failed=%failed% rawecho-diagnostics compared nothing;"
del "%log%" "%comparison%" >nul 2>nul
if not "%failed%"=="" (
    echo Demo FAILED:%failed% what the codes mean: docs/command-line.md
    exit /b 1
)
echo Demo passed: 64 clients, and every echo was what had been sent.
exit /b 0

:find_address
if not "%address%"=="" exit /b 0
for /f "tokens=3" %%a in ('findstr /b /c:"Listening on" "%log%" 2^>nul') do set "address=%%a"
if "%address%"=="" ping -n 2 127.0.0.1 >nul
exit /b 0

:wait_for
findstr /b /c:"%~1" "%log%" >nul 2>nul
if errorlevel 1 ping -n 2 127.0.0.1 >nul
exit /b 0
