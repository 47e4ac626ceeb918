"""Time an epoch of the recipes `undercomplete` and `conv-vae` in PyTorch, for `bench/epochs.ts`.

    python bench/torch/train_epochs.py IMAGES.idx.gz --network {undercomplete,conv-vae} [--batch 128] [--threads 2]

fp32, eager, Adam; images shuffled by index from one tensor, which costs less than any loader. Twenty steps to warm up, then one
epoch. Prints {"ms": ..., "loss": ...}.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Dense(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(784, 64), nn.Linear(64, 784)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        y = torch.sigmoid(self.decoder(torch.relu(self.encoder(x))))
        return (y - x).square().sum(1).mean()


class ConvVae(nn.Module):
    def __init__(self, latent: int = 16) -> None:
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(1, 16, 3, 2, 1), nn.Conv2d(16, 32, 3, 2, 1)])
        self.mean, self.log_var = nn.Linear(32 * 49, latent), nn.Linear(32 * 49, latent)
        self.back = nn.Linear(latent, 32 * 49)
        self.up = nn.ModuleList([nn.ConvTranspose2d(32, 32, 3, 2, 1, 1), nn.ConvTranspose2d(32, 16, 3, 2, 1, 1)])
        self.out = nn.Conv2d(16, 1, 3, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x
        for layer in self.down:
            h = F.relu(layer(h))
        h = h.flatten(1)
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + torch.exp(log_var / 2) * torch.randn_like(mean)
        y = F.relu(self.back(z)).view(-1, 32, 7, 7)
        for layer in self.up:
            y = F.relu(layer(y))
        nll = F.binary_cross_entropy_with_logits(self.out(y), x, reduction="none").sum((1, 2, 3))
        kl = 0.5 * (mean.square() + log_var.exp() - 1 - log_var).sum(1)
        return (nll + kl).mean()


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("images")
    ap.add_argument("--network", choices=["undercomplete", "conv-vae"], required=True)
    ap.add_argument("--batch", type=int, default=128)
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    with gzip.open(a.images) as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    images = torch.from_numpy(pixels.astype(np.float32) / 255)
    net = Dense() if a.network == "undercomplete" else ConvVae()
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)

    def steps(order: torch.Tensor) -> float:
        loss = torch.tensor(0.0)
        for batch in order.split(a.batch):
            optimizer.zero_grad()
            loss = net(images[batch])
            loss.backward()
            optimizer.step()
        return loss.item()

    steps(torch.arange(20 * a.batch))
    started = time.perf_counter()
    loss = steps(torch.randperm(len(images)))
    print(json.dumps({"ms": (time.perf_counter() - started) * 1000, "loss": loss}))


if __name__ == "__main__":
    main()
