#!/bin/sh
# Builds build/demo-service.tar.gz: ./build.sh [VERSION]. The build is reproducible.
set -eu
cd "$(dirname "$0")"
version=${1:-1.0.0}
case $version in
  '' | *[!0-9A-Za-z.+~-]*) echo "build.sh: \"$version\" is not a version; use one such as 1.0.0" >&2 && exit 2 ;;
esac

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/demo-service"
cp package/democtl package/server.mjs package/server.py "$stage/demo-service"
echo "$version" > "$stage/demo-service/VERSION"
chmod 755 "$stage/demo-service/democtl"
chmod 644 "$stage/demo-service/VERSION" "$stage/demo-service/server.mjs" "$stage/demo-service/server.py"
TZ=UTC0 touch -t 200001010000.00 "$stage"/demo-service/*

# Sort the names and omit user and time, so that the build is reproducible.
case $(tar --version) in
  *"GNU tar"*) owner='--owner=0 --group=0 --numeric-owner' ;;
  *) owner='--uid 0 --gid 0 --numeric-owner' ;;
esac
mkdir -p build
# shellcheck disable=SC2086 # several options in one variable
tar -C "$stage" --format ustar $owner -cf "$stage/demo-service.tar" \
  demo-service/VERSION demo-service/democtl demo-service/server.mjs demo-service/server.py
gzip -9 -n -c "$stage/demo-service.tar" > build/demo-service.tar.gz.new
mv build/demo-service.tar.gz.new build/demo-service.tar.gz
echo "build/demo-service.tar.gz: demo-service $version, $(wc -c < build/demo-service.tar.gz | tr -d ' ') bytes"
