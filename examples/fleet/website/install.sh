#!/bin/sh
# Installs and updates: the page replaces the one before it in one step.
set -e
place="$CHANDLER_PARAM_directory/$CHANDLER_INSTANCE_ID"
mkdir -p "$place"
cp "$CHANDLER_PACKAGE" "$place/page.new"
mv "$place/page.new" "$place/page.html"
echo "$CHANDLER_EXTENSION $CHANDLER_VERSION is in $place"
