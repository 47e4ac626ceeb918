"""PyTorch twin of the product's denoising U-Net (`src-main/engine/models/denoiser.ts`).

Same arithmetic, same weight names. Weights travel as safetensors in the product's layout (HWIO kernels), so that a
checkpoint of either trainer opens in the other. `test/engine/models/twin.long.test.ts` holds the two to the same output.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def space_to_depth(x: Tensor) -> Tensor:
    """[N, C, H, W] -> [N, 4C, H/2, W/2], channel order (dy, dx, c) as in TensorFlow and ONNX.

    torch's pixel_unshuffle orders (c, dy, dx) instead.
    """
    n, c, h, w = x.shape
    u = F.pixel_unshuffle(x, 2)
    return u.view(n, c, 4, h // 2, w // 2).transpose(1, 2).reshape(n, 4 * c, h // 2, w // 2)


def depth_to_space(x: Tensor) -> Tensor:
    """The inverse of `space_to_depth`."""
    n, c, h, w = x.shape
    return F.pixel_shuffle(x.view(n, 4, c // 4, h, w).transpose(1, 2).reshape(n, c, h, w), 2)


def conv(c_in: int, c_out: int, size: int = 3, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, size, stride, padding=size // 2 if stride == 1 else 0, bias=False)


def smooth_fill(picture: Tensor, mask: Tensor, levels: int) -> Tensor:
    """Missing pixels filled from the known ones by pull-push; see `src-main/engine/models/smooth-fill.ts`."""

    def blurred(x: Tensor, taps: Tensor) -> Tensor:
        kernel = (taps / taps.sum()).repeat(4, 1, 1, 1)
        x = F.conv2d(x, kernel.transpose(2, 3), padding=(len(taps) // 2, 0), groups=4)
        return F.conv2d(x, kernel, padding=(0, len(taps) // 2), groups=4)

    def completed(x: Tensor, filling: Tensor) -> Tensor:
        return x + (1 - x[:, 3:]) * filling

    wide = torch.exp(-((torch.arange(13.0) - 6) ** 2) / (2 * 2.5**2))
    narrow = torch.tensor([1.0, 2.0, 1.0])
    pyramid = [torch.cat([picture * (1 - mask), 1 - mask], 1)]
    for _ in range(levels):
        pyramid.append(F.avg_pool2d(pyramid[-1], 2))
    filling = blurred(pyramid[-1], wide) + pyramid[-1].mean((2, 3), keepdim=True) * 1e-4
    for level in range(levels, 0, -1):
        filling = completed(pyramid[level], filling / filling[:, 3:].clamp(min=1e-6))
        filling = blurred(F.interpolate(filling, scale_factor=2, mode="nearest"), narrow)
    return completed(pyramid[0], filling / filling[:, 3:].clamp(min=1e-6))[:, :3]


class Residual(nn.Module):
    """x + conv1(relu(conv0(x)))."""

    def __init__(self, width: int):
        super().__init__()
        self.conv0 = conv(width, width)
        self.conv1 = conv(width, width)
        with torch.no_grad():
            self.conv1.weight.mul_(0.3)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv1(F.relu(self.conv0(x)))


class Denoiser(nn.Module):
    """noisy [N, 3, H, W] in [0, 1] and what it is told [N, 1, H, W] -> denoised; H and W multiples of 2 ** scales.

    condition: "sigma" (the noise level, same unit), "mask" (1 where pixels are missing; only those are changed) or "none".
    """

    def __init__(
        self,
        widths: tuple[int, ...] = (48, 96, 160),
        blocks: tuple[int, ...] = (2, 2, 2),
        channels: int = 3,
        condition: str = "sigma",
    ):
        super().__init__()
        self.widths, self.blocks, self.channels, self.condition = widths, blocks, channels, condition
        last = len(widths) - 1
        self.head = conv(4 * (channels + (condition != "none")), widths[0])
        for i, (width, count) in enumerate(zip(widths, blocks)):
            side = "middle" if i == last else f"down{i}"
            for b in range(count):
                self.add_module(f"{side}_block{b}", Residual(width))
            if i < last:
                self.add_module(f"down{i}_downsample", conv(width, widths[i + 1], 2, 2))
                self.add_module(f"up{i}_upsample", nn.ConvTranspose2d(widths[i + 1], width, 2, 2, bias=False))
                for b in range(count):
                    self.add_module(f"up{i}_block{b}", Residual(width))
        self.tail = conv(widths[0], 4 * channels)
        with torch.no_grad():
            self.tail.weight.mul_(0.1)

    def run(self, side: str, x: Tensor, count: int) -> Tensor:
        for b in range(count):
            x = self.get_submodule(f"{side}_block{b}")(x)
        return x

    def forward(self, noisy: Tensor, told: Tensor | None = None) -> Tensor:
        last = len(self.widths) - 1
        start = smooth_fill(noisy, told, len(self.widths)) if self.condition == "mask" else noisy
        top = x = self.head(space_to_depth(start if told is None else torch.cat([start, told], 1)))
        skips = []
        for i in range(last):
            x = self.run(f"down{i}", x, self.blocks[i])
            skips.append(x)
            x = self.get_submodule(f"down{i}_downsample")(x)
        x = self.run("middle", x, self.blocks[last])
        for i in reversed(range(last)):
            x = self.get_submodule(f"up{i}_upsample")(x) + skips[i]
            x = self.run(f"up{i}", x, self.blocks[i])
        change = depth_to_space(self.tail(x + top))
        return start - (change * told if self.condition == "mask" else change)


def to_product(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """torch names and layouts -> the product's: `head.weight` OIHW -> `head.kernel` HWIO.

    A transposed convolution is [in, out, h, w] in torch and [h, w, out, in] in tfjs: the same permutation.
    """
    return {
        name.replace("_", ".").replace(".weight", ".kernel"): weight.permute(2, 3, 1, 0).contiguous().float()
        for name, weight in state.items()
    }


def from_product(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of `to_product`: HWIO or HWOI -> torch."""
    out = {}
    for name, weight in weights.items():
        head, *tail = name.replace(".kernel", "").split(".")
        torch_name = head if not tail else "_".join([head, tail[0]]) + "".join(f".{t}" for t in tail[1:])
        out[torch_name + ".weight"] = weight.permute(3, 2, 0, 1).contiguous()
    return out
