# Sourced by tests that run somebody else's Python: $python has the packages of requirements.txt, from PyPI.

# python_with PACKAGE…: makes $python below .build when it is not there, or when its pins have changed.
python_with() {
  local pins=Tests/Conformance/requirements.txt system package place
  for package in "$@"; do grep -q "^$package==" "$pins" || fail "$pins has no $package"; done
  system=$(command -v python3.11 || command -v python3) || fail 'there is no python3'
  place=.build/python/$({ "$system" --version; cat "$pins"; } | sha256sum | cut -c1-16)
  python=$PWD/$place/bin/python
  mkdir -p .build/python
  {
    flock 9
    if [ ! -f "$place/complete" ]; then
      rm -rf "$place"
      echo "python: installing the packages of $pins"
      # All are pinned, so none is chosen by pip; paho-mqtt alone comes as source.
      if ! { "$system" -m venv "$place" && "$python" -m pip --quiet --disable-pip-version-check install --no-deps \
        --only-binary :all: --no-binary paho-mqtt --retries 5 --requirement "$pins"; } >"$folder/python.log" 2>&1; then
        cat "$folder/python.log"
        fail "the packages of $pins cannot be installed"
      fi
      touch "$place/complete"
    fi
  } 9>.build/python/lock
  export PYTHONDONTWRITEBYTECODE=1
}
