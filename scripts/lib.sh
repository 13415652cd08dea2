# Shared by the scripts of this directory: . "$(dirname "$0")/lib.sh"
#
# POSIX sh.  The functions print what they do to stderr; die ends the script.
# shellcheck shell=sh disable=SC2034

# What the build needs, what the end-to-end tests need, what the roots of the servers need.
PKGS_BUILD="autoconf automake pkg-config gcc libc6-dev make libexpat1-dev libssl-dev libevent-dev
	libsqlite3-dev libconfuse-dev libidn-dev libstrophe-dev libcmocka-dev"
PKGS_E2E="python3 python3-pytest python3-slixmpp python3-seccomp profanity tmux procps util-linux iproute2 openssl"
PKGS_ROOTS="debootstrap debian-archive-keyring util-linux"

# Made once, shared by every checkout, outside the source tree.
CACHE=${POLYPRESENCE_CACHE:-/var/cache/polypresence}

say()
{
	printf '%s\n' "${0##*/}: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

# Run a command as root: directly, or through sudo.
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "this needs root, and sudo is not installed"
	fi
}

# Start the calling script again as root; the environment that matters is kept.
# Usage: become_root "$@"
become_root()
{
	[ "$(id -u)" -eq 0 ] && return 0
	command -v sudo >/dev/null || die "this needs root, and sudo is not installed"
	exec sudo env ${POLYPRESENCE_CACHE+"POLYPRESENCE_CACHE=$POLYPRESENCE_CACHE"} "$0" "$@"
}

# The packages of the arguments that are not installed, on one line.
pkgs_missing()
{
	for pkg in "$@"; do
		dpkg-query -W -f '${Status}' "$pkg" 2>/dev/null | grep -q ' ok installed$' ||
			printf '%s ' "$pkg"
	done
}

# Install what is missing of the arguments.  Nothing is asked, nothing beyond is pulled in.
pkgs_install()
{
	missing=$(pkgs_missing "$@")
	[ -n "$missing" ] || return 0
	say "installing: $missing"
	# shellcheck disable=SC2086
	{
		apt_quietly install $missing && return 0
		apt_quietly update && apt_quietly install $missing
	} || die "apt could not install: $missing"
}

apt_quietly()
{
	apt_log=$(mktemp) || return 1
	apt_status=0
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 "$@" >"$apt_log" 2>&1 </dev/null || apt_status=$?
	[ "$apt_status" -eq 0 ] || tail -n 20 "$apt_log" >&2
	rm -f "$apt_log"
	return "$apt_status"
}

# The Debian archive that this system itself uses, from whatever form its sources have
# (one-line or deb822: apt reads them for us); nothing when there is none.
# shellcheck disable=SC2016
debian_mirror()
{
	apt-get indextargets --format '$(CREATED_BY)|$(ORIGIN)|$(LABEL)|$(REPO_URI)' 2>/dev/null |
	awk -F'|' '
		$1 != "Packages" || $4 !~ /^(https?|file):/ { next }
		$2 == "Debian" && $3 == "Debian" { print 1, $4 }
		$2 == "" && $4 ~ /\/debian\/?$/ { print 2, $4 }		# lists never fetched
	' | sort -s -k1,1n | sed -n '1s/^. //p'
}
