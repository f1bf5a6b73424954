#!/bin/sh
# Takes away what no guest of this golden reads: manuals, translations, and the change logs of packages.
set -eu

cat >/etc/dpkg/dpkg.cfg.d/10-mintmark-slim <<'RULES'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
path-exclude /usr/share/man/*
RULES

find /usr/share/doc -depth -type f ! -name copyright -delete
find /usr/share/doc -depth -type d -empty -delete
find /usr/share/info /usr/share/man -depth -mindepth 1 -delete
find /usr/share/locale -depth -mindepth 1 ! -name locale.alias -delete
