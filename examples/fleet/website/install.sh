#!/bin/sh
# Installs and updates: the page replaces the one before it in one step.
set -e
mkdir -p /srv/website
cp "$CHANDLER_PACKAGE" /srv/website/page.new
mv /srv/website/page.new /srv/website/page.html
echo "$CHANDLER_EXTENSION $CHANDLER_VERSION is in /srv/website"
