#!/bin/sh
# Sees to it that the browser tests find a Chromium; where that cannot be, they skip, and this says so.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
packages="chromium fonts-noto-cjk"
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        as_root=none
    fi
    if [ "$as_root" != none ]; then
        echo "Installing $packages for the browser tests ..."
        # shellcheck disable=SC2086
        if $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $packages >/dev/null; then
            exit 0
        fi
    fi
fi
echo "No Chromium here, and it could not be installed: the browser tests are skipped. (apt-get install $packages)"
exit 0
