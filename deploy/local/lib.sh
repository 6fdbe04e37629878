# Shared by deploy/local/up, deploy/local/tools.sh and tests/run; source it.
# Needs bash and what every Debian has.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
logs=$checkout/build/logs
mkdir -p "$logs"

# A compiler cache, where there is one, serves any checkout: paths below it count
# from it.
export CCACHE_BASEDIR=$checkout CCACHE_NOHASHDIR=1

# What builds and shows the program.
program_packages=(
  g++ cmake ninja-build pkg-config libboost1.81-dev libnghttp2-dev libssl-dev
  zlib1g-dev nlohmann-json3-dev libyaml-cpp-dev libre2-dev
  libspdlog-dev libcpp-httplib-dev openssl ca-certificates curl jq)

say() { printf '%s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# step TEXT: begins the next of $steps steps.
step_number=0
step() {
  step_number=$((step_number + 1))
  say "[$step_number/$steps] $* (${SECONDS}s so far)"
}

# Children that stop_children ends, by process id, the youngest first.
children=()
stop_children() {
  local i
  for ((i = ${#children[@]} - 1; i >= 0; i--)); do
    kill "${children[i]}" 2>/dev/null || continue
    wait "${children[i]}" 2>/dev/null || true
  done
  children=()
}

# latest LOG: its last line that counts steps ("[3/40] ...") or shows how far a
# command within is ("... 3/40"), or its last line.
latest() {
  { grep -aE '^ *(\.\.\. |\[? *[0-9]+/[0-9]+)' "$1" || cat "$1"; } | tail -n 1 |
    tr -d '\r' | sed -E 's/^ *(\.\.\. )?//' | cut -c 1-110
}

# logged NAME COMMAND...: runs it with its output in build/logs/NAME.log and
# shows how far it is every ten seconds.  Returns its exit code; if that is not
# 0, the end of the log is shown.
logged() {
  local log=$logs/$1.log code=0 shown=$SECONDS child
  shift
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  children+=("$child")
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - shown >= 10)); then
      shown=$SECONDS
      say "      ... $(latest "$log")"
    fi
  done
  wait "$child" || code=$?
  unset 'children[-1]'
  if ((code != 0)); then
    say "--- the end of $log:"
    tail -n 40 "$log"
  fi
  return "$code"
}

# install_packages NAME...: installs those that are missing, and nothing that
# runs by itself.
install_packages() {
  local name missing=()
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${Status}' "$name" 2>/dev/null) == *' installed' ]] ||
      missing+=("$name")
  done
  if ((${#missing[@]} == 0)); then
    say "      nothing is missing"
    return
  fi
  [[ $(id -u) == 0 ]] ||
    die "these packages are missing, and only root can install them: ${missing[*]}"
  say "      missing: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  logged apt-update apt-get update -q || die "apt-get update failed"
  logged apt-install apt-get install -q -y --no-install-recommends --no-remove \
    "${missing[@]}" || die "apt-get install failed"
}

# wait_until SECONDS WHAT LOG COMMAND...: tries the command until it succeeds.
wait_until() {
  local end=$((SECONDS + $1)) what=$2 log=$3
  shift 3
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      say "--- the end of $log:"
      tail -n 30 "$log"
      die "waited in vain until $what"
    fi
    sleep 0.1
  done
}
