"""The whole job in PyTorch, as a peer of `lineside train`: pictures on disk -> a judged model.

What comes before the cut runs once per picture, plain and mirrored, and is kept in memory; the head starts from a probe on
the frozen embedding; then the open blocks are trained with AdamW in one cycle, batch norms in inference mode, classes
weighted, labels smoothed; the last epoch is judged on the test side. EfficientNet-Lite0 from the same safetensors file,
the same split.csv, a fifth of train held back by group for validation.

Prints lines for a person, last a JSON line with seconds and figures. Needs torch, numpy, Pillow and safetensors.
"""

import argparse
import csv
import json
import random
import time
from pathlib import Path

STARTED = time.perf_counter()

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

# (kernel, repeats, channels, expansion, stride): table 1 of arXiv:1905.11946.
ROWS = [
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
]
STEM, TOP, SIZE = 32, 1280, 224


class Conv(nn.Module):
    """Convolution with TensorFlow's SAME padding, a batch norm in inference mode, ReLU6 where asked."""

    def __init__(self, cin, cout, kernel=1, stride=1, groups=1, relu=True):
        super().__init__()
        self.pads = kernel > 1 and stride > 1
        self.kernel, self.stride, self.relu = kernel, stride, relu
        padding = 0 if self.pads else kernel // 2
        self.conv = nn.Conv2d(cin, cout, kernel, stride, padding, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(cout, eps=1e-3).requires_grad_(False)

    def forward(self, x):
        if self.pads:
            height, width = (max(0, (-(-s // self.stride) - 1) * self.stride + self.kernel - s) for s in x.shape[-2:])
            x = F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
        x = self.norm(self.conv(x))
        return F.relu6(x, inplace=True) if self.relu else x

    def take(self, weights, conv, norm):
        self.conv.weight.data.copy_(weights[f"{conv}.weight"])
        for name in ("weight", "bias", "running_mean", "running_var"):
            getattr(self.norm, name).data.copy_(weights[f"{norm}.{name}"])


class Block(nn.Module):
    def __init__(self, cin, cout, kernel, expand, stride):
        super().__init__()
        wide = cin * expand
        self.expand = None if expand == 1 else Conv(cin, wide)
        self.depthwise = Conv(wide, wide, kernel, stride, wide)
        self.project = Conv(wide, cout, relu=False)
        self.residual = stride == 1 and cin == cout

    def forward(self, x):
        y = x if self.expand is None else self.expand(x)
        y = self.project(self.depthwise(y))
        return x + y if self.residual else y

    def take(self, weights, name):
        if self.expand is not None:
            self.expand.take(weights, f"{name}._expand_conv", f"{name}._bn0")
        self.depthwise.take(weights, f"{name}._depthwise_conv", f"{name}._bn1")
        self.project.take(weights, f"{name}._project_conv", f"{name}._bn2")


class Lite0(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.stem = Conv(3, STEM, 3, 2)
        self.stem.take(weights, "_conv_stem", "_bn0")
        blocks, cin = [], STEM
        for kernel, repeats, cout, expand, stride in ROWS:
            for i in range(repeats):
                blocks.append(Block(cin, cout, kernel, expand, stride if i == 0 else 1))
                blocks[-1].take(weights, f"_blocks.{len(blocks) - 1}")
                cin = cout
        self.blocks = nn.ModuleList(blocks)
        self.top = Conv(cin, TOP)
        self.top.take(weights, "_conv_head", "_bn1")

    def before(self, x, cut):
        x = self.stem(x)
        for block in self.blocks[:cut]:
            x = block(x)
        return x

    def behind(self, x, cut):
        for block in self.blocks[cut:]:
            x = block(x)
        return self.top(x).mean((2, 3))


def read_rows(data, split, group, good):
    with open(split, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["file"], row["defect"] = Path(data) / row["path"], row["label"] not in good
        row["group"] = row[group] if group in row else row["path"]
    return rows


def hold_back(rows, share, seed):
    """A share of the groups, good and defective alike."""
    groups = sorted({row["group"] for row in rows})
    random.Random(seed).shuffle(groups)
    held, wanted = set(), share * len(rows)
    for name in groups:
        if sum(row["group"] in held for row in rows) >= wanted:
            break
        held.add(name)
    return [row for row in rows if row["group"] not in held], [row for row in rows if row["group"] in held]


def load(row):
    picture = Image.open(row["file"]).convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    return (torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() - 127) / 128


def batches(rows, size=32):
    for i in range(0, len(rows), size):
        yield torch.stack([load(row) for row in rows[i : i + size]]).contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def features(network, rows, cut, mirrored):
    cuts, embeddings = [], []
    for pictures in batches(rows):
        for view in [pictures, pictures.flip(3)] if mirrored else [pictures]:
            x = network.before(view, cut)
            cuts.append(x.half())
            embeddings.append(network.behind(x, cut))
    return torch.cat(cuts), torch.cat(embeddings)


def labels_of(rows, mirrored):
    size, copies = 32, 2 if mirrored else 1
    return torch.tensor([row["defect"] for i in range(0, len(rows), size) for row in rows[i : i + size] * copies]).long()


def probe(embeddings, targets, weights):
    """Logistic regression on standardised embeddings, folded back into a linear layer."""
    mean, std = embeddings.mean(0), embeddings.std(0) + 1e-6
    x = (embeddings - mean) / std
    head = nn.Linear(TOP, 2)
    nn.init.zeros_(head.weight), nn.init.zeros_(head.bias)
    optimiser = torch.optim.LBFGS(head.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = F.cross_entropy(head(x), targets, weight=weights) + 1e-2 * head.weight.square().sum() / 2
        loss.backward()
        return loss

    optimiser.step(closure)
    with torch.no_grad():
        head.weight.div_(std)
        head.bias.sub_(head.weight @ mean)
    return head


def train(network, head, cuts, targets, weights, args):
    open_weights = [p for m in [*network.blocks[args.cut :], network.top] for p in m.parameters() if p.requires_grad]
    groups = [{"params": open_weights, "lr": 3e-4}, {"params": head.parameters(), "lr": 1e-3}]
    optimiser = torch.optim.AdamW(groups, weight_decay=1e-4)
    per_epoch = -(-len(cuts) // args.batch)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=[3e-4, 1e-3], total_steps=max(2, per_epoch * args.epochs), pct_start=0.3
    )
    for epoch in range(args.epochs):
        started, total = time.perf_counter(), 0.0
        order = torch.randperm(len(cuts))
        for i in range(0, len(order), args.batch):
            chosen = order[i : i + args.batch]
            x = cuts[chosen].float().contiguous(memory_format=torch.channels_last)
            logits = head(F.dropout(network.behind(x, args.cut), 0.3))
            loss = F.cross_entropy(logits, targets[chosen], weight=weights, label_smoothing=0.05)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            cycle.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / per_epoch:.3f}, {time.perf_counter() - started:.1f} s", flush=True)


def judge(scores, defects):
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(defects[order])
    count = np.arange(1, len(order) + 1)
    ranks = np.empty(len(scores))
    for value in np.unique(scores):
        same = scores == value
        ranks[same] = (scores < value).sum() + (same.sum() + 1) / 2
    positives, negatives = defects.sum(), (~defects).sum()
    auroc = (ranks[defects].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    at = np.searchsorted(hits, np.ceil(0.95 * positives))
    return {
        "auroc": float(auroc),
        "maxF1": float((2 * hits / (count + positives)).max()),
        "overkillAt95": float((count[at] - hits[at]) / negatives),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--split")
    parser.add_argument("--group", default="group")
    parser.add_argument("--good", action="append", help="name of the good class, repeatable; default good")
    parser.add_argument("--weights", required=True, help="EfficientNet-Lite0, safetensors")
    parser.add_argument("--cut", type=int, default=9, help="index of the first open block")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rows = read_rows(args.data, args.split or Path(args.data) / "split.csv", args.group, args.good or ["good"])
    test = [row for row in rows if row["split"] == "test"]
    learn, validation = hold_back([row for row in rows if row["split"] == "train"], 0.2, args.seed)
    network = Lite0(load_file(args.weights)).eval().to(memory_format=torch.channels_last)
    loaded = time.perf_counter()

    cuts, embeddings = features(network, learn, args.cut, mirrored=True)
    held, _ = features(network, validation, args.cut, mirrored=False)
    featured = time.perf_counter()
    print(f"features of {len(learn)} + {len(validation)} pictures: {featured - loaded:.1f} s", flush=True)

    targets = labels_of(learn, mirrored=True)
    weights = len(targets) / (2 * torch.bincount(targets, minlength=2).clamp(min=1).float())
    head = probe(embeddings.clone(), targets, weights)
    train(network, head, cuts, targets, weights, args)
    trained = time.perf_counter()
    print(f"training: {trained - featured:.1f} s", flush=True)

    with torch.inference_mode():
        score = lambda x: F.softmax(head(network.behind(x, args.cut)), 1)[:, 1]
        on_validation = torch.cat([score(part.float()) for part in held.split(32)])
        on_test = torch.cat([score(network.before(pictures, args.cut)) for pictures in batches(test)])
    figures = judge(on_test.numpy(), np.array([row["defect"] for row in test]))
    ended = time.perf_counter()
    seen = judge(on_validation.numpy(), np.array([row["defect"] for row in validation]))
    print(f"validation AUROC {seen['auroc']:.4f}; test: {figures}", flush=True)
    seconds = {
        "start": loaded - STARTED,
        "features": featured - loaded,
        "training": trained - featured,
        "evaluation": ended - trained,
        "total": ended - STARTED,
    }
    print(json.dumps({"version": torch.__version__, "threads": args.threads, "seconds": seconds, **figures}))


if __name__ == "__main__":
    main()
