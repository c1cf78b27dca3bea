#!/usr/bin/env bash
# The real units in a booted Debian: a minimal one is made with debootstrap and
# started with systemd-nspawn, keyd is installed in it, and a key is made,
# verified, also over HTTP, kept over a restart and revoked.  For ./tests/run --long, as root.
#
#   booted.sh BUILD-FOLDER
set -eu
build=$(realpath "$1")
mirror=$(sed -nE 's,^(URIs:|deb) +(\[[^]]*\] +)?(https?://[^ ]+).*,\3,p' \
	/etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
libraries=libsodium23,liblmdb0,libconfuse2,libbsd0,libjansson4,libsmartcols1
libraries=$libraries,libmicrohttpd12,curl
root=$(mktemp -d /tmp/keyd.booted.XXXXXX)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root" # it is the / of others in there

story() {
	cat <<'STORY'
#!/bin/bash
# Each line of the log that begins with "wrong" is a fault.
exec >/root/log 2>&1
wrong() { echo "wrong: $*"; }
ctl=/usr/local/sbin/keydctl
systemd-sysusers && ldconfig
echo 'metrics = { "keyd-http" }' >/etc/keyd.conf
systemctl start keyd.socket keyd-admin.socket
[ "$(stat -c '%a %U' /run/keyd/verify.sock)" = '666 root' ] || wrong verify.sock
[ "$(stat -c '%a %G' /run/keyd/admin.sock)" = '660 keyd-admin' ] ||
	wrong admin.sock
$ctl org add acme --rate 60000 --burst 10 &&
	$ctl member add acme alice --role editor || wrong people
$ctl create --org acme --user alice --name ci >/root/token || wrong create
$ctl verify </root/token || wrong verify
printf 'Authorization: Bearer %s\n' "$(cat /root/token)" >/root/header
systemctl start keyd-http.socket
sock=/run/keyd-http/http.sock
[ "$(stat -c '%a %G' $sock)" = '660 keyd-http' ] || wrong http.sock
ask="curl -s --unix-socket $sock"
code="$ask -o /dev/null -w %{http_code}"
[ "$($code -H @/root/header http://x/auth?permission=tests:run)" = 200 ] ||
	wrong auth
[ "$($code http://x/auth)" = 401 ] || wrong auth without a token
$ask http://x/metrics | grep -qx 'keyd_up 1' || wrong metrics
setpriv --reuid 1234 --regid 1234 --clear-groups $ask http://x/healthz &&
	wrong http by a stranger
pid=$(systemctl show -p MainPID --value keyd-http)
[ "$(stat -c %U "/proc/$pid")" = keyd-http ] || wrong the user of keyd-http
systemctl restart keyd || wrong restart
[ "$($code -H @/root/header http://x/auth)" = 200 ] || wrong auth after a restart
$ctl verify </root/token || wrong verify after a restart
chmod 644 /root/token; chmod 711 /root
stranger='setpriv --reuid 1234 --regid 1234 --clear-groups'
$stranger $ctl verify </root/token || wrong verify by a stranger
$stranger $ctl status && wrong status by a stranger
systemctl kill --signal=KILL keyd; sleep 2
$ctl verify </root/token || wrong verify after a kill
$ctl revoke --token --yes </root/token || wrong revoke
$ctl verify </root/token && wrong verify after the revocation
[ "$($code -H @/root/header http://x/auth)" = 401 ] || wrong auth of a revoked key
systemctl stop keyd-http || wrong stop
[ "$(systemctl show -p Result --value keyd-http)" = success ] ||
	wrong the end of keyd-http
systemctl is-active keyd || wrong keyd is not active
[ "$(stat -c '%a %U' /var/lib/keyd)" = '700 keyd' ] || wrong state
journalctl -u keyd -u keyd-http --no-pager
echo told
systemctl poweroff
STORY
}

debootstrap --variant=minbase \
	--include=systemd,systemd-sysv,dbus,"$libraries" \
	bookworm "$root" "$mirror"
make -s -C "$build" install DESTDIR="$root"
story >"$root/root/story"
chmod 755 "$root/root/story"
printf '%s\n' '[Unit]' 'After=dbus.service' '[Service]' 'Type=oneshot' \
	'ExecStart=/root/story' >"$root/etc/systemd/system/story.service"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s ../story.service "$root/etc/systemd/system/multi-user.target.wants/"

timeout 180 systemd-nspawn --quiet --directory="$root" --boot \
	--private-network --register=no --keep-unit \
	--system-call-filter=@memlock </dev/null || true
cat "$root/root/log"
grep -qx told "$root/root/log"
! grep -q '^wrong' "$root/root/log"
