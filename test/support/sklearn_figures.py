"""Figures of scikit-learn for rows, a map of them and their parts: JSON in, JSON out."""

import json
import sys

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.manifold import trustworthiness
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score

case = json.load(sys.stdin)
rows, points = np.array(case["rows"]), np.array(case["points"])
found, known = case["found"], case["known"]
print(
    json.dumps(
        {
            "trustworthiness": trustworthiness(rows, points, n_neighbors=case["neighbours"]),
            # Continuity is trustworthiness with the spaces exchanged.
            "continuity": trustworthiness(points, rows, n_neighbors=case["neighbours"]),
            "silhouette": silhouette_score(rows, found),
            "nmi": normalized_mutual_info_score(known, found),
            "ari": adjusted_rand_score(known, found),
            "hdbscan": HDBSCAN(min_cluster_size=case["smallest"], copy=True).fit_predict(rows).tolist(),
        }
    )
)
