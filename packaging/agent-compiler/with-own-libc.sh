#!/bin/sh
# Starts the agent with the C library beside it, on systems without glibc (Alpine, busybox).
here=$(dirname "$(readlink -f "$0")") || exit 1
lib=$here/../lib
for loader in "$lib"/ld-linux-*.so.*; do
  exec "$loader" --library-path "$lib" "$here/chandler-agent.elf" "$@"
done
