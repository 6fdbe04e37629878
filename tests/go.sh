# A Go that is new enough, for the programs of tests that are written in it; source
# it after deploy/local/lib.sh.

go_wanted=1.26.8

# new_enough GO: whether that program can build the module by itself.
new_enough() {
  local version
  version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  version=${version#go}
  [[ $(printf '%s\n' "${go_wanted%.*}" "$version" | sort -V | head -n 1) == "${go_wanted%.*}" ]]
}

# fetched_go GO: the program of the wanted release, fetched as a module by GO, whatever its age.
fetched_go() {
  local name root
  name=golang.org/toolchain@v0.0.1-go$go_wanted.linux-$(dpkg --print-architecture)
  root=$("$1" env GOMODCACHE)/$name
  if [[ ! -x $root/bin/go ]]; then
    # A module that wants no newer Go than the old one.
    (cd "$(mktemp -d)" && "$1" mod init fetch && GOFLAGS=-mod=mod "$1" mod download "$name") \
      >"$logs/go.log" 2>&1 || die "cannot fetch Go $go_wanted: $(tail -n 3 "$logs/go.log")"
    # Modules are kept without the right to run anything.
    chmod -R u+w "$root"
    chmod +x "$root"/bin/* "$root"/pkg/tool/*/*
  fi
  printf '%s\n' "$root/bin/go"
}

find_go() {
  local candidate old=
  for candidate in "$(command -v go || true)" /usr/local/go/bin/go; do
    [[ -x $candidate ]] || continue
    if new_enough "$candidate"; then
      printf '%s\n' "$candidate"
      return
    fi
    old=$candidate
  done
  if [[ -z $old ]]; then
    install_packages golang-go ca-certificates >&2
    old=$(command -v go)
  fi
  fetched_go "$old"
}

# go_build OUT PACKAGE [FLAGS]: builds it and counts the packages compiled.
go_build() {
  local out=$1 package=$2 total
  shift 2
  total=$("$go" list -deps "$package" | wc -l)
  "$go" build -v "$@" -o "$out" "$package" 2>&1 |
    awk -v total="$total" '/^[a-z0-9.\/_-]+$/ { print ++n "/" total, $0; next } { print }'
}

# use_go: finds Go, sets $go, and shows it.
use_go() {
  go=$(find_go)
  export GOTOOLCHAIN=local GOFLAGS=-trimpath
  say "      $go, $("$go" env GOVERSION)"
}
