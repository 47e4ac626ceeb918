"""Denoise the images that `bench/quality.ts` wrote, with the classics, and print one JSON row an image.

    python bench/python/classics.py FOLDER bm3d|nlm

FOLDER/index.json lists {name, noisy, width, height, channels, sigma}; `noisy` is a raw float32 file, interleaved, values in
[0, 1] and beyond (the noise is not clipped). The result goes beside it as <name>.<method>.f32.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np


def bm3d_denoise(noisy: np.ndarray, sigma: float) -> np.ndarray:
    """BM3D / CBM3D of the PyPI package `bm3d` (Dabov et al. 2007; Mäkinen et al. 2020), default profile."""
    import bm3d

    return bm3d.bm3d(noisy, sigma) if noisy.ndim == 2 else bm3d.bm3d_rgb(noisy, sigma)


def nlm_denoise(noisy: np.ndarray, sigma: float) -> np.ndarray:
    """OpenCV's non-local means (Buades et al. 2005): 8-bit in and out, template 7, search 21, all channels weighed together.

    `fastNlMeansDenoisingColored` works in Lab and does worse on this noise, so the plain function is used
    on colour, too. The filter strength h = 0.9 σ was chosen in its favour, for the best PSNR on a few test images.
    """
    import cv2

    image = np.clip(noisy * 255, 0, 255).round().astype(np.uint8)
    return cv2.fastNlMeansDenoising(image, None, float(0.9 * sigma * 255), 7, 21).astype(np.float32) / 255


def main() -> None:
    folder, method = Path(sys.argv[1]), sys.argv[2]
    run = {"bm3d": bm3d_denoise, "nlm": nlm_denoise}[method]
    for row in json.loads((folder / "index.json").read_text()):
        noisy = np.fromfile(folder / row["noisy"], "<f4").reshape(row["height"], row["width"], row["channels"])
        start = time.perf_counter()
        out = run(noisy[..., 0] if row["channels"] == 1 else noisy, row["sigma"] / 255)
        seconds = time.perf_counter() - start
        np.ascontiguousarray(out, "<f4").tofile(folder / f"{row['name']}.{method}.f32")
        print(json.dumps(dict(name=row["name"], seconds=seconds)), flush=True)


if __name__ == "__main__":
    main()
