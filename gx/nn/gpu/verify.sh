#!/usr/bin/env bash
# Checks and times training on a machine with an NVIDIA GPU, which needs neither Go
# nor this repository:
#
#   gx/nn/gpu/verify.sh build DIR          here: builds all that is needed into DIR (about 60 MB)
#   DIR/verify.sh run [PYTHON]             there: runs it; PYTHON has PyTorch for CUDA
#   DIR/verify.sh quick|tests|steps|papers [PYTHON]   a part of it
#
# It prints: the kernels' tests and the driver's self-test; gradients beside float64's;
# losses and weights after 100 steps beside the CPU's, for the papers' networks,
# variational ones and every precision; milliseconds a step beside PyTorch's and beside
# the card's floor; the papers' trainings whole; how long the first step of a process
# takes.
set -euo pipefail

build() {
	cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
	mkdir -p "$1"
	export CGO_ENABLED=0 GOOS=linux GOARCH="${GOARCH:-amd64}"
	go build -trimpath -ldflags='-s -w' -o "$1/gxlab" ./kernel/cmd/gxlab
	go test -c -trimpath -ldflags='-s -w' -o "$1/gpu.test" ./gx/nn/gpu
	go test -c -trimpath -ldflags='-s -w' -o "$1/nn.test" ./gx/nn
	cp gx/nn/gpu/verify.sh "$1/verify.sh"
	mkdir -p "$1/testdata"
	cp -r gx/nn/testdata/. "$1/testdata/"
	ls -l "$1"
}

title() { printf '\n== %s ==\n' "$*"; }

# failed counts what does not pass; the rest runs all the same.
failed=0
try() { "$@" || { failed=$((failed + 1)); echo "FAILED: $*"; }; }

quick() {
	title "the device"
	nvidia-smi --query-gpu=name,driver_version,memory.total,memory.free,clocks.sm,clocks.mem --format=csv || true
	title "kernels, driver, products"
	try ./gpu.test -test.timeout 5m -test.run 'BiasAct|TestBack|TestLoss|Entropy|TestSample|Likelihoods|Pairs|LostStops|SoftMax|Random|Gather|Begin|Optimisers|Norm|BFloat16|MatMul|Graph'
	title "small networks of every kind: 100 steps beside the CPU's, gradients beside float64's"
	try ./nn.test -test.timeout 5m -test.v -test.run '^TestDeviceIsTheCPU$|^TestDeviceGradients$|^TestDeviceLikelihoods$|^TestDeviceClassifierIsJAXs$|^TestDeviceDrawsBySeed$'
}

tests() {
	title "the papers' networks and variational ones: gradients beside float64's, 100 steps beside the CPU's"
	try env GXLAB_VERIFY=1 ./nn.test -test.timeout 10m -test.v -test.run '^TestDeviceGradients$|^TestDevicePapers$'
}

steps() {
	local peers=()
	[ -z "$python" ] || peers=(-peers "$python" -frameworks torch)
	for precision in ${PRECISIONS:-tf32 float32 bfloat16}; do
		title "milliseconds a step, $precision"
		try ./gxlab bench -device gpu -precision "$precision" -rounds "${ROUNDS:-5}" -net "${NETS:-T:64,A:780,A:64,A:1,B:64,B:256,C:64,C:256,V:128,Z:128,L:128}" "${peers[@]}"
	done
}

papers() {
	title "whole papers"
	try ./gxlab bench -papers -device gpu
}

if [ "${1:-}" = build ] && [ -n "${2:-}" ]; then
	mkdir -p "$2"
	build "$(cd "$2" && pwd)"
	exit
fi
cd "$(dirname "${BASH_SOURCE[0]}")"
[ -x ./gxlab ] || { echo "usage: $0 build DIR, then DIR/verify.sh run [PYTHON]"; exit 2; }
python="${2:-}"
./gxlab bench -device gpu -net T:64 -rounds 1 >/dev/null # or it says why there is no GPU
case "${1:-run}" in
run) quick; tests; steps; papers ;;
quick | tests | steps | papers) "$1" ;;
*) echo "usage: $0 run|quick|tests|steps|papers [PYTHON]"; exit 2 ;;
esac
[ "$failed" = 0 ] || { echo "$failed parts failed"; exit 1; }
