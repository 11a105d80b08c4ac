"""Weights and pictures by formula: anyone can make them again, bit for bit.

A value follows from its tensor's name and shape and its index, through 32-bit integer arithmetic and one double
multiplication and addition, rounded to float32. libs/model/src/weights/formula.ts is the same in TypeScript.
"""

import math

import numpy as np

NORM_WIDTH = 0.25
SHIFT_WIDTH = 0.1
# Centre and half width of what is even about a centre, whatever the shape.
CENTRES = {
    'moving_variance': (1.0, NORM_WIDTH),
    'running_var': (1.0, NORM_WIDTH),
    'beta': (0.0, SHIFT_WIDTH),
    'bias': (0.0, SHIFT_WIDTH),
    'moving_mean': (0.0, SHIFT_WIDTH),
    'running_mean': (0.0, SHIFT_WIDTH),
    'mean': (0.45, 0.05),
    'variance': (0.06, 0.02),
}


def weight(name, shape, gain):
    """A tensor named `layer/role` as Keras does or `module.role` as PyTorch does; gain is the centre of a norm's gamma."""
    centre, width = range_of(name, shape, gain)
    return even(name, math.prod(shape), centre, width).reshape(shape)


def range_of(name, shape, gain):
    role = name.replace('/', '.').rsplit('.', 1)[-1]
    if role in CENTRES:
        return CENTRES[role]
    if role == 'gamma' or (role == 'weight' and len(shape) == 1):
        return gain, gain * NORM_WIDTH
    # He et al. 2015 (arXiv:1502.01852): variance 2 / fan in; an even spread of half width w has variance w^2 / 3.
    fan_in = {
        'kernel': math.prod(shape[:-1]),
        'depthwise_kernel': math.prod(shape[:2]),
        'weight': math.prod(shape[1:]),
    }[role]
    return 0.0, math.sqrt(6 / fan_in)


def even(name, count, centre, width):
    """`count` float32 values spread evenly over centre - width to centre + width."""
    index = np.arange(count, dtype=np.uint32)
    bits = mix(index * np.uint32(0x9E3779B1) + np.uint32(seed_of(name)))
    steps = (bits >> np.uint32(8)).astype(np.float64) - 2.0**23
    return (centre + steps * (width / 2.0**23)).astype(np.float32)


def mix(x):
    """Scramble uint32 values: Ellis' lowbias32 (https://nullprogram.com/blog/2018/07/31/)."""
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def seed_of(name):
    """FNV-1a of the name's UTF-8 bytes."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    return seed


def picture(side):
    """uint8 [side, side, 3]: a slope of its own in each channel, with noise on it."""
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing='ij')
    noise = mix(((y * side + x) * 3 + c).astype(np.uint32)) >> np.uint32(25)
    along = np.where(c == 0, x, np.where(c == 1, y, (x + y) // 2))
    return (noise + along * 128 // side).astype(np.uint8)
