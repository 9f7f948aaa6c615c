# Sourced by the tests that have nginx in front of a server, once there is a $folder with server.pem and server.key.
PATH=$PATH:/usr/sbin

# front NAME LINE…: nginx, with these lines for its one server, over TLS. $front is its port. Not within a check, whose children
# nobody would end.
front() {
  local name=$folder/$1
  shift
  front=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  mkdir -p "$name"
  printf '%s\n' 'daemon off;' 'error_log stderr;' "pid $name/pid;" 'events {}' 'http {' "access_log $name/access;" \
    "client_body_temp_path $name/body; proxy_temp_path $name/proxy; fastcgi_temp_path $name/f; uwsgi_temp_path $name/u; scgi_temp_path $name/s;" \
    'server {' "listen 127.0.0.1:$front ssl;" "ssl_certificate $folder/server.pem;" "ssl_certificate_key $folder/server.key;" \
    'client_max_body_size 1m;' "$@" '}' '}' >"$name/conf"
  nginx -c "$name/conf" >"$name/log" 2>&1 &
  children+=("$!")
  await 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/$front" || fail "nginx does not start: $(cat "$name/log")"
}
