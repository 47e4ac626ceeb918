"""Denoise gray pictures whose noise grows with the signal: variance-stabilising transform and BM3D. One JSON row a picture.

    python bench/python/vst_bm3d.py OUT FILE.tif…

The noise model is Poisson-Gaussian, variance = a * mean + b; a and b are estimated of each picture. The result is written in float beside
the picture's name in OUT, as <stem>.f32.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np


def estimate_noise(x: np.ndarray) -> tuple[float, float]:
    """a and b by a robust line through the noise's variance at each level of the signal.

    After Foi et al. (TIP 2008): the picture is split into a detail band, whose variance in smooth parts is that of the noise, and a
    smooth one, which says the level. Pixels with strong gradients of the smooth band are left out. The line is fitted to the medians of
    the levels' bins by iteratively reweighted least squares (Huber).
    """
    smooth = cv2.GaussianBlur(x, (0, 0), 2.0)
    # A 2D Haar detail: the difference of diagonals, of variance 1 for white noise of variance 1.
    detail = (x[:-1, :-1] - x[1:, :-1] - x[:-1, 1:] + x[1:, 1:]) / 2
    level = smooth[:-1, :-1]
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_64F, 1, 0), cv2.Sobel(smooth, cv2.CV_64F, 0, 1))[:-1, :-1]
    is_flat = slope <= np.quantile(slope, 0.7)
    is_inside = (level > np.quantile(x, 0.001)) & (level < np.quantile(x, 0.995))
    level, detail = level[is_flat & is_inside], detail[is_flat & is_inside]
    order = np.argsort(level)
    means, variances = [], []
    for part in np.array_split(order, 60):
        means.append(np.median(level[part]))
        # The median of |N(0, s²)| is 0.6745 s.
        variances.append((np.median(np.abs(detail[part])) / 0.6745) ** 2)
    means, variances = np.array(means), np.array(variances)
    weights = np.ones_like(means)
    for _ in range(20):
        # The spread of an estimate of a variance is in proportion to it.
        scale = weights / np.maximum(variances, np.quantile(variances, 0.05))
        design = np.stack([means, np.ones_like(means)], axis=1)
        (a, b), *_ = np.linalg.lstsq(design * scale[:, None], variances * scale, rcond=None)
        residual = np.abs(variances - (a * means + b)) / np.maximum(variances, 1e-12)
        weights = np.sqrt(np.minimum(1, 0.2 / np.maximum(residual, 1e-12)))
    return max(float(a), 1e-6), float(b)


def denoise(x: np.ndarray, a: float, b: float) -> np.ndarray:
    """Generalised Anscombe transform, BM3D at σ = 1, and the closed-form exact unbiased inverse (Mäkitalo & Foi, TIP 2013)."""
    import bm3d

    variance = b / a**2
    y = x / a
    stable = 2 * np.sqrt(np.maximum(y + 3 / 8 + variance, 0))
    low, high = stable.min(), stable.max()
    d = bm3d.bm3d((stable - low) / (high - low), 1 / (high - low)).astype(np.float64) * (high - low) + low
    d = np.maximum(d, 2 * np.sqrt(max(3 / 8 + variance, 0)) if variance > -3 / 8 else 1e-3)
    d = np.maximum(d, 0.5)
    inverse = d**2 / 4 + np.sqrt(1.5) / 4 / d - 11 / 8 / d**2 + 5 / 8 * np.sqrt(1.5) / d**3 - 1 / 8 - variance
    return inverse * a


def main() -> None:
    out = Path(sys.argv[1])
    for name in sys.argv[2:]:
        x = cv2.imread(name, cv2.IMREAD_UNCHANGED).astype(np.float64)
        x = x[..., 0] if x.ndim == 3 else x
        start = time.perf_counter()
        a, b = estimate_noise(x)
        result = denoise(x, a, b)
        seconds = time.perf_counter() - start
        np.ascontiguousarray(result, "<f4").tofile(out / f"{Path(name).stem}.f32")
        print(json.dumps(dict(name=Path(name).stem, a=a, b=b, seconds=seconds)), flush=True)


if __name__ == "__main__":
    main()
