#!/usr/bin/env bash
# Runs Jupyter's own tests, other programs and a life under load against the installed
# kernel: run.sh; or the tests also against GoNB alone and ipykernel, which writes
# RESULTS.md: run.sh table.
# Exit status 75: pip is not reachable.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../../.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv" >/dev/null 2>&1 || exit 75
"$work/venv/bin/pip" install -q --disable-pip-version-check jupyter_kernel_test jupyter_client ipykernel nbclient nbconvert papermill jupyter_console >/dev/null 2>&1 || exit 75

go build -o "$work/gxlab" ./kernel/cmd/gxlab
"$work/gxlab" install --prefix "$work/prefix" >/dev/null
export JUPYTER_PATH="$work/prefix/share/jupyter" XDG_STATE_HOME="$work/state"
kernels="$work/prefix/share/jupyter/kernels"

if [ "${1:-}" != table ]; then
	timeout 300 "$work/venv/bin/python" "$here/test_kernel.py" gxlab
	timeout 600 "$work/venv/bin/python" "$here/programs.py"
	timeout 300 "$work/venv/bin/python" "$here/life.py"
	exit
fi
mkdir -p "$kernels/gonb" "$work/gopls"
gopls=v0.21.0
(cd "$work/gopls" && go mod init gopls && go get -tool golang.org/x/tools/gopls@$gopls && go build -o bin/gopls golang.org/x/tools/gopls) >/dev/null 2>&1 || gopls=none
cat >"$kernels/gonb/kernel.json" <<END
{"argv": ["$kernels/gxlab/bin/gonb", "-kernel", "{connection_file}", "-go_work=$PWD", "-logtostderr=false", "-stderrthreshold=FATAL", "-log_dir=$work"],
 "display_name": "GoNB", "language": "go", "interrupt_mode": "message",
 "env": {"GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOWORK": "", "PATH": "$kernels/gxlab/bin:$work/gopls/bin:$PATH"}}
END
gonb="$(go list -m -f '{{.Version}}' github.com/janpfeifer/gonb)"
# GoNB alone leaves its gopls running: the one of this folder ends with it.
trap 'for p in $(pgrep -f "^$work/gopls/bin/gopls" || true); do kill "$p"; done; rm -rf "$work"' EXIT
timeout 1200 "$work/venv/bin/python" "$here/table.py" "$here/RESULTS.md" "$gonb" "$gopls"
