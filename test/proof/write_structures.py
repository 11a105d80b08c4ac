"""How a library builds every network, in words that can be compared: which tensors, strides, paddings, epsilons.

usage: write_structures.py keras|torch FILE. FILE becomes JSON by `LAYOUT/NAME`: tensors (`name shape`) and parts (a line
for every convolution and norm, and with Keras for every pooling), sorted; with Keras also layers, in Keras' order, and
parameters.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
os.environ.setdefault('CUDA_VISIBLE_DEVICES', '-1')

NETWORKS = json.loads((pathlib.Path(__file__).parent / 'networks.json').read_text())
# Every map of this side halves evenly down to 8: Keras' one-sided padding shows, which is TensorFlow's SAME.
EVEN_SIZE = 256
CLASSIFIERS = ('pre_logits.',)


def main():
    write = {'keras': keras_structures, 'torch': torch_structures}[sys.argv[1]]
    pathlib.Path(sys.argv[2]).write_text(json.dumps(dict(write()), indent=1))


def keras_structures():
    from keras_networks import construct, tensors_of

    for network in NETWORKS:
        if network['keras'] is None:
            continue
        model = construct('keras3', network, size=EVEN_SIZE)
        yield f"keras/{network['name']}", {
            'layers': [layer.name for layer in model.layers],
            'parameters': model.count_params(),
            'tensors': sorted(f'{name} {shape}' for name, shape in tensors_of(model)),
            'parts': sorted(filter(None, (keras_part(layer) for layer in model.layers))),
        }


def keras_part(layer):
    kind = type(layer).__name__
    if kind in ('Conv2D', 'DepthwiseConv2D'):
        return convolution(layer.name, layer.kernel_size[0], layer.strides[0], keras_padding(layer), layer.use_bias)
    if kind == 'MaxPooling2D':
        return f'{layer.name} maxPool {layer.pool_size[0]} stride {layer.strides[0]} pad {keras_padding(layer)}'
    return f'{layer.name} norm {layer.epsilon * 1e6:g}e-6' if kind == 'BatchNormalization' else None


def keras_padding(layer):
    before = layer._inbound_nodes[0].input_tensors[0]._keras_history[0]
    if type(before).__name__ != 'ZeroPadding2D':
        return 'same' if layer.padding == 'same' else 0
    (top, bottom), _ = before.padding
    return top if top == bottom else 'same'


def torch_structures():
    import torch
    from write_torch import build

    for network in NETWORKS:
        for layout, built in network['torch'].items():
            model, _, _ = build(layout, built['model'], built['arguments'])
            parts = []
            for name, module in model.named_modules():
                if name.startswith(CLASSIFIERS):
                    continue
                if isinstance(module, torch.nn.Conv2d):
                    padding = 'same' if type(module).__name__ == 'Conv2dSame' else module.padding[0]
                    kernel, stride = module.kernel_size[0], module.stride[0]
                    parts.append(convolution(name, kernel, stride, padding, module.bias is not None))
                elif isinstance(module, torch.nn.BatchNorm2d):
                    parts.append(f'{name} norm {module.eps * 1e6:g}e-6')
            tensors = sorted(f'{name} {list(tensor.shape)}' for name, tensor in model.state_dict().items())
            yield f"{layout}/{network['name']}", {'tensors': tensors, 'parts': sorted(parts)}


def convolution(name, kernel, stride, padding, has_bias):
    """Half a kernel on every side is SAME when nothing is skipped; one pixel wide needs none."""
    if kernel == 1 or (stride == 1 and padding == kernel // 2):
        padding = 'same'
    return f'{name} conv {kernel} stride {stride} pad {padding}{" bias" if has_bias else ""}'


if __name__ == '__main__':
    main()
