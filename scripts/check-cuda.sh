#!/usr/bin/env bash
# Type-checks Fathom with its `cuda` feature on a Linux machine without a graphics card. Nothing is linked, nothing run.
#
#   scripts/check-cuda.sh               the Rust code; a few minutes the first time
#   scripts/check-cuda.sh --kernels     candle's CUDA kernels as well, with NVIDIA's compiler; half an hour and 1 GB
#
# A CUDA toolkit that is installed is used. Without one, the Rust code is checked with a stand-in for NVIDIA's compiler
# that makes empty files, for the type check never looks into them; --kernels gets the compiler and its headers from
# NVIDIA's packages on PyPI, into a cache folder (they are not installed; NVIDIA's licence applies to them).
set -euo pipefail
source "$(dirname "$0")/common.sh"

cache="${XDG_CACHE_HOME:-$HOME/.cache}/fathom/check-cuda"
version=13.2

# A folder with the one program of the toolkit that build scripts call.
stand_in() {
    mkdir -p "$cache/stand-in/bin" "$cache/stand-in/include"
    cat >"$cache/stand-in/bin/nvcc" <<EOF
#!/usr/bin/env bash
# Answers as NVIDIA's compiler does, and makes empty files.
case "\$*" in
*--version*) printf '%s\n' nvcc - - "Cuda compilation tools, release $version, V$version.0" && exit ;;
*--list-gpu-code*) echo sm_90 && exit ;;
esac
for source; do :; done
while [ "\$#" -gt 0 ]; do
    case "\$1" in
    -o) : >"\$2" ;;
    --output-directory) : >"\$2/\$(basename "\$source" .cu).ptx" ;;
    esac
    shift
done
EOF
    chmod +x "$cache/stand-in/bin/nvcc"
    echo "$cache/stand-in"
}

# NVIDIA's packages unpacked over each other: compiler, its headers and libraries.
toolkit() {
    if [ ! -x "$cache/toolkit/bin/nvcc" ]; then
        command -v python3 >/dev/null || die "This needs python3 with pip, to get NVIDIA's packages from PyPI"
        say "Getting NVIDIA's compiler $version from PyPI into $cache"
        rm -rf "$cache/wheels" "$cache/toolkit.new"
        python3 -m pip download -q --no-deps --only-binary :all: -d "$cache/wheels" "nvidia-cuda-nvcc==$version.*" \
            "nvidia-cuda-crt==$version.*" "nvidia-nvvm==$version.*" "nvidia-cuda-runtime==$version.*" \
            "nvidia-cuda-cccl==$version.*" nvidia-curand >&2
        local wheel
        for wheel in "$cache"/wheels/*.whl; do
            python3 -m zipfile -e "$wheel" "$cache/toolkit.new"
        done
        rm -rf "$cache/wheels" "$cache/toolkit"
        mv "$cache/toolkit.new/nvidia/cu13" "$cache/toolkit"
        rm -rf "$cache/toolkit.new"
        # Zip files opened this way lose who may run what.
        chmod +x "$cache"/toolkit/bin/* "$cache"/toolkit/nvvm/bin/*
        [ -e "$cache/toolkit/lib64" ] || ln -s lib "$cache/toolkit/lib64"
    fi
    echo "$cache/toolkit"
}

cd "$root"
if ! command -v nvcc >/dev/null; then
    case "${1:-}" in
    --kernels) CUDA_HOME=$(toolkit) ;;
    '') CUDA_HOME=$(stand_in) ;;
    *) die "Unknown argument: $1" ;;
    esac
    export CUDA_HOME PATH="$CUDA_HOME/bin:$PATH"
fi
# Without a card to ask: Hopper. Kernels of bf16 need 80 at least.
export CUDA_COMPUTE_CAP="${CUDA_COMPUTE_CAP:-90}"
CARGO_TARGET_DIR="$cache/target" nice -n 19 cargo check --locked --ignore-rust-version --features cuda
say "Checked: cuda $(nvcc --version | sed -n 's/.*release \([0-9.]*\),.*/\1/p'), compute capability $CUDA_COMPUTE_CAP"
