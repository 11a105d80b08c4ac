"""Large pictures with one small defect, composed of real photographs: 1280x960 of 8x6 windows of 160 pixels.

    python test/bench/small_defects.py bsdata DATA/split.csv model.onnx OUT
    python test/bench/small_defects.py elpv DATA/split_by_cell.csv model.onnx OUT

A picture's windows are of one lot, mirrored and turned at random; a good one has good windows alone, a defective one has one
defective window among 47 good ones. Lots are BSData's groups, or 22 draws of ELPV's cells of one type that share no cell.
Labels of single windows are not clean enough for 48 of them, so what logistic regression on embeddings of other groups doubts
is left out first: the worse 40 % of the good windows and the better 20 % of the defective ones. `model.onnx` is any model of
the product whose base stayed frozen (preset fast); its output `embedding` is read. Writes split.csv with a column `cell`.
"""

import csv
import random
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

WINDOW, COLUMNS, ROWS = 160, 8, 6
WANTED = {"train": {"good": 160, "defect": 80}, "test": {"good": 90, "defect": 60}}
KEPT = {"good": 0.6, "defect": 0.8}


def embed(files, model):
    session = onnxruntime.InferenceSession(model)
    name = session.get_inputs()[0].name
    read = lambda file: np.asarray(Image.open(file).convert("RGB").resize((224, 224), Image.BILINEAR))
    chunks = [files[i : i + 32] for i in range(0, len(files), 32)]
    return np.concatenate([session.run(["embedding"], {name: np.stack([*map(read, chunk)])})[0] for chunk in chunks])


def without_doubtful(rows, root, model):
    x = embed([root / row["path"] for row in rows], model)
    y = np.array([row["label"] == "defect" for row in rows])
    p = np.zeros(len(y))
    for others, held in GroupKFold(5).split(x, y, [row["group"] for row in rows]):
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, class_weight="balanced", max_iter=500))
        p[held] = probe.fit(x[others], y[others]).predict_proba(x[held])[:, 1]
    clean = np.where(y, p >= np.quantile(p[y], 1 - KEPT["defect"]), p <= np.quantile(p[~y], KEPT["good"]))
    return [row for row, keep in zip(rows, clean) if keep]


def lots_of(rows, kind, draw):
    lots = {}
    for split, count in (("train", 8), ("test", 3)):
        own = [row for row in rows if row["split"] == split]
        if kind == "bsdata":
            for group in sorted({row["group"] for row in own}):
                lots[split, group] = [row for row in own if row["group"] == group]
        else:
            for cells in ("mono", "poly"):
                some = [row for row in own if row["type"] == cells]
                draw.shuffle(some)
                for i in range(count):
                    lots[split, f"{cells}{i}"] = some[i::count]
    labelled = lambda lot, label: [row for row in lot if row["label"] == label]
    split_up = {key: {label: labelled(lot, label) for label in KEPT} for key, lot in lots.items()}
    return {key: lot for key, lot in split_up.items() if len(lot["good"]) >= 6 and len(lot["defect"]) >= 2}


def main(kind, split_file, model, out):
    root, out, draw = Path(split_file).parent, Path(out), random.Random(20261130)
    rows = without_doubtful([*csv.DictReader(open(split_file))], root, model)
    lots = lots_of(rows, kind, draw)

    def window(row):
        image = Image.open(root / row["path"]).convert("RGB").resize((WINDOW, WINDOW), Image.LANCZOS)
        for turn in (Image.FLIP_LEFT_RIGHT, Image.FLIP_TOP_BOTTOM):
            image = image.transpose(turn) if draw.random() < 0.5 else image
        return image

    table = []
    for split, wanted in WANTED.items():
        keys = [key for key in lots if key[0] == split]
        for label, count in wanted.items():
            (out / label).mkdir(parents=True, exist_ok=True)
            for i in range(count):
                key = keys[i % len(keys)]
                good = lots[key]["good"]
                chosen = [row for _ in range(COLUMNS * ROWS) for row in draw.sample(good, len(good))][: COLUMNS * ROWS]
                cell = draw.randrange(COLUMNS * ROWS) if label == "defect" else None
                if cell is not None:
                    chosen[cell] = draw.choice(lots[key]["defect"])
                picture = Image.new("RGB", (COLUMNS * WINDOW, ROWS * WINDOW))
                for at, row in enumerate(chosen):
                    picture.paste(window(row), (at % COLUMNS * WINDOW, at // COLUMNS * WINDOW))
                path = f"{label}/{split}{i:03d}.jpg"
                picture.save(out / path, quality=92)
                table.append((path, label, split, "-".join(key), "" if cell is None else cell))
    with open(out / "split.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "label", "split", "group", "cell"), *table])


main(*sys.argv[1:])
