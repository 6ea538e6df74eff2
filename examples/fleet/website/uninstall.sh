#!/bin/sh
rm -rf /srv/website
