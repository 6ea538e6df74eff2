#!/bin/sh
# The page is there.
test -s "$CHANDLER_PARAM_directory/$CHANDLER_INSTANCE_ID/page.html"
