#!/bin/bash
##### You can call this function when the script starts to print the current timestamp and PID.
function job_stop() {
    pid=$(cat /etc/aliyun/main_process_id)
    kill -9 $pid
    now=`date +'%Y-%m-%d %H:%M:%S'`
    echo "[$now][$pid] job_stop"
}

job_stop
if [ $? -ne 0 ]; then
    echo "[$now][$$] job stop failed."
    exit 1
fi
