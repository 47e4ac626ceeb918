"""How far the references of RENOIR and PolyU lie beside their noisy pictures, in pixels to the right and down.

  python bench/python/displacement.py ../shared/data    (every sixth picture of PolyU, as in the other tables)

Found by OpenCV's enhanced correlation coefficient (Evangelidis and Psarakis, TPAMI 2008) on the mean of the colours, both
blurred by 2 pixels, so that noise counts little.
"""
import sys
from pathlib import Path

import cv2
import numpy as np


def gray(file: Path) -> np.ndarray:
    return cv2.GaussianBlur(cv2.imread(str(file)).mean(-1).astype(np.float32), (0, 0), 2)


def displacement(noisy: Path, reference: Path) -> tuple[float, float]:
    start = np.eye(2, 3, dtype=np.float32)
    until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-6)
    _, found = cv2.findTransformECC(gray(reference), gray(noisy), start, cv2.MOTION_TRANSLATION, until, None, 5)
    return float(found[0, 2]), float(found[1, 2])


data = Path(sys.argv[1])
pairs = [(file, file.with_name("reference.bmp")) for file in sorted((data / "renoir_crops").glob("*/noisy.bmp"))]
for file in sorted((data / "polyu").rglob("*real.JPG"))[::6]:
    pairs.append((file, file.with_name(file.name.replace("real.JPG", "mean.JPG"))))
for noisy, reference in pairs:
    right, down = displacement(noisy, reference)
    print(f"{noisy.relative_to(data)}: {right:+.2f} {down:+.2f}, {np.hypot(right, down):.2f} pixels")
