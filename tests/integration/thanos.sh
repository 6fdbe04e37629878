#!/usr/bin/env bash
# Builds a real Thanos from its Go module, some 1,500 packages, into
# build/tools/thanos if it is not there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../deploy/local/lib.sh"
source "$here/../go.sh"

module=github.com/thanos-io/thanos version=v0.41.0
out=$checkout/build/tools/thanos program=thanos-$version
if [[ ! -x $out/$program ]]; then
  use_go
  mkdir -p "$out"
  # In the module's own folder: what replaces its dependencies is in its go.mod.
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  "$go" mod init fetch 2>/dev/null
  source=$("$go" mod download -json "$module@$version" |
    sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [[ -n $source ]] || die "cannot fetch the Go module $module@$version"
  cd "$source"
  # The tag: without it its labels are not those of its protocol, and it crashes.
  # The version: queriers are known by it.
  go_build "$out/$program" ./cmd/thanos -tags=slicelabels \
    -ldflags="-X github.com/prometheus/common/version.Version=${version#v}"
fi
ln -sfn "$program" "$out/thanos"
