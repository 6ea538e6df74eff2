import type { ScriptKind } from '../../../../../../src/core/extension/extension.ts'
import type { OsFamily } from '../../../../../../src/core/instance/facts.ts'

type Templates = Readonly<Record<Extract<ScriptKind, 'install' | 'uninstall'>, string>>

/** Initial scripts of a configuration; authors edit `user_shell`. */
export const findScriptTemplates = (os: OsFamily): Templates => (os === 'linux' ? bash : powershell)

/** An unedited script. */
export const isScriptTemplate = (text: string): boolean =>
  [bash, powershell].some(({ install, uninstall }) => text === install || text === uninstall)

/**
 * Functions, exit codes and PID file of the document that Chandler implements. Each extension has
 * its own folder for the PID file: uninstalling one must not end the process of another.
 */
const bash: Templates = {
  install: `#!/bin/bash
####### Installs a package that runs as one process #######
# 1. The agent runs this script as root in a temporary folder, and deletes the folder and the package afterwards. Copy the files that you need.
# 2. "$CHANDLER_PACKAGE" is the package file, "$CHANDLER_PARAM_port" the value of a parameter named port.
# 3. Edit user_shell to install your software, and check_health to verify the service.
# 4. job_start records the process ID for the uninstall script.

####### Exit codes #######
# 1 => the installation failed
# 2 => the health check failed
# 3 => the process ID could not be recorded
# 4 => user_shell failed

function user_shell() {
    # Your installation START
    home="/opt/$CHANDLER_EXTENSION"
    mkdir -p "$home" && cp "$CHANDLER_PACKAGE" "$home/" || return 1
    cd "$home" || return 1
    nohup java -jar "$(basename "$CHANDLER_PACKAGE")" > "$home/output.log" 2>&1 < /dev/null &
    # Your installation END
}

##### Starts the process and records its ID. #####
function job_start() {
    user_shell
    if [ $? -ne 0 ]; then
        exit4
    fi
    pid=$!
    echo "[$(date +'%Y-%m-%d %H:%M:%S')][$pid] job_start"
    pidPath="/etc/aliyun/$CHANDLER_EXTENSION"
    mkdir -p "$pidPath" && echo "$pid" > "$pidPath/main_process_id"
    if [ $? -ne 0 ]; then
        exit3
    fi
}

##### Health check: inspect the process or query the service, for example with curl -fsS http://127.0.0.1:8080/health #####
function check_health() {
    echo "[$(date +'%Y-%m-%d %H:%M:%S')][$$] check_health"
    sleep 1
    kill -0 "$pid"
}

function exit1() {
    echo "exit code 1, installation failed"
    exit 1
}

function exit2() {
    echo "exit code 2, health check failed"
    exit 2
}

function exit3() {
    echo "exit code 3, process ID not recorded"
    exit 3
}

function exit4() {
    echo "exit code 4, user_shell failed"
    exit 4
}

##### Exit code 0 means success, any other code means failure. #####
function main() {
    job_start
    if [ $? -ne 0 ]; then
        exit1
    fi
    check_health
    if [ $? -ne 0 ]; then
        exit2
    fi
}

main
`,
  uninstall: `#!/bin/bash
####### Stops the process that the install script started, and removes its files #######

pidPath="/etc/aliyun/$CHANDLER_EXTENSION"

function job_stop() {
    pid=$(cat "$pidPath/main_process_id") || return 1
    # The process may have ended already.
    kill -9 "$pid" 2> /dev/null
    echo "[$(date +'%Y-%m-%d %H:%M:%S')][$pid] job_stop"
    rm -rf "$pidPath" "/opt/$CHANDLER_EXTENSION"
}

job_stop
if [ $? -ne 0 ]; then
    echo "[$(date +'%Y-%m-%d %H:%M:%S')][$$] job_stop failed"
    exit 1
fi
`,
}

const powershell: Templates = {
  install: `# The agent runs this script in a temporary folder, and deletes the folder and the package afterwards. Copy the files that you need.
# $env:CHANDLER_PACKAGE is the package file, $env:CHANDLER_PARAM_port the value of a parameter named port.
$ErrorActionPreference = 'Stop'
$target = Join-Path $env:ProgramFiles $env:CHANDLER_EXTENSION
New-Item -ItemType Directory -Force -Path $target | Out-Null
Copy-Item -Path $env:CHANDLER_PACKAGE -Destination $target -Force
`,
  uninstall: `$ErrorActionPreference = 'Stop'
$target = Join-Path $env:ProgramFiles $env:CHANDLER_EXTENSION
if (Test-Path $target) { Remove-Item -Recurse -Force -Path $target }
`,
}
