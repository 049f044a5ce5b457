#!/bin/sh
# `make bench`: sees to Postfix, which is what mailhold is compared with, and runs the measurements (bench/run.py).
set -eu
cd "$(dirname "$0")/.."

if ! [ -x /usr/sbin/postfix ] || ! [ -x /usr/sbin/smtp-source ]; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "Installing Postfix (its own instance on this machine is not started) ..." >&2
		# The package would start a mail server on port 25; the instances of the bench are started by it alone.
		policy=/usr/sbin/policy-rc.d
		if ! [ -e "$policy" ]; then
			printf '#!/bin/sh\nexit 101\n' >"$policy"
			chmod 755 "$policy"
			trap 'rm -f "$policy"' EXIT
		fi
		{
			apt-get -q update &&
				DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends postfix
		} >&2 || echo "Postfix could not be installed." >&2
	else
		echo "Postfix is missing, and only root on a Debian can install it here: apt-get install postfix" >&2
	fi
fi
.venv/bin/python bench/run.py "$@"
