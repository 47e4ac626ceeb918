"""Time the PyTorch twin: one JSON line with milliseconds of every iteration.

    python bench/torch/time_net.py infer|train --weights W.safetensors [--dtype float32|bfloat16] [--size 512] [--threads 2]

infer: one SIZE x SIZE colour image. train: batch 12 of 96 x 96, L1, Adam, gradient clipping. channels_last throughout.
"""

from __future__ import annotations

import argparse
import json
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from photo_net import Denoiser, from_product


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("mode", choices=["infer", "train"])
    ap.add_argument("--weights", required=True)
    ap.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    ap.add_argument("--size", type=int, default=512)
    ap.add_argument("--batch", type=int, default=12)
    ap.add_argument("--patch", type=int, default=96)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--iterations", type=int, default=10)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    net = Denoiser().to(memory_format=torch.channels_last)
    net.load_state_dict(from_product(load_file(a.weights)))
    half = torch.autocast("cpu", torch.bfloat16, enabled=a.dtype == "bfloat16")
    n, side = (1, a.size) if a.mode == "infer" else (a.batch, a.patch)
    clean = torch.rand(n, 3, side, side).contiguous(memory_format=torch.channels_last)
    noisy = clean + 0.1 * torch.randn_like(clean)
    sigma = torch.full((n, 1, side, side), 0.1)
    optimizer = torch.optim.Adam(net.parameters(), 1e-5)

    def infer() -> None:
        with torch.inference_mode(), half:
            net(noisy, sigma)

    def train() -> None:
        with half:
            out = net(noisy, sigma)
        loss = F.l1_loss(out.float(), clean)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
        loss.item()

    once = infer if a.mode == "infer" else train
    for _ in range(2):
        once()
    times = []
    for _ in range(a.iterations):
        start = time.perf_counter()
        once()
        times.append((time.perf_counter() - start) * 1e3)
    print(json.dumps(dict(torch=torch.__version__, dtype=a.dtype, threads=a.threads, ms=times)))


if __name__ == "__main__":
    main()
