# Sourced by the tests in bash, once there is a $folder: how a check is counted.
passed=0 failed=0

# check NAME COMMAND…: one test; what it wrote is shown when it fails.
check() {
  local name=$1 result=0
  shift
  set +e
  (set -e; "$@") >"$folder/check" 2>&1
  result=$?
  set -e
  if [ $result -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok     $name"
  else
    failed=$((failed + 1))
    echo "FAILED $name"
    cat "$folder/check"
    for file in out err; do if [ -f "$folder/$file" ]; then head -c 2000 "$folder/$file" | sed "s/^/       $file: /"; fi; done
  fi
}
