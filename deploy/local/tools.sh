#!/usr/bin/env bash
# Puts a real Prometheus and a real VictoriaMetrics of Debian's packages into
# build/tools, without installing them: no service, no user, nothing started.
# Does nothing where they are there already.
#
#   build/tools/prometheus/usr/bin/{prometheus,promtool}
#   build/tools/victoria-metrics/usr/bin/victoria-metrics
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# download PACKAGE FOLDER
download() { (cd "$2" && apt-get download -q -o APT::Sandbox::User=root "$1"); }

fetch() {
  local package=$1 tools=$checkout/build/tools new
  [[ -d $tools/$package ]] && return
  mkdir -p "$tools"
  new=$(mktemp -d "$tools/.new-XXXXXX")
  # A machine may have no list of packages yet, or one that has grown old.
  download "$package" "$new" || {
    apt-get update -q && download "$package" "$new"
  } || die "cannot download the package $package"
  dpkg-deb -x "$new"/*.deb "$new/root"
  mv "$new/root" "$tools/$package"
  rm -r "$new"
}

for package in "${@:-prometheus}"; do fetch "$package"; done
