"""Ways to write a 3 x 3 convolution's filter gradient in ONNX, which has no operator for it, against PyTorch's own: milliseconds, medians.

    python bench/python/filter_gradient.py [--threads 2]

The layers are those of the photo recipe's step (12 patches of 96 x 96, at a half, a quarter and an eighth of the side). With x padded by one
pixel, dW[r, c] = sum over images and pixels of x[. + r, . + c] (outer) dy:

    images   nine slices of x, a product an image for each, summed over the images (what the product does with large planes)
    rows     nine slices of x with channels last, one product over all pixels for each (with small planes)
    stacked  the nine slices joined along the channels, one product an image
    halves   x moved by rows, dy by columns: three slices of each, joined; one product an image gives all nine
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper

BATCH = 12
LAYERS = ((48, 48), (96, 24), (160, 12))  # channels, side
TAPS = [(r, c) for r in range(3) for c in range(3)]


def graph_of(way: str, channels: int, side: int) -> onnx.ModelProto:
    nodes, constants = [], []
    pixels = side * side

    def ints(*values: int) -> str:
        constants.append(numpy_helper.from_array(np.array(values, np.int64), f"c{len(constants)}"))
        return constants[-1].name

    def node(op: str, inputs: list[str], **attributes) -> str:
        nodes.append(helper.make_node(op, inputs, [f"v{len(nodes)}"], **attributes))
        return nodes[-1].output[0]

    def shaped(value: str, *shape: int) -> str:
        return node("Reshape", [value, ints(*shape)])

    def part(value: str, begin: tuple[int, ...], axes: tuple[int, ...]) -> str:
        return node("Slice", [value, ints(*begin), ints(*(b + side for b in begin)), ints(*axes)])

    def columns(value: str, count: int) -> str:
        return node("Transpose", [shaped(value, BATCH, count, pixels)], perm=[0, 2, 1])

    def summed(rows: str, count: int, right: str) -> str:
        return node("ReduceSum", [node("MatMul", [shaped(rows, BATCH, count, pixels), right]), ints(0)], keepdims=0)

    shape = [BATCH, side, side, channels] if way == "rows" else [BATCH, channels, side, side]
    if way == "rows":
        padded = node("Pad", ["x", ints(0, 1, 1, 0, 0, 1, 1, 0)])
        dy = shaped("dy", -1, channels)
        products = [node("Gemm", [shaped(part(padded, tap, (1, 2)), -1, channels), dy], transA=1) for tap in TAPS]
        result = node("Concat", products, axis=0)
    elif way == "halves":
        by_row = node("Pad", ["x", ints(0, 0, 1, 0, 0, 0, 1, 0)])
        by_column = node("Pad", ["dy", ints(0, 0, 0, 1, 0, 0, 0, 1)])
        x = node("Concat", [part(by_row, (r,), (2,)) for r in range(3)], axis=1)
        dy = node("Concat", [part(by_column, (2 - c,), (3,)) for c in range(3)], axis=1)
        by_tap = shaped(summed(x, 3 * channels, columns(dy, 3 * channels)), 3, channels, 3, channels)
        result = node("Transpose", [by_tap], perm=[0, 2, 1, 3])
    else:
        padded = node("Pad", ["x", ints(0, 0, 1, 1, 0, 0, 1, 1)])
        dy = columns("dy", channels)
        slices = [part(padded, tap, (2, 3)) for tap in TAPS]
        if way == "images":
            result = node("Concat", [summed(view, channels, dy) for view in slices], axis=0)
        else:
            result = summed(node("Concat", slices, axis=1), 9 * channels, dy)
    result = shaped(result, 3, 3, channels, channels)
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "dy")]
    output = helper.make_tensor_value_info(result, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, way, inputs, [output], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def milliseconds(run, times: int = 9) -> float:
    run()
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        found.append(1000 * (time.perf_counter() - begun))
    return float(np.median(found))


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    options = ort.SessionOptions()
    options.intra_op_num_threads = a.threads
    ways = ("images", "rows", "stacked", "halves")
    print(f"| channels, side | {' | '.join(ways)} | PyTorch |\n|{' --- |' * (len(ways) + 2)}")
    for channels, side in LAYERS:
        x, dy = (torch.randn(BATCH, channels, side, side) for _ in range(2))
        weights = torch.zeros(channels, channels, 3, 3)
        rest = (None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [False, True, False])
        theirs = lambda: torch.ops.aten.convolution_backward(dy, x, weights, *rest)
        wanted = theirs()[1].permute(2, 3, 1, 0).numpy()
        found = []
        for way in ways:
            session = ort.InferenceSession(graph_of(way, channels, side).SerializeToString(), options, providers=["CPUExecutionProvider"])
            last = (lambda t: t.permute(0, 2, 3, 1)) if way == "rows" else lambda t: t
            given = {"x": last(x).contiguous().numpy(), "dy": last(dy).contiguous().numpy()}
            (ours,) = session.run(None, given)
            assert np.abs(ours - wanted).max() < 1e-4 * np.abs(wanted).max(), way
            found.append(milliseconds(lambda: session.run(None, given)))
        print(f"| {channels}, {side} | {' | '.join(f'{ms:.1f}' for ms in [*found, milliseconds(theirs)])} |", flush=True)


if __name__ == "__main__":
    main()
