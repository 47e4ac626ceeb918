"""The peers of bench/labels.ts: logistic regression on pixels and on their principal components, one JSON line for each set of labels.

    python bench/python/labels.py FOLDER      with pixels.f32 and lessons.json
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

COMPONENTS = 64
BINS = 15


def calibration_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    sure, found = probabilities.max(1), probabilities.argmax(1)
    bins = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    return float(sum(abs(sure[bins == b].sum() - (found == truth)[bins == b].sum()) for b in range(BINS)) / len(truth))


def main() -> None:
    # With all labels 300 rounds are near enough: further ones change the second decimal.
    warnings.simplefilter("ignore", ConvergenceWarning)
    folder = Path(sys.argv[1])
    case = json.loads((folder / "lessons.json").read_text())
    pixels = np.fromfile(folder / "pixels.f32", np.float32).reshape(-1, case["columns"])
    test, truth = np.array(case["test"]), np.array(case["truth"])
    # As the autoencoder, it sees the whole training split without labels.
    pca = PCA(COMPONENTS, random_state=0).fit(pixels[case["training"]])
    spaces = {"logistic regression, pixels": pixels, f"logistic regression, PCA {COMPONENTS}": pca.transform(pixels)}
    for lesson in case["lessons"]:
        items, classes = np.array(lesson["items"]), np.array(lesson["classes"])
        for method, values in spaces.items():
            model = LogisticRegression(max_iter=300).fit(values[items], classes)
            probabilities = model.predict_proba(values[test])
            print(
                json.dumps(
                    {
                        "method": method,
                        "labels": lesson["labels"],
                        "accuracy": float((probabilities.argmax(1) == truth).mean()),
                        "calibrationError": calibration_error(probabilities, truth),
                    }
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
