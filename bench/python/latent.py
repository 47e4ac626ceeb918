"""The peers of bench/latent.ts: one JSON line with the seconds of every repetition, on the clock and of the processor.

    python bench/python/latent.py encode --images I.f32 --threads 2      conv-VAE of the recipe of that name, PyTorch
    python bench/python/latent.py sample --count 1000 --threads 2
    python bench/python/latent.py pca|umap --codes C.f32 --size 16 --points P.f32 [--repeat 1]

Files are 32-bit floats without a header. The points of the last repetition are written to --points.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np


def timed(work, repeat: int) -> dict[str, list[float]]:
    seconds, processor = [], []
    for _ in range(repeat):
        start, used = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return {"seconds": seconds, "processor": processor}


def network(a: argparse.Namespace) -> dict[str, list[float]]:
    import torch
    from torch import nn

    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    encoder = nn.Sequential(
        nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 32)
    ).eval()
    decoder = nn.Sequential(
        nn.Linear(16, 1568), nn.ReLU(), nn.Unflatten(1, (32, 7, 7)),
        nn.ConvTranspose2d(32, 16, 3, 2, 1, 1), nn.ReLU(), nn.ConvTranspose2d(16, 1, 3, 2, 1, 1), nn.Sigmoid(),
    ).eval()  # fmt: skip

    @torch.inference_mode()
    def encode() -> None:
        torch.cat([encoder(part) for part in images.split(a.batch)])

    @torch.inference_mode()
    def sample() -> None:
        torch.cat([decoder(part) for part in torch.randn(a.count, 16).split(a.batch)])

    if a.mode == "encode":
        images = torch.from_numpy(np.fromfile(a.images, np.float32).reshape(-1, 1, 28, 28))
    work = encode if a.mode == "encode" else sample
    work()
    return timed(work, a.repeat)


def layout(a: argparse.Namespace) -> dict[str, list[float]]:
    codes = np.fromfile(a.codes, np.float32).reshape(-1, a.size)
    if a.mode == "pca":
        from sklearn.decomposition import PCA

        fit = lambda: PCA(2).fit_transform(codes)  # noqa: E731
    else:
        import umap

        # Compiled before the clock runs.
        umap.UMAP().fit_transform(codes[:600])
        fit = lambda: umap.UMAP().fit_transform(codes)  # noqa: E731
    points = None

    def work() -> None:
        nonlocal points
        points = fit()

    figures = timed(work, a.repeat)
    points.astype(np.float32).tofile(a.points)
    return figures


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("mode", choices=["encode", "sample", "pca", "umap"])
    for name in ["--images", "--codes", "--points"]:
        ap.add_argument(name)
    for name, default in [("--count", 1000), ("--size", 16), ("--threads", 2), ("--repeat", 3), ("--batch", 256)]:
        ap.add_argument(name, type=int, default=default)
    a = ap.parse_args()
    figures = network(a) if a.mode in ("encode", "sample") else layout(a)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
