"""Run the PyTorch twin once, for `test/engine/models/twin.long.test.ts`.

    python bench/torch/run_twin.py IN.safetensors OUT.safetensors --widths 8 12 --blocks 1 2 [--condition sigma|mask|none]
        [--onnx MODEL.onnx]

IN holds `noisy` [N, H, W, 3], what the network is told (`sigma` or `mask` [N, H, W, 1]), and the weights in the product's layout; without any, fresh ones are
drawn. OUT gets the weights as they come back out of the network, `denoised` [N, H, W, 3], and with --onnx what onnxruntime's
Python build makes of that file, `onnx`.
"""

from __future__ import annotations

import argparse

import torch
from safetensors.torch import load_file, save_file

from photo_net import Denoiser, from_product, to_product


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("input")
    ap.add_argument("output")
    ap.add_argument("--widths", type=int, nargs="+", required=True)
    ap.add_argument("--blocks", type=int, nargs="+", required=True)
    ap.add_argument("--condition", choices=["sigma", "mask", "none"], default="sigma")
    ap.add_argument("--onnx")
    a = ap.parse_args()
    torch.manual_seed(0)
    weights = load_file(a.input)
    names = ["noisy"] if a.condition == "none" else ["noisy", a.condition]
    inputs = {name: weights.pop(name).permute(0, 3, 1, 2).contiguous() for name in names}
    net = Denoiser(tuple(a.widths), tuple(a.blocks), condition=a.condition)
    if weights:
        net.load_state_dict(from_product(weights))
    with torch.no_grad():
        outputs = {"denoised": net(*inputs.values())}
    if a.onnx:
        import onnxruntime

        session = onnxruntime.InferenceSession(a.onnx, providers=["CPUExecutionProvider"])
        (result,) = session.run(["denoised"], {name: image.numpy() for name, image in inputs.items()})
        outputs["onnx"] = torch.from_numpy(result)
    images = {name: image.permute(0, 2, 3, 1).contiguous() for name, image in outputs.items()}
    save_file(to_product(net.state_dict()) | images, a.output)


if __name__ == "__main__":
    main()
