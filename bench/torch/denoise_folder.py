"""Denoise a folder of JPEG files the plain way: decode, run, encode, one picture after the other. Prints one JSON line.

    python bench/torch/denoise_folder.py IN OUT --sigma 15 --method photo --weights W.safetensors [--threads 2]
    python bench/torch/denoise_folder.py IN OUT --sigma 15 --method bm3d [--limit 1]

photo: the PyTorch twin, fp32 eager, channels_last, each picture in one piece, mirrored up to a multiple of 8.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from PIL import Image


def open_photo(weights: str, threads: int):
    import torch
    import torch.nn.functional as F
    from photo_net import Denoiser, from_product
    from safetensors.torch import load_file

    torch.set_num_threads(threads)
    net = Denoiser().to(memory_format=torch.channels_last)
    net.load_state_dict(from_product(load_file(weights)))

    @torch.inference_mode()
    def run(noisy: np.ndarray, sigma: float) -> np.ndarray:
        h, w = noisy.shape[:2]
        x = torch.from_numpy(noisy).permute(2, 0, 1)[None]
        x = F.pad(x, (0, -w % 8, 0, -h % 8), mode="reflect").contiguous(memory_format=torch.channels_last)
        out = net(x, torch.full((1, 1, *x.shape[2:]), sigma))
        return out[0, :, :h, :w].permute(1, 2, 0).numpy()

    return run


def open_bm3d():
    import bm3d

    return bm3d.bm3d_rgb


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("input", type=Path)
    ap.add_argument("output", type=Path)
    ap.add_argument("--method", choices=["photo", "bm3d"], required=True)
    ap.add_argument("--weights")
    ap.add_argument("--sigma", type=float, required=True, help="8-bit scale")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--limit", type=int)
    a = ap.parse_args()
    run = open_photo(a.weights, a.threads) if a.method == "photo" else open_bm3d()
    files = sorted(a.input.glob("*.jpg"))[: a.limit]
    a.output.mkdir(parents=True, exist_ok=True)
    megapixels, start = 0.0, time.perf_counter()
    for file in files:
        noisy = np.asarray(Image.open(file).convert("RGB"), np.float32) / 255
        clean = run(noisy, a.sigma / 255)
        Image.fromarray((clean.clip(0, 1) * 255).round().astype(np.uint8)).save(a.output / file.name, quality=92)
        megapixels += noisy.shape[0] * noisy.shape[1] / 1e6
    print(json.dumps(dict(megapixels=megapixels, seconds=time.perf_counter() - start)))


if __name__ == "__main__":
    main()
