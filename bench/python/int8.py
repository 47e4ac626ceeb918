"""What eight bits cost: a shipped network in int8 (QDQ, per channel, static) against itself in float32, PSNR and processor time.

    python bench/python/int8.py MODEL.onnx CALIBRATION_FOLDER TEST_FOLDER [--limit 8] [--skip REGEX]

Activations are calibrated on 24 pictures of the first folder with noise of sigma 15, 25 and 50; --skip leaves convolutions whose kernel's name
matches in float32. Pictures are cut to 480 x 320. One thread; times in milliseconds of the processor, medians.
"""

from __future__ import annotations

import argparse
import logging
import re
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from PIL import Image

WIDTH, HEIGHT = 480, 320
LEVELS = (15, 25, 50)


def pictures(folder: Path, limit: int) -> list[np.ndarray]:
    """[1, 3, HEIGHT, WIDTH] in [0, 1]; upright ones are turned."""
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in {".jpg", ".png"})[:limit]
    found = [np.asarray(Image.open(f).convert("RGB"), np.float32) / 255 for f in files]
    turned = [x if x.shape[1] >= x.shape[0] else x.transpose(1, 0, 2) for x in found]
    return [x[:HEIGHT, :WIDTH].transpose(2, 0, 1)[None] for x in turned]


def feed(clean: np.ndarray, level: float, seed: int) -> dict[str, np.ndarray]:
    noise = np.random.default_rng(seed).normal(0, level / 255, clean.shape)
    sigma = np.full((1, 1, HEIGHT, WIDTH), level / 255, np.float32)
    return {"noisy": (clean + noise).astype(np.float32), "sigma": sigma}


class Calibration(CalibrationDataReader):
    def __init__(self, clean: list[np.ndarray]):
        self.feeds = iter([feed(x, LEVELS[i % 3], i) for i, x in enumerate(clean)])

    def get_next(self):
        return next(self.feeds, None)


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("model", type=Path)
    ap.add_argument("calibration", type=Path)
    ap.add_argument("test", type=Path)
    ap.add_argument("--limit", type=int, default=8)
    ap.add_argument("--skip", default="^$")
    a = ap.parse_args()
    logging.disable(logging.WARNING)

    model = onnx.load(a.model)
    for node in model.graph.node:
        node.name = node.name or node.output[0]
    skipped = [n.name for n in model.graph.node if n.op_type == "Conv" and re.search(a.skip, n.input[1])]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    with tempfile.TemporaryDirectory() as folder:
        named, small = Path(folder, "named.onnx"), Path(folder, "int8.onnx")
        onnx.save(model, named)
        quantize_static(
            named,
            small,
            Calibration(pictures(a.calibration, 24)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=skipped,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        sessions = {
            name: ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
            for name, file in {"float32": a.model, "int8": small}.items()
        }
    print("| σ | float32, dB | int8, dB | float32, ms | int8, ms |\n| --- | --- | --- | --- | --- |")
    for level in LEVELS:
        scores: dict[str, list[float]] = {name: [] for name in sessions}
        times: dict[str, list[float]] = {name: [] for name in sessions}
        for i, clean in enumerate(pictures(a.test, a.limit)):
            given = feed(clean, level, i)
            for name, session in sessions.items():
                begun = time.process_time()
                (out,) = session.run(["denoised"], given)
                times[name].append(time.process_time() - begun)
                scores[name].append(-10 * np.log10(np.mean((out.clip(0, 1) - clean) ** 2)))
        psnr = " | ".join(f"{np.mean(scores[n]):.2f}" for n in sessions)
        ms = " | ".join(f"{np.median(times[n]) * 1000:.0f}" for n in sessions)
        print(f"| {level} | {psnr} | {ms} |", flush=True)


if __name__ == "__main__":
    main()
