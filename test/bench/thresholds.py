"""Ways to choose a threshold at 10 : 1, judged on other parts than those they saw. Reads the `trial.json` of sweeps.

python test/bench/thresholds.py var/sweeps/*/trials/*/trial.json    # needs numpy
"""

import json
import sys
from math import erf

import numpy as np

ESCAPE, OVERKILL = 10, 1
CUTS, DRAWS = 60, 25
rng = np.random.default_rng(1)


def logit(p):
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def logistic(x):
    return 1 / (1 + np.exp(-x))


def least_cost(defects, goods, stand=OVERKILL / (OVERKILL + ESCAPE)):
    """As the product does: between two scores, divided as the costs are; the lowest of equals."""
    scores = np.unique(np.concatenate([defects, goods]))[::-1]
    missed = (defects[None, :] < scores[:, None]).sum(1)
    rejected = (goods[None, :] >= scores[:, None]).sum(1)
    costs = ESCAPE * missed + OVERKILL * rejected
    i = np.where(costs == costs.min())[0][-1]
    return scores[i] * stand + (scores[i + 1] if i + 1 < len(scores) else 0) * (1 - stand)


def smoothed(defects, goods, width):
    """Least cost of both kinds' scores under a Gaussian kernel on the logit scale."""
    at = np.linspace(-10, 10, 401)[:, None]
    below = np.vectorize(lambda x: 0.5 * (1 + erf(x / np.sqrt(2))))
    missed = below((at - logit(defects)) / width).sum(1)
    rejected = below((logit(goods) - at) / width).sum(1)
    return logistic(at[(ESCAPE * missed + OVERKILL * rejected).argmin(), 0])


def cost(threshold, defects, goods):
    errors = ESCAPE * (defects < threshold).sum() + OVERKILL * (goods >= threshold).sum()
    return errors / (len(defects) + len(goods))


found = {}
for file in sys.argv[1:]:
    pictures = json.load(open(file))["pictures"]
    group, score, is_defect = (np.array([one[key] for one in pictures]) for key in ("group", "score", "isDefect"))
    names = np.unique(group)
    for _ in range(CUTS):
        half = np.isin(group, rng.permutation(names)[: len(names) // 2])
        seen = score[half & is_defect], score[half & ~is_defect]
        other = score[~half & is_defect], score[~half & ~is_defect]
        if min(map(len, seen + other)) < 5:
            continue
        parts = [np.where(half & (group == name))[0] for name in np.unique(group[half])]
        draws = []
        for _ in range(DRAWS):
            drawn = np.concatenate([parts[i] for i in rng.integers(len(parts), size=len(parts))])
            if is_defect[drawn].any() and not is_defect[drawn].all():
                draws.append(least_cost(score[drawn][is_defect[drawn]], score[drawn][~is_defect[drawn]]))
        thresholds = {
            "as it is": least_cost(*seen),
            "middle of the gap": least_cost(*seen, stand=0.5),
            "median of draws": np.median(draws),
            "mean of draws (logit)": logistic(np.mean(logit(np.array(draws)))),
            **{f"smoothed {width}": smoothed(*seen, width) for width in (0.25, 0.5, 1.0)},
            "best there": least_cost(*other),
        }
        for name, threshold in thresholds.items():
            found.setdefault(name, []).append(cost(threshold, *other))

for name, costs in found.items():
    print(f"{name:24s} mean {np.mean(costs):.3f}  95 % below {np.quantile(costs, 0.95):.2f}  of {len(costs)} cuts")
