"""PyTorch twin of the product's camera noise (`src-main/engine/data/camera-noise.ts`, which says why and after whom).

`test/engine/data/camera-noise.test.ts` holds the two to the same statistics.
"""

from __future__ import annotations

import json
import math
import sys

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SHOT = (1e-4, 0.012)  # variance per unit of signal in the raw, white = 1; log-uniform
READ = (2.18, 1.2, 0.26)  # ln read variance = 2.18 ln shot + 1.2 + N(0, 0.26), Brooks et al. 2019
RED_GAIN, BLUE_GAIN = (1.2, 2.4), (1.5, 3.2)  # daylight to tungsten
TONE, CONTRAST = (1.0, 2.4), (1.0, 1.7)  # exponents of the tone curve: behind sRGB's, 2.4 is linear light; of an S
# A usual matrix from a sensor's colours to sRGB, rows of sum 1.
COLOUR_MATRIX = torch.tensor([[1.8, -0.7, -0.1], [-0.2, 1.6, -0.4], [0.0, -0.5, 1.5]])
MOSAIC_SHARE = 0.85  # the rest have all three colours measured in each pixel, as in photographs made smaller
DIRECTED_SHARE = 0.4  # demosaicked along edges, of those with a mosaic; the rest by the mean around
SMOOTH_SHARE = 0.6  # the camera's own smoothing
LUMA_BLUR, CHROMA_BLUR = (0.0, 1.0), (0.4, 4.0)  # standard deviations in pixels; chroma log-uniform
CHROMA_SHARE = (0.3, 1.0)  # share of the colour noise that smoothing lets stand, beyond its blur
REACH = 12  # pixels around the patch of which the noise is drawn, so that blurs see no border
JPEG_SHARE, JPEG_QUALITY = 0.5, (60, 98)
WHITE_SHARE, WHITE_SIGMA = 0.15, 50 / 255
NONE_SHARE = 0.07
TOLD_SHARE, TOLD_SPREAD = 0.7, 0.6  # sigma that the network is told / true one: the median, and the standard deviation of its logarithm
EXCESS_SHARE, EXCESS = 0.5, 4 / 255  # texture that an estimate takes for noise
SCALE = (0.5, 2.5)  # of the clean crops: a camera's own pixels are softer than those of photographs made smaller

TO_YCC = torch.tensor([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
LUMA = TO_YCC[:1].expand(3, 3)
FROM_YCC = torch.linalg.inv(TO_YCC)


def decode(value: Tensor) -> Tensor:
    """sRGB to linear light; straight on below black."""
    return torch.where(value <= 0.04045, value / 12.92, ((value.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4)


def encode(light: Tensor) -> Tensor:
    return torch.where(light <= 0.0031308, light * 12.92, 1.055 * light.clamp(min=0.0031308) ** (1 / 2.4) - 0.055)


def power(x: Tensor, exponent: Tensor) -> Tensor:
    """x to a power, its sign kept: below black it goes on as above."""
    return x.sign() * x.abs() ** exponent


def s_curve(x: Tensor, exponent: Tensor) -> Tensor:
    """From 0 to 1, steeper in the middle the larger the exponent; 1 / exponent is the way back."""
    halves = power(2 * torch.where(x < 0.5, x, 1 - x), exponent) / 2
    return torch.where(x < 0.5, halves, 1 - halves)


def to_light(value: Tensor, tone: Tensor, contrast: Tensor) -> Tensor:
    """Linear light of what a camera with this tone curve writes."""
    return decode(power(s_curve(value, 1 / contrast), 1 / tone))


def from_light(light: Tensor, tone: Tensor, contrast: Tensor) -> Tensor:
    return s_curve(power(encode(light), tone), contrast)


def _kernel(rows: list[list[float]], scale: float) -> Tensor:
    return torch.tensor(rows) / scale


# What a missing colour is made of, from the mosaic around it: bilinear, and after Malvar, He and Cutler (ICASSP 2004).
_BILINEAR = torch.stack([
    _kernel([[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 1, 0, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]], 4.0),
    _kernel([[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]], 2.0),
    _kernel([[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]], 2.0),
    _kernel([[0, 0, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]], 4.0),
])
_row = _kernel([[0, 0, 0.5, 0, 0], [0, -1, 0, -1, 0], [-1, 4, 5, 4, -1], [0, -1, 0, -1, 0], [0, 0, 0.5, 0, 0]], 8.0)
_MALVAR = torch.stack([
    _kernel([[0, 0, -1, 0, 0], [0, 0, 2, 0, 0], [-1, 2, 4, 2, -1], [0, 0, 2, 0, 0], [0, 0, -1, 0, 0]], 8.0),
    _row,
    _row.T.contiguous(),
    _kernel([[0, 0, -1.5, 0, 0], [0, 2, 0, 2, 0], [-1.5, 0, 6, 0, -1.5], [0, 2, 0, 2, 0], [0, 0, -1.5, 0, 0]], 8.0),
])


def bayer_masks(height: int, width: int) -> Tensor:
    """[3, H, W]: 1 where an RGGB sensor measures that colour."""
    masks = torch.zeros(3, height, width)
    masks[0, 0::2, 0::2] = 1
    masks[1, 0::2, 1::2] = 1
    masks[1, 1::2, 0::2] = 1
    masks[2, 1::2, 1::2] = 1
    return masks


def demosaick(mosaic: Tensor, sharpness: Tensor) -> Tensor:
    """[N, 1, H, W] -> [N, 3, H, W]; sharpness 0 is bilinear, 1 Malvar, He and Cutler; both are linear, so mixes are."""
    red, green, blue = bayer_masks(*mosaic.shape[2:])
    around = F.conv2d(F.pad(mosaic, (2, 2, 2, 2), mode="reflect"), torch.cat([_BILINEAR, _MALVAR])[:, None])
    cross, across, along, corners = ((1 - sharpness) * around[:, :4] + sharpness * around[:, 4:]).unbind(1)
    value = mosaic[:, 0]
    even_row = torch.zeros_like(red)
    even_row[0::2] = 1
    at_green = green * even_row, green * (1 - even_row)
    return torch.stack([
        red * value + at_green[0] * across + at_green[1] * along + blue * corners,
        green * value + (red + blue) * cross,
        blue * value + at_green[1] * across + at_green[0] * along + red * corners,
    ], 1)


def demosaick_directed(mosaic: Tensor) -> Tensor:
    """[N, 1, H, W] -> [N, 3, H, W], after Hamilton and Adams (US patent 5,629,734, 1997): green along the direction that changes less.

    Not linear. Of noise alone it finds what it makes of noise where the picture is flat: streaks along rows and columns.
    """
    red, green, blue = bayer_masks(*mosaic.shape[2:])
    h, w = mosaic.shape[2:]
    wide = F.pad(mosaic, (2, 2, 2, 2), mode="reflect")
    at = lambda dy, dx: wide[:, :, 2 + dy : 2 + dy + h, 2 + dx : 2 + dx + w]

    def along(dy: int, dx: int) -> tuple[Tensor, Tensor]:
        before, after = at(-dy, -dx), at(dy, dx)
        curve = 2 * mosaic - at(-2 * dy, -2 * dx) - at(2 * dy, 2 * dx)
        return (before + after) / 2 + curve / 4, (before - after).abs() + curve.abs()

    (across, change_across), (down, change_down) = along(0, 1), along(1, 0)
    luma = green * mosaic + (1 - green) * torch.where(change_across < change_down, across, down)
    # Red and blue less green are smooth, and go bilinearly.
    kernel = _kernel([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 4.0)[None, None]
    rest = [luma + F.conv2d(F.pad((mosaic - luma) * mask, (1, 1, 1, 1), mode="reflect"), kernel) for mask in (red, blue)]
    return torch.cat([rest[0], luma, rest[1]], 1)


def blur(x: Tensor, deviation: Tensor) -> Tensor:
    """[N, C, H, W] by a Gaussian of its own standard deviation for each sample [N], in pixels; reflected at the borders."""
    n, c, h, w = x.shape
    taps = torch.exp(-(torch.arange(-REACH, REACH + 1.0) ** 2) / (2 * deviation.clamp(min=1e-3)[:, None] ** 2))
    taps = (taps / taps.sum(1, keepdim=True)).repeat_interleave(c, 0)
    x = F.pad(x.reshape(1, n * c, h, w), (REACH, REACH, REACH, REACH), mode="reflect")
    x = F.conv2d(x, taps[:, None, :, None], groups=n * c)
    return F.conv2d(x, taps[:, None, None, :], groups=n * c).reshape(n, c, h, w)


def mixed(x: Tensor, matrix: Tensor) -> Tensor:
    """Colours of [N, 3, H, W] times matrices [3, 3] or [N, 3, 3]."""
    return torch.einsum("nij,njhw->nihw", matrix.expand(len(x), 3, 3), x)


def camera_noise(
    clean: Tensor,
    shot: Tensor,
    read: Tensor,
    red_gain: Tensor,
    blue_gain: Tensor,
    colour: Tensor,
    tone: Tensor,
    contrast: Tensor,
    sharpness: Tensor,
    directed: Tensor,
    mosaic: Tensor,
    luma_blur: Tensor,
    chroma_blur: Tensor,
    chroma_share: Tensor,
    generator: torch.Generator,
) -> Tensor:
    """clean [N, 3, H, W] sRGB in [0, 1], everything else [N] -> noise of clean's shape, in the same unit, not clipped."""
    one = lambda x: x.view(-1, 1, 1, 1)
    n, _, h, w = clean.shape
    wide = F.pad(clean, (REACH,) * 4, mode="reflect")
    curve = one(tone), one(contrast)
    light = to_light(wide, *curve)
    gains = torch.stack([red_gain, torch.ones(n), blue_gain], 1)[:, :, None, None]
    to_srgb = torch.eye(3) + colour.view(-1, 1, 1) * (COLOUR_MATRIX - torch.eye(3))
    raw = (mixed(light, torch.linalg.inv(to_srgb)) / gains).clamp(min=0)
    noise = (one(shot) * raw + one(read)).sqrt() * torch.randn(wide.shape, generator=generator) * gains
    masked = (noise * bayer_masks(*wide.shape[2:])).sum(1, keepdim=True)
    coloured = torch.where(one(directed), demosaick_directed(masked), demosaick(masked, one(sharpness)))
    noise = torch.where(one(mosaic), coloured, noise)
    noise = mixed(from_light(light + mixed(noise, to_srgb), *curve) - wide, TO_YCC)
    luma = blur(noise[:, :1], luma_blur)
    chroma = blur(noise[:, 1:], chroma_blur) * one(chroma_share)
    return mixed(torch.cat([luma, chroma], 1), FROM_YCC)[:, :, REACH:-REACH, REACH:-REACH]


def _uniform(rng: np.random.Generator, low: float, high: float, n: int) -> Tensor:
    return torch.from_numpy(rng.uniform(low, high, n).astype(np.float32))


def _log_uniform(rng: np.random.Generator, low: float, high: float, n: int) -> Tensor:
    return _uniform(rng, math.log(low), math.log(high), n).exp()


def draw_noise(clean: Tensor, rng: np.random.Generator) -> Tensor:
    """Noise as cameras, and now and then as nobody, makes it: parameters drawn for each sample."""
    n = len(clean)
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    shot = _log_uniform(rng, *SHOT, n)
    slope, offset, scatter = READ
    read = (slope * shot.log() + offset + scatter * torch.from_numpy(rng.standard_normal(n).astype(np.float32))).exp()
    smooth = torch.from_numpy(rng.random(n) < SMOOTH_SHARE)
    noise = camera_noise(
        clean,
        shot,
        read,
        _uniform(rng, *RED_GAIN, n),
        _uniform(rng, *BLUE_GAIN, n),
        _uniform(rng, 0, 1, n),
        _log_uniform(rng, *TONE, n),
        _uniform(rng, *CONTRAST, n),
        _uniform(rng, 0, 1, n),
        torch.from_numpy(rng.random(n) < DIRECTED_SHARE),
        torch.from_numpy(rng.random(n) < MOSAIC_SHARE),
        torch.where(smooth, _uniform(rng, *LUMA_BLUR, n), 0.0),
        torch.where(smooth, _log_uniform(rng, *CHROMA_BLUR, n), 0.0),
        torch.where(smooth, _uniform(rng, *CHROMA_SHARE, n), 1.0),
        generator,
    )
    kind = torch.from_numpy(rng.random(n))
    white = _uniform(rng, 0, WHITE_SIGMA, n).view(-1, 1, 1, 1) * torch.randn(clean.shape, generator=generator)
    noise = torch.where((kind < WHITE_SHARE).view(-1, 1, 1, 1), white, noise)
    return torch.where((kind > 1 - NONE_SHARE).view(-1, 1, 1, 1), 0.0, noise)


def compress(image: np.ndarray, quality: int) -> np.ndarray:
    """JPEG there and back, chroma subsampled 4:2:0: RGB bytes [H, W, 3]."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    _, coded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    return cv2.cvtColor(cv2.imdecode(coded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def draw_crop(image: np.ndarray, patch: int, rng: np.random.Generator) -> np.ndarray:
    """A crop [P, P, 3], enlarged or made smaller by a factor that is log-uniform in SCALE as far as the image reaches."""
    least = patch / min(image.shape[:2])
    scale = math.exp(rng.uniform(math.log(max(SCALE[0], least)), math.log(SCALE[1])))
    side = min(round(patch / scale), *image.shape[:2])
    y, x = (rng.integers(length - side + 1) for length in image.shape[:2])
    crop = image[y : y + side, x : x + side]
    if side != patch:
        crop = cv2.resize(crop, (patch, patch), interpolation=cv2.INTER_AREA if side > patch else cv2.INTER_CUBIC)
    crop = np.rot90(crop, rng.integers(4))
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def misjudged(level: Tensor, rng: np.random.Generator) -> Tensor:
    """Noise levels [N, 1, 1, 1] as wrong as estimates of real photographs are."""
    n = len(level)
    factor = torch.from_numpy(TOLD_SHARE * np.exp(TOLD_SPREAD * rng.standard_normal(n)).astype(np.float32))
    excess = torch.where(torch.from_numpy(rng.random(n) < EXCESS_SHARE), _uniform(rng, 0, EXCESS, n), 0.0)
    return level * factor.view(-1, 1, 1, 1) + excess.view(-1, 1, 1, 1)


def draw_camera_batch(images, batch: int, patch: int, rng: np.random.Generator, gray_share: float):
    """-> clean, noisy [N, 3, P, P] of 8 bits in [0, 1], and what is told of the root mean square of what differs [N, 1, P, P]."""
    crops = np.stack([draw_crop(images[rng.integers(len(images))], patch, rng) for _ in range(batch)])
    clean = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255
    gray = torch.from_numpy(rng.random(batch) < gray_share)
    clean[gray] = mixed(clean[gray], LUMA)
    noise = draw_noise(clean, rng)
    noise[gray] = mixed(noise[gray], LUMA)
    noisy = ((clean + noise).clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    for i in range(batch):
        if rng.random() < JPEG_SHARE:
            noisy[i] = compress(noisy[i], int(rng.integers(JPEG_QUALITY[0], JPEG_QUALITY[1] + 1)))
    noisy = torch.from_numpy(noisy).permute(0, 3, 1, 2).float() / 255
    level = misjudged((noisy - clean).square().mean((1, 2, 3), keepdim=True).sqrt(), rng)
    last = dict(memory_format=torch.channels_last)
    return clean.contiguous(**last), noisy.contiguous(**last), level.expand(-1, 1, patch, patch).contiguous()


def main() -> None:
    """Statistics of the noise of given cameras on flat pictures, as JSON, for `test/engine/data/camera-noise.test.ts`."""
    asked = json.loads(sys.argv[1])
    rows = []
    for seed, (value, camera) in enumerate(asked["cameras"]):
        names = dict(redGain="red_gain", blueGain="blue_gain", lumaBlur="luma_blur", chromaBlur="chroma_blur", chromaShare="chroma_share")
        given = {names.get(name, name): torch.tensor([number]) for name, number in camera.items()}
        flat = torch.full((1, 3, asked["side"], asked["side"]), value)
        luma, _, chroma = mixed(camera_noise(flat, **given, generator=torch.Generator().manual_seed(seed)), TO_YCC)[0]
        row = {}
        for name, plane in (("luma", luma), ("chroma", chroma)):
            variance = plane.square().mean()
            shifted = [(plane[:, :-d] * plane[:, d:]).mean() / variance for d in (1, 2, 4)]
            row[name] = [float(x) for x in (255 * variance.sqrt(), *shifted)]
        rows.append(row)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
