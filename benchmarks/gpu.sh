#!/bin/bash
# All measurements that need a graphics card, within ten minutes. Each part prints its row, or
# "not run yet: reason", and the others go on.
#
#     benchmarks/gpu.sh          on a card, random weights of the released size
#     benchmarks/gpu.sh --dry    anywhere, tiny weights: shows that every part runs
#
# PYTHON names the interpreter (default: .venv/bin/python, else python3).
cd "$(dirname "$0")/.." || exit 1
PYTHON="${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}"
export PYTHONPATH="$PWD:$PWD/platform" HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false
work="$(mktemp -d)"
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

WITHIN_S=590
config=3b
model=(--config 3b)
batches=(32 128 256)
few=(--epochs 8 --rounds 1 --reply-tokens 32)
reply=(--reply-tokens 160)
night=960
steps=12
hours=0.5
patience=1
if [ "${1:-}" = --dry ]; then
    config=tiny
    model=()
    batches=(2 4)
    few=(--epochs 3 --rounds 1 --reply-tokens 4 --prompt-tokens 100)
    reply=(--reply-tokens 4 --prompt-tokens 100)
    night=20
    steps=3
    hours=0.1
    patience=10 # a busy computer is slow
    export PRESCORE_DEVICE=cpu
fi

# part NAME SECONDS COMMAND...: run it, and print its last lines or why there are none.
part() {
    local name="$1" seconds=$(($2 * patience)) began=$SECONDS status
    local left=$((WITHIN_S * patience - SECONDS))
    shift 2
    echo "== $name"
    if [ $left -lt 10 ]; then
        echo "not run yet: the other parts took all the time"
        return
    fi
    [ $seconds -gt $left ] && seconds=$left
    timeout "$seconds" "$@" >"$work/out" 2>"$work/err"
    status=$?
    if [ $status -eq 0 ]; then
        tail -n 24 "$work/out"
        echo "   ($((SECONDS - began)) s)"
    elif [ $status -eq 124 ]; then
        echo "not run yet: it took more than $seconds s"
    else
        echo "not run yet: $(tail -n 1 "$work/err" | cut -c1-300)"
    fi
}

echo "== device"
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null ||
    echo "not run yet: no graphics card"
for size in "${batches[@]}"; do
    part "in process, batch $size: epochs/s and peak memory" 60 "$PYTHON" benchmarks/prescore.py \
        "${model[@]}" "${reply[@]}" --rounds 1 --batch-only --batch-size "$size" --epochs "$size"
done
part "identical replies in float32" 60 env PRESCORE_DTYPE=float32 "$PYTHON" \
    benchmarks/prescore.py "${model[@]}" "${few[@]}"
part "random weights on the disk" 45 "$PYTHON" benchmarks/random_release.py "$work/release" \
    --config "$config"
part "LoRA with the published settings" 60 "$PYTHON" -m benchmarks.lora_steps \
    "$work/release/checkpoint" --steps "$steps" --hours "$hours"
part "simulated night of $night epochs through the queue" 240 "$PYTHON" -m benchmarks.queue_night \
    "$work/release" --epochs "$night"
# Text of the same length, without images: dummy weights, as vLLM calls random ones.
if command -v vllm >/dev/null; then
    part "vLLM, random weights, text alone" 120 vllm bench throughput --load-format dummy \
        --model "$work/release/checkpoint" --input-len 2912 --output-len 160 --num-prompts 256 \
        --max-model-len 4096
else
    echo "== vLLM, random weights, text alone"
    echo "not run yet: vLLM is not installed"
fi
