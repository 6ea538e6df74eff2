#!/bin/bash
#######  Notes on the installation script template for a single-process software package  #########
#1. This script runs in the root directory by default. For Linux, the default directory is /root.
#2. After the software is successfully installed, the remote download path is deleted by default.
#3. We recommend that you add your custom logic in the job_start function.
#4. You must store the process ID of the software package in the specified path.

#######  error code specification  #########
# Please update this documentation if new error codes are added.
# 1   => Installation failed.
# 2   => Health check failed.
# 3   => Failed to record process ID.
# 4   => User shell script failed.

function user_shell() {
    # Custom installation script START
    $nohup sleep 1000000000 > /demo.log 2>&1 &
    # Custom installation script END
}

##### You can call this function when the script starts to print the timestamp and PID and record the process ID to the specified path.
function job_start() {
    user_shell
    if [ $? -ne 0 ]; then
        exit4
    else
        # Do not delete this constraint.
        now=$(date +'%Y-%m-%d %H:%M:%S')
        pid=$!
        echo "[$now][$pid] job_start"
        pidPath="/etc/aliyun"
        if [ ! -d $pidPath ]; then
            mkdir -p /etc/aliyun
            echo "Create the PID storage path: $pidPath"
        fi
        echo "$pid" > "$pidPath/main_process_id"
        if [ $? -ne 0 ]; then
            exit3
        fi
    fi
}

##### In this function, check whether the service is running. For example, you can check the process or run a curl command to an HTTP address.
function check_health() {
    now=$(date +'%Y-%m-%d %H:%M:%S')
    echo "[$now][$$] check_health"
}

function exit1() {
  echo "exit code 1, install fail"
  exit 1
}

function exit2() {
  echo "exit code 2, check health fail"
  exit 2
}

function exit3() {
  echo "exit code 3, record process id fail"
  exit 3
}

function exit4() {
  echo "exit code 4, user shell fail"
  exit 4
}


##### A return value of 0 indicates success. A non-zero value indicates failure.
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

##### OOS automatically records logs for triggered executions.
main
