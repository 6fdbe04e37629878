#!/usr/bin/env bash
# Puts a real Prometheus and a real VictoriaMetrics of Debian's packages into
# build/tools, without installing them: no service, no user, nothing started.
# Does nothing where they are there already.
#
# usage: deploy/local/tools.sh [--from SUITE] [PACKAGE...]
#
#   build/tools/prometheus/usr/bin/{prometheus,promtool}
#   build/tools/victoria-metrics/usr/bin/victoria-metrics
#
# With --from they are those of another release of Debian (trixie, forky, sid),
# in build/tools/SUITE, from where this machine has its own packages from.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tools=$checkout/build/tools suite=
if [[ ${1:-} == --from ]]; then
  suite=${2:?the name of a release of Debian}
  [[ $suite =~ ^[a-z][a-z-]*$ ]] || die "not the name of a release of Debian: $suite"
  tools+=/$suite
  shift 2
fi

# Of another release: lists, preferences and what is installed are none of this
# machine's, so that whatever the suite has is taken.
apt=(apt-get -q -o APT::Sandbox::User=root)
[[ -z $suite ]] || apt+=(
  -o "Dir::Etc::SourceList=$tools/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
  -o "Dir::State::Lists=$tools/apt/lists" -o Dir::State::Status=/dev/null
  -o "Dir::Cache=$tools/apt" -o Acquire::Languages=none)

# Where this machine has Debian's own packages from, by what the lists say of
# themselves.
archive() {
  apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 'Component: main' |
    sort -u | head -n 1
}

# Reads which packages the suite has, signed by Debian as always.
suite_is_known=false
know_suite() {
  $suite_is_known && return
  suite_is_known=true
  local uri keys=/usr/share/keyrings/debian-archive-keyring.gpg
  mkdir -p "$tools/apt/lists/partial" "$tools/apt/archives/partial"
  uri=$(archive)
  if [[ -z $uri ]]; then
    # A machine may have no list of packages yet.
    apt-get -q update && uri=$(archive)
  fi
  [[ -n $uri ]] || die "no source of Debian's packages among this machine's own"
  printf 'deb [arch=%s signed-by=%s] %s %s main\n' \
    "$(dpkg --print-architecture)" "$keys" "$uri" "$suite" >"$tools/apt/sources.list"
  "${apt[@]}" update ||
    die "this machine's source of Debian's packages does not have the release $suite"
}

# unpack PACKAGE: into the folder $new/root.
unpack() {
  (cd "$new" && rm -f ./*.deb && "${apt[@]}" download "$1") &&
    dpkg-deb -x "$new"/*.deb "$new/root"
}

new=
trap '[[ -z $new ]] || rm -rf "$new"' EXIT

fetch() {
  local package=$1
  [[ -d $tools/$package ]] && return
  mkdir -p "$tools"
  new=$(mktemp -d "$tools/.new-XXXXXX")
  if [[ -n $suite ]]; then
    know_suite
    unpack "$package" || die "Debian's release $suite has no package $package"
  else
    # A machine may have no list of packages yet, or one that has grown old.
    unpack "$package" || {
      "${apt[@]}" update && unpack "$package"
    } || die "cannot download the package $package"
  fi
  # From Debian 13 on it is a package of its own.
  if [[ $package == prometheus && ! -e $new/root/usr/bin/promtool ]]; then
    unpack promtool || die "cannot download the package promtool"
  fi
  mv "$new/root" "$tools/$package"
  rm -r "$new"
}

for package in "${@:-prometheus}"; do fetch "$package"; done
