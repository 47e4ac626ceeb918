"""Train the `photo` denoiser in PyTorch with bf16 autocast: about twice as fast as fp32 on a CPU with AVX-512 bf16.

    python bench/torch/train_photo.py --data FOLDER [FOLDER ...] --out RUN --minutes 120 [--start weights.safetensors]

Writes RUN/weights.safetensors (the averaged weights, product layout) and RUN/checkpoint.pt every few minutes, and goes
on from RUN/checkpoint.pt when there is one. The recipe is that of `assets/recipes/photo-denoiser.json`; with
`--noise camera --loss psnr --patch 128 --batch 8 --rate 4e-4 --gray-share 0.1 --seed 11` that of `camera-denoiser.json`. With `--channels 1`
a network for gray alone; it may go on from one for colour.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

from camera_noise import draw_camera_batch
from photo_net import Denoiser, Residual, from_product, to_product

SIGMA_MAX = 55 / 255  # noise levels are drawn uniformly from [0, SIGMA_MAX]
GRAY_SHARE = 1 / 6  # patches with R = G = B, image and noise alike: gray photographs go through the same network
PSNR_FLOOR = 2e-6  # added to a patch's squared error (57 dB), so that nearly clean patches do not rule the gradient
CLIP_SHARE = 1 / 4  # noisy patches clipped to [0, 1] and rounded to 8 bits, as files are
WEIGHT_AVERAGE = 0.999  # exponential moving average, per step
CLIP_NORM = 0.4  # gradients have a global norm of about 0.3 once the first hundred steps are over
SKIP_NORM = 5.0  # a batch with a gradient beyond this is left out: one such step cost 15 minutes of training
HELD_OUT = 12  # images for validation


def load_images(folders: list[Path]) -> list[np.ndarray]:
    files = sorted(f for d in folders for f in d.rglob("*") if f.suffix.lower() in {".jpg", ".jpeg", ".png"})
    return [np.asarray(Image.open(f).convert("RGB")) for f in files]


def draw_batch(images, batch: int, patch: int, rng: np.random.Generator, gray_share: float = GRAY_SHARE):
    """Seeded crops with flips and rotations, and their noise. -> clean, noisy [N,3,P,P], sigma [N,1,P,P]."""
    clean = np.empty((batch, patch, patch, 3), np.uint8)
    for i in range(batch):
        image = images[rng.integers(len(images))]
        y, x = (rng.integers(n - patch + 1) for n in image.shape[:2])
        crop = image[y : y + patch, x : x + patch]
        turn = rng.integers(8)
        crop = crop[:, ::-1] if turn & 1 else crop
        crop = crop[::-1] if turn & 2 else crop
        clean[i] = crop.transpose(1, 0, 2) if turn & 4 else crop
    clean = torch.from_numpy(clean).permute(0, 3, 1, 2).float() / 255
    sigma = torch.from_numpy(rng.uniform(0, SIGMA_MAX, (batch, 1, 1, 1)).astype(np.float32))
    noise = torch.from_numpy(rng.standard_normal(clean.shape, dtype=np.float32))
    gray = torch.from_numpy(rng.random(batch) < gray_share)
    clip = torch.from_numpy(rng.random(batch) < CLIP_SHARE)
    luma = luma_of(clean).expand_as(clean)
    clean[gray], noise[gray] = luma[gray], noise[gray][:, :1].expand(-1, 3, -1, -1)
    noisy = clean + noise * sigma
    noisy[clip] = (noisy[clip].clamp(0, 1) * 255).round() / 255
    last = dict(memory_format=torch.channels_last)
    return clean.contiguous(**last), noisy.contiguous(**last), sigma.expand(-1, 1, patch, patch).contiguous()


def psnr_loss(out: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """Mean over patches of ln MSE: what mean PSNR measures, so that every noise level counts alike (Chen et al., HINet, 2021).

    Scaled by 0.01 to gradients of about L1's size, for which CLIP_NORM was chosen.
    """
    return 0.01 * torch.log((out - clean).square().mean((1, 2, 3)) + PSNR_FLOOR).mean()


def inputs_kept(net: Denoiser, head: torch.Tensor) -> list[int]:
    """The head's input channels that a network uses which goes on from weights with or without a noise level: (dy, dx, c)."""
    per_pixel = head.shape[1] // 4
    return [i for i in range(head.shape[1]) if i % per_pixel < net.head.in_channels // 4]


def as_gray(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The network for one channel that does with gray what this one for three does with R = G = B."""
    head, tail = weights["head.weight"], weights["tail.weight"]
    told = head.shape[1] // 4 - 3
    by_pixel = head.unflatten(1, (4, 3 + told))
    summed = torch.cat([by_pixel[:, :, :3].sum(2, keepdim=True), by_pixel[:, :, 3:]], 2)
    return weights | {"head.weight": summed.flatten(1, 2), "tail.weight": tail.unflatten(0, (4, 3)).mean(1)}


def luma_of(picture: torch.Tensor) -> torch.Tensor:
    """[N, 3, H, W] -> [N, 1, H, W], by BT.601."""
    return (picture * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


@torch.no_grad()
def validate(net: Denoiser, images: list[np.ndarray]) -> dict[int, float]:
    """Mean PSNR (dB, data range 1) at sigma 15, 25, 50 on whole images, noise in float and not clipped."""
    scores = {}
    for level in (15, 25, 50):
        values = []
        for i, image in enumerate(images):
            h, w = (n // 8 * 8 for n in image.shape[:2])
            clean = torch.from_numpy(image[:h, :w].copy()).permute(2, 0, 1)[None].float() / 255
            clean = luma_of(clean) if net.channels == 1 else clean
            noise = np.random.default_rng(i).standard_normal(clean.shape, dtype=np.float32)
            noisy = (clean + torch.from_numpy(noise) * level / 255).contiguous(memory_format=torch.channels_last)
            told = None if net.condition == "none" else torch.full((1, 1, h, w), level / 255)
            out = net(noisy, told).clamp(0, 1)
            values.append(-10 * math.log10(F.mse_loss(out, clean).item()))
        scores[level] = round(float(np.mean(values)), 3)
    return scores


@torch.no_grad()
def validate_camera(net: Denoiser, images: list[np.ndarray]) -> dict[str, float]:
    """Mean PSNR (dB, data range 1) of 48 seeded patches before and after."""
    rng = np.random.default_rng(0)
    before, after = [], []
    for _ in range(12):
        clean, noisy, told = draw_camera_batch(images, 4, 128, rng, GRAY_SHARE)
        out = net(noisy, None if net.condition == "none" else told).clamp(0, 1)
        for values, picture in ((before, noisy), (after, out)):
            values += (-10 * torch.log10((picture - clean).square().mean((1, 2, 3)) + PSNR_FLOOR)).tolist()
    return dict(noisy=round(float(np.mean(before)), 3), cleaned=round(float(np.mean(after)), 3))


@torch.no_grad()
def revive(net: Denoiser, noisy: torch.Tensor, told: torch.Tensor | None) -> int:
    """Draws hidden channels anew that are zero everywhere on these patches, for a ReLU that never fires gets no gradient.

    What they give to the next layer is set to zero, so that the network stays as it was. -> how many there were.
    """
    dead: dict[Residual, torch.Tensor] = {}
    blocks = [m for m in net.modules() if isinstance(m, Residual)]
    watch = lambda block: lambda _, __, out: dead.update({block: (out <= 0).all((0, 2, 3))})
    hooks = [block.conv0.register_forward_hook(watch(block)) for block in blocks]
    net(noisy, told)
    for hook in hooks:
        hook.remove()
    for block, channels in dead.items():
        torch.nn.init.kaiming_uniform_(fresh := torch.empty_like(block.conv0.weight), a=math.sqrt(5))
        block.conv0.weight[channels] = fresh[channels]
        block.conv1.weight[:, channels] = 0
    return sum(int(channels.sum()) for channels in dead.values())


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", type=Path, nargs="+", required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--minutes", type=float, required=True, help="length of the cosine schedule, in wall time")
    ap.add_argument("--start", type=Path, help="weights to go on from (safetensors, product layout)")
    ap.add_argument("--revive", action="store_true", help="first draw channels anew that never fire")
    ap.add_argument("--widths", type=int, nargs="+", default=[48, 96, 160])
    ap.add_argument("--blocks", type=int, nargs="+", default=[2, 2, 2])
    ap.add_argument("--channels", type=int, choices=[1, 3], default=3)
    ap.add_argument("--patch", type=int, default=96)
    ap.add_argument("--batch", type=int, default=12)
    ap.add_argument("--rate", type=float, default=6e-4)
    ap.add_argument("--warmup", type=int, default=200, help="steps")
    ap.add_argument("--loss", choices=["l1", "psnr"], default="l1")
    ap.add_argument("--noise", choices=["gaussian", "camera"], default="gaussian")
    ap.add_argument("--condition", choices=["sigma", "none"], default="sigma", help="none: blind, told no noise level")
    ap.add_argument("--gray-share", type=float, default=GRAY_SHARE)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    ap.add_argument("--every", type=float, default=5, help="minutes between checkpoints")
    a = ap.parse_args()

    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    rng = np.random.default_rng(a.seed)
    images = load_images(a.data)
    order = np.random.default_rng(0).permutation(len(images))
    held_out, images = [images[i] for i in order[:HELD_OUT]], [images[i] for i in order[HELD_OUT:]]

    draw, check = (draw_camera_batch, validate_camera) if a.noise == "camera" else (draw_batch, validate)
    build = lambda: Denoiser(tuple(a.widths), tuple(a.blocks), a.channels, a.condition).to(memory_format=torch.channels_last)
    net = build()
    if a.start:
        start = from_product(load_file(a.start))
        start = as_gray(start) if start["tail.weight"].shape[0] == 12 and a.channels == 1 else start
        start["head.weight"] = start["head.weight"][:, inputs_kept(net, start["head.weight"])]
        net.load_state_dict(start)
    if a.revive:
        clean, noisy, sigma = draw(images, 8, a.patch, np.random.default_rng(a.seed), a.gray_share)
        print(json.dumps(dict(revived=revive(net, noisy[:, : a.channels], None if a.condition == "none" else sigma))), flush=True)
    optimizer = torch.optim.Adam(net.parameters(), a.rate)
    average = build()
    average.load_state_dict(net.state_dict())
    step, seconds = 0, 0.0
    a.out.mkdir(parents=True, exist_ok=True)
    checkpoint = a.out / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=False)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        rng.bit_generator.state = saved["rng"]
        step, seconds = saved["step"], saved["seconds"]

    def save() -> None:
        state = dict(net=net.state_dict(), average=average.state_dict(), optimizer=optimizer.state_dict())
        state |= dict(step=step, seconds=seconds, rng=rng.bit_generator.state)
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)
        meta = dict(widths=json.dumps(a.widths), blocks=json.dumps(a.blocks), step=str(step), seed=str(a.seed))
        save_file(to_product(average.state_dict()), a.out / "weights.tmp", metadata=meta)
        (a.out / "weights.tmp").replace(a.out / "weights.safetensors")

    print(json.dumps(dict(parameters=sum(p.numel() for p in net.parameters()), images=len(images), **{k: str(v) for k, v in vars(a).items()})), flush=True)
    budget, mark, running, counted = a.minutes * 60, time.time(), 0.0, 0
    next_save = seconds + a.every * 60
    while seconds < budget:
        progress = seconds / budget
        rate = a.rate * (0.5 * (1 + math.cos(math.pi * progress)) * 0.99 + 0.01) * min(1, (step + 1) / a.warmup)
        for group in optimizer.param_groups:
            group["lr"] = rate
        clean, noisy, sigma = draw(images, a.batch, a.patch, rng, 1 if a.channels == 1 else a.gray_share)
        clean, noisy = clean[:, : a.channels], noisy[:, : a.channels]
        with torch.autocast("cpu", torch.bfloat16):
            out = net(noisy, None if a.condition == "none" else sigma)
        loss = psnr_loss(out.float(), clean) if a.loss == "psnr" else F.l1_loss(out.float(), clean)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP_NORM).item()
        if norm < SKIP_NORM or step < 200:
            optimizer.step()
        step += 1
        decay = min(WEIGHT_AVERAGE, (1 + step) / (10 + step))
        with torch.no_grad():
            for mean, weight in zip(average.parameters(), net.parameters()):
                mean.lerp_(weight, 1 - decay)
        running, counted = running + loss.item(), counted + 1
        now = time.time()
        seconds, mark = seconds + min(now - mark, 60), now  # a process that was stopped loses no schedule
        if seconds >= next_save or seconds >= budget:
            next_save = seconds + a.every * 60
            save()
            row = dict(step=step, minutes=round(seconds / 60, 1), loss=round(running / counted, 5), rate=rate, psnr=check(average, held_out))
            print(json.dumps(row), flush=True)
            with open(a.out / "log.jsonl", "a") as f:
                f.write(json.dumps(row) + "\n")
            running, counted = 0.0, 0
            mark = time.time()


if __name__ == "__main__":
    main()
