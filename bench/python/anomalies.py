"""The peers of bench/anomalies.ts, scikit-learn with its defaults but for what is named here.

    python bench/python/anomalies.py rows --train T.f32 --rows R.f32 --columns 140 --seed 1
    python bench/python/anomalies.py components --train T.f32 --columns 1024 --count 16 --out C.f32

`rows` fits each method to normal rows and scores others, higher for what is less normal: one JSON line for each method with its scores.
`components` writes the mean and so many principal components. Files are 32-bit floats without a header.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM


def rows(a: argparse.Namespace) -> None:
    train = np.fromfile(a.train, np.float32).reshape(-1, a.columns)
    others = np.fromfile(a.rows, np.float32).reshape(-1, a.columns)

    def say(method: str, scores: np.ndarray) -> None:
        print(json.dumps({"method": method, "scores": [float(score) for score in scores]}))

    forest = IsolationForest(random_state=a.seed).fit(train)
    say("IsolationForest", -forest.score_samples(others))
    if a.columns > a.components:
        pca = PCA(a.components, random_state=a.seed).fit(train)
        left = others - pca.inverse_transform(pca.transform(others))
        say(f"PCA reconstruction, {a.components} components", (left**2).mean(axis=1))
    svm = make_pipeline(StandardScaler(), OneClassSVM(nu=0.05)).fit(train)
    # Shifted: the thresholds that scores are held against are ≥ 0.
    distance = -svm.decision_function(others)
    say("OneClassSVM, ν 0.05, standardised", distance - min(0.0, distance.min()))


def components(a: argparse.Namespace) -> None:
    train = np.fromfile(a.train, np.float32).reshape(-1, a.columns)
    pca = PCA(a.count, random_state=a.seed).fit(train)
    np.concatenate([pca.mean_[None], pca.components_]).astype(np.float32).tofile(a.out)
    print(json.dumps({"explained": float(pca.explained_variance_ratio_.sum())}))


parser = argparse.ArgumentParser()
parser.add_argument("mode", choices=["rows", "components"])
parser.add_argument("--train", required=True)
parser.add_argument("--rows")
parser.add_argument("--columns", type=int, required=True)
parser.add_argument("--components", type=int, default=8)
parser.add_argument("--count", type=int, default=16)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out")
arguments = parser.parse_args()
{"rows": rows, "components": components}[arguments.mode](arguments)
