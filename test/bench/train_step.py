"""One fine-tuning step of EfficientNet-Lite0's last blocks in PyTorch: the peer of `lineside bench train-step`.

The same work as ours: cached activations at the cut in, blocks from the cut to the embedding, dropout, a linear head,
weighted softmax cross-entropy, backward, AdamW over every open weight. Batch norms are frozen: `eval` keeps them as
layers in inference mode with their scale and shift fixed, `folded` has them inside the convolutions as ours are.
Weights are random: speed does not depend on them. Needs torch alone.

Protocol: a JSON line {"version", "threads"} when ready; then each line on stdin is a number of steps, answered by a JSON
list of milliseconds per step.
"""

import argparse
import json
import sys
import time

import torch
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
STEM, TOP = 32, 1280


class Conv(nn.Module):
    """Convolution with TensorFlow's SAME padding, a frozen batch norm where asked, ReLU6 where asked."""

    def __init__(self, cin, cout, kernel, stride, groups, folded, relu):
        super().__init__()
        self.pads = kernel > 1 and stride > 1
        self.kernel, self.stride, self.relu = kernel, stride, relu
        padding = 0 if self.pads else kernel // 2
        self.conv = nn.Conv2d(cin, cout, kernel, stride, padding, groups=groups, bias=folded)
        self.norm = None if folded else nn.BatchNorm2d(cout, eps=1e-3).requires_grad_(False)

    def forward(self, x):
        if self.pads:
            height, width = (max(0, (-(-s // self.stride) - 1) * self.stride + self.kernel - s) for s in x.shape[-2:])
            x = F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
        x = self.conv(x)
        if self.norm is not None:
            x = self.norm(x)
        return F.relu6(x, inplace=True) if self.relu else x


class Block(nn.Module):
    def __init__(self, cin, cout, kernel, expand, stride, folded):
        super().__init__()
        wide = cin * expand
        layers = [] if expand == 1 else [Conv(cin, wide, 1, 1, 1, folded, True)]
        layers += [Conv(wide, wide, kernel, stride, wide, folded, True), Conv(wide, cout, 1, 1, 1, folded, False)]
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and cin == cout

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.residual else y


class Tail(nn.Module):
    def __init__(self, cut, size, labels, folded):
        super().__init__()
        blocks, cin, side = [], STEM, -(-size // 2)
        self.cut_shape = None
        for kernel, repeats, cout, expand, stride in ROWS:
            for i in range(repeats):
                if len(blocks) == cut:
                    self.cut_shape = (cin, side, side)
                step = stride if i == 0 else 1
                blocks.append(Block(cin, cout, kernel, expand, step, folded))
                cin, side = cout, -(-side // step)
        self.blocks = nn.Sequential(*blocks[cut:])
        self.top = Conv(cin, TOP, 1, 1, 1, folded, True)
        self.head = nn.Linear(TOP, labels)

    def forward(self, x):
        x = self.top(self.blocks(x)).mean((2, 3))
        return self.head(F.dropout(x, 0.3, training=True))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cut", type=int, default=12)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--norms", choices=["eval", "folded"], default="eval")
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    tail = Tail(args.cut, args.size, 2, args.norms == "folded").eval()
    features = torch.rand(args.batch, *tail.cut_shape)
    if args.channels_last:
        tail = tail.to(memory_format=torch.channels_last)
        features = features.contiguous(memory_format=torch.channels_last)
    targets = F.one_hot(torch.arange(args.batch) % 2, 2) * 0.95 + 0.025
    weights = torch.full((args.batch,), 1 / args.batch)
    optimiser = torch.optim.AdamW([p for p in tail.parameters() if p.requires_grad], lr=1e-5, weight_decay=1e-4)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = (-(F.log_softmax(tail(features), 1) * targets).sum(1) * weights).sum()
        loss.backward()
        optimiser.step()
        return loss.item()

    step()
    print(json.dumps({"version": torch.__version__, "threads": args.threads}), flush=True)
    for line in sys.stdin:
        spent = []
        for _ in range(int(line)):
            started = time.perf_counter()
            step()
            spent.append((time.perf_counter() - started) * 1000)
        print(json.dumps(spent), flush=True)


if __name__ == "__main__":
    main()
