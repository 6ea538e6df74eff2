#!/bin/sh
rm -rf "${CHANDLER_PARAM_directory:?}/${CHANDLER_INSTANCE_ID:?}"
