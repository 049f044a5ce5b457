#!/bin/sh
# Sees to it that a program for the tests is here: apt.sh "PROGRAMS, one of which is enough" "PACKAGES" "WHAT SKIPS WITHOUT IT".
# Where root may install packages it does; otherwise the tests skip, and this says so.
PATH=$PATH:/usr/sbin:/usr/local/sbin
for name in $1; do
    command -v "$name" >/dev/null && exit 0
done
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        as_root=none
    fi
    if [ "$as_root" != none ]; then
        echo "Installing $2 for $3 ..."
        # shellcheck disable=SC2086
        if $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $2 >/dev/null; then
            exit 0
        fi
    fi
fi
echo "None of these is here, and none could be installed: $1. Skipped: $3. (apt-get install $2)"
exit 0
