# Sourced by the tests that go by way of proxies, after mote.bash: real ones, each on a $port of 127.0.0.1.
PATH=$PATH:/usr/sbin

is_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# free_port: a port of 127.0.0.1 on which nobody listens, in $port.
free_port() {
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    if ! is_open "$port"; then return; fi
  done
  fail 'no free port'
}
# http_proxy NAME LINE…: a tinyproxy on $port, whose log is $folder/NAME.log.
http_proxy() {
  local name=$folder/$1
  shift
  free_port
  printf '%s\n' "Port $port" 'Listen 127.0.0.1' "LogFile \"$name.log\"" 'LogLevel Connect' 'Allow 127.0.0.1' 'Timeout 60' "$@" \
    >"$name.conf"
  tinyproxy -d -c "$name.conf" >"$name.out" 2>&1 &
  children+=($!)
  await 10 is_open "$port" || fail "tinyproxy does not start: $(cat "$name.out")"
}
# socks_proxy NAME OPTION…: a microsocks on $port.
socks_proxy() {
  local name=$folder/$1
  shift
  free_port
  microsocks -i 127.0.0.1 -p "$port" "$@" >"$name.log" 2>&1 &
  children+=($!)
  await 10 is_open "$port" || fail "microsocks does not start: $(cat "$name.log")"
}
# Some will not be root: $user is who they are, as `"${plainly[@]}" COMMAND…` runs it.
user=$(id -un) plainly=(env)
if [ "$(id -u)" -eq 0 ]; then
  user=nobody plainly=(setpriv --reuid nobody --regid nogroup --clear-groups)
  chmod 711 "$folder"
fi
# squid_proxy NAME: a squid that wants somebody's password and does not let port 25 through; its log is $folder/NAME/log.
squid_proxy() {
  local name=$folder/$1
  mkdir "$name"
  free_port
  echo "somebody:$(openssl passwd -apr1 s3cretWord)" >"$name/users"
  printf '%s\n' "http_port 127.0.0.1:$port" 'pid_filename none' "coredump_dir $name" "access_log stdio:$name/log" \
    "cache_log $name/out" 'logfile_rotate 0' 'cache deny all' 'pinger_enable off' 'netdb_filename none' 'visible_hostname localhost' \
    'shutdown_lifetime 0 seconds' "auth_param basic program /usr/lib/squid/basic_ncsa_auth $name/users" \
    'acl known proxy_auth REQUIRED' 'acl mail port 25' 'http_access deny !known' 'http_access deny mail' 'http_access allow all' \
    >"$name/conf"
  chown -R "$user" "$name"
  "${plainly[@]}" squid -n "mote$port" -N -f "$name/conf" >"$name/err" 2>&1 &
  children+=($!)
  await 20 is_open "$port" || fail "squid does not start: $(cat "$name/err" "$name/out")"
}
# ssh_proxy NAME: the SOCKS server of an ssh client, to an sshd of this test's own, which is fetched and not installed: a machine
# where it is would let others in.
ssh_proxy() {
  local name=$folder/$1 architecture root server
  architecture=$(dpkg --print-architecture)
  root=.build/sysroot-$architecture
  Embedded/scripts/foreign-package "$architecture" openssh-server libwrap0
  mkdir "$name"
  cp "$root/usr/sbin/sshd" "$root"/usr/lib/*/libwrap.so.0 "$name"
  ssh-keygen -q -t ed25519 -N '' -f "$name/host"
  ssh-keygen -q -t ed25519 -N '' -f "$name/key"
  free_port
  server=$port
  printf '%s\n' "Port $server" 'ListenAddress 127.0.0.1' "HostKey $name/host" 'PidFile none' "AuthorizedKeysFile $name/key.pub" \
    'StrictModes no' 'PasswordAuthentication no' 'KbdInteractiveAuthentication no' 'UsePAM yes' >"$name/conf"
  echo "[127.0.0.1]:$server $(cut -d ' ' -f 1,2 "$name/host.pub")" >"$name/known"
  chown -R "$user" "$name"
  LD_LIBRARY_PATH=$name "${plainly[@]}" "$name/sshd" -D -e -f "$name/conf" >"$name.out" 2>&1 &
  children+=($!)
  await 10 is_open "$server" || fail "sshd does not start: $(cat "$name.out")"
  free_port
  "${plainly[@]}" ssh -F none -N -D "127.0.0.1:$port" -p "$server" -i "$name/key" -o ExitOnForwardFailure=yes -o BatchMode=yes \
    -o "UserKnownHostsFile=$name/known" -o IdentitiesOnly=yes "$user@127.0.0.1" >"$name.log" 2>&1 &
  children+=($!)
  await 10 is_open "$port" || fail "ssh does not start: $(cat "$name.log" "$name.out")"
}
