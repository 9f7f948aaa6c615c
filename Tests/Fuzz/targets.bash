# Sourced by what fuzzes: the targets, and their programs in .build/fuzz, which are built anew when something is newer.
. "$(dirname "${BASH_SOURCE[0]}")/../../Embedded/scripts/common.sh"

out=.build/fuzz
# Inputs that end a target badly are kept here, where they are seen.
found=Tests/Fuzz/found
mkdir -p "$out/c" "$out/log"

# Swift's own report of a crash never ends under AddressSanitizer; libFuzzer has one.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=quarantine_size_mb=16

# A target is a file here, in Swift or C.
targets() { (cd Tests/Fuzz && ls -- *.swift *.c) | sed 's/\.[a-z]*$//' | sort; }

# The rooms as a device has them, but for the host, with their checks, and instrumented.
swift_rooms=(MoteBytes MoteJSON MoteMQTT MoteHTTP MoteWebSocket MoteProxy MoteJournal MoteCrypto MoteHub MoteTLS MoteTransport Mote)
c_rooms=(CMoteCrypto CMoteTLS)
swift_flags=(
  -swift-version 6 -package-name mote -parse-as-library -wmo -O -gline-tables-only -sanitize=fuzzer,address
  -strict-memory-safety -warnings-as-errors -enable-experimental-feature Lifetimes
  -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
  -I "$out" "${include_flags[@]}"
)
c_flags=(-std=gnu11 -O1 -g -Wall -Wextra -Wpedantic -Werror "${include_flags[@]}" -ISources/CMoteTLS
  -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
# What targets have in common, and what they borrow from the unit tests.
shared=(Tests/Fuzz/Support/*.swift Tests/Support/Generator.swift Tests/MoteMQTTTests/Wire.swift
  Tests/MoteTests/PlainTLS.swift)

# Whether $1 exists, and nothing after it is newer.
is_fresh() { [ -f "$1" ] && [ -z "$(find "${@:2}" -newer "$1" -type f -print -quit)" ]; }

build_rooms() {
  local room source object stale=
  for room in "${c_rooms[@]}"; do
    for source in "Sources/$room"/*.c; do
      object=$out/$(basename "$source" .c).o
      if is_fresh "$object" "Sources/$room" "${include_folders[@]}" Tests/Fuzz/targets.bash; then continue; fi
      "$swift_tools/clang" "${c_flags[@]}" -c "$source" -o "$object"
    done
  done
  for room in "${swift_rooms[@]}"; do
    object=$out/$room.o
    if [ -z "$stale" ] && is_fresh "$object" "Sources/$room" "${include_folders[@]}" Tests/Fuzz/targets.bash; then
      continue
    fi
    stale=yes
    rm -f "$object"
    swiftc "${swift_flags[@]}" -module-name "$room" -emit-module -emit-module-path "$out/$room.swiftmodule" \
      -c "Sources/$room"/*.swift -o "$object"
  done
}

build_target() {
  local sources=("Tests/Fuzz/$1.swift" "${shared[@]}") objects=("$out"/*.o)
  if is_fresh "$out/$1" "Tests/Fuzz/$1".* "${shared[@]}" "${objects[@]}"; then return; fi
  rm -f "$out/$1"
  if [ -f "Tests/Fuzz/$1.c" ]; then
    "$swift_tools/clang" "${c_flags[@]}" -c "Tests/Fuzz/$1.c" -o "$out/c/$1.o"
    sources=("$out/c/$1.o")
  fi
  swiftc "${swift_flags[@]}" -use-ld=lld -module-name "Fuzz$1" "${sources[@]}" "${objects[@]}" -o "$out/$1" \
    -lmbedtls -lmbedx509 -lmbedcrypto
}

# each JOBS COMMAND NAME…: the command for each name, so many at a time. Whether all succeeded; how many is in $good.
each() {
  local jobs=$1 command=$2 name
  shift 2
  rm -f "$out"/log/*.good
  for name in "$@"; do
    if [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; then wait -n || true; fi
    # With -e, which a condition around the call of this function would switch off.
    (set -e; "$command" "$name"; touch "$out/log/$name.good") &
  done
  wait
  good=$(find "$out/log" -name '*.good' | wc -l)
  [ "$good" -eq $# ]
}

# A program to run a target under.
fixed=()

# fuzz NAME FOLDER [FLAG…]: runs a target, which keeps what it learns in FOLDER and begins with its seeds. One line of
# how it went; after a bad end, also why, and which input.
fuzz() {
  local name=$1 folder=$2 seeds=Tests/Fuzz/seeds/$1 log=$out/log/$1 status=0 last
  shift 2
  mkdir -p "$found" "$folder"
  if [ ! -d "$seeds" ]; then seeds=; fi
  # shellcheck disable=SC2086
  "${fixed[@]}" "$out/$name" -timeout=30 -rss_limit_mb=1024 -artifact_prefix="$found/$name-" -print_final_stats=1 "$@" \
    "$folder" $seeds >"$log" 2>&1 </dev/null || status=$?
  rmdir "$found" 2>/dev/null || true
  last=$(grep -aE '^#[0-9]+' "$log" | tail -1) || true
  printf '%-18s %10s runs, %s edges, %s inputs kept: %s\n' "$name" \
    "$(sed -nE 's/^stat::number_of_executed_units: *//p' "$log")" \
    "$(sed -nE 's/.* cov: ([0-9]+).*/\1/p' <<<"${last:-#0 cov: 0}")" \
    "$(sed -nE 's/.* corp: ([0-9]+).*/\1/p' <<<"${last:-#0 corp: 0}")" \
    "$([ $status -eq 0 ] && echo good || echo "ENDED WITH $status")"
  if [ $status -eq 0 ]; then return; fi
  # What was said, and where in the repository it was.
  grep -aE 'Fatal error|ERROR:|runtime error' "$log" | cut -c1-200 | head -3 || true
  grep -aoE '(Sources|Tests)/[A-Za-z0-9_+/.]+:[0-9]+' "$log" | uniq | head -3 | sed 's/^/  at /' || true
  local input
  input=$(sed -nE 's/.*Test unit written to (.*)/\1/p' "$log" | tail -1)
  if [ -n "$input" ]; then
    echo "  again: make fuzz TARGET=$name INPUT=$input"
    echo "  then, as a test: mv $input Tests/Fuzz/seeds/$name/WHAT-IT-SHOWS"
  else
    tail -20 "$log"
  fi
  return 1
}
