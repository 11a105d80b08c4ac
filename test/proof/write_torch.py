"""Write checkpoints as torchvision and timm write them, and what these libraries make of them.

usage: write_torch.py OUT, with one JSON job a line on stdin: {network, layout}, network as in networks.json, layout a key
of its `torch`. OUT/LAYOUT-NAME/ gets checkpoint.safetensors and expected.safetensors (inner [1, h, w, c], embedding
[1, c]; the checkpoint's names and shapes as metadata). A line on stdout names the folder once it is whole.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

import formula

# Rounding alone; where it is more, the formula's gain makes the network chaotic and a comparison says nothing.
LARGEST_DIFFERENCE = 1e-5
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def main():
    out = pathlib.Path(sys.argv[1])
    for line in sys.stdin:
        job = json.loads(line)
        folder = out / f"{job['layout']}-{job['network']['name']}"
        write_network(job, folder)
        print(json.dumps({'folder': str(folder)}), flush=True)


def write_network(job, folder):
    network = job['network']
    folder.mkdir(parents=True, exist_ok=True)
    built = network['torch'][job['layout']]
    model, mean, std = build(job['layout'], built['model'], built['arguments'])
    state = model.state_dict()
    for name, tensor in state.items():
        if not name.endswith('num_batches_tracked'):
            tensor.copy_(torch.from_numpy(formula.weight(name, tuple(tensor.shape), network['gain'])))
    save_file(state, folder / 'checkpoint.safetensors')
    picture = torch.from_numpy(formula.picture(network['size'])).permute(2, 0, 1)[None].float() / 255
    picture = (picture - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)
    expected = run(model, built['inner'], picture)
    exact = run(model.double(), built['inner'], picture.double())
    for name, value in exact.items():
        difference = ((expected[name] - value).abs().max() / value.abs().max()).item()
        assert difference <= LARGEST_DIFFERENCE, f'{name} of {network["name"]} is off by {difference} in float32'
    names = [[name, list(tensor.shape)] for name, tensor in state.items()]
    described = {'layout': job['layout'], 'network': network['name'], 'size': str(network['size'])}
    described |= {'gain': str(network['gain']), 'normalise': json.dumps([mean, std]), 'tensors': json.dumps(names)}
    save_file(expected, folder / 'expected.safetensors', metadata=described)


def build(layout, name, arguments):
    """The model, and the mean and standard deviation (of pictures 0..1) that the library declares for it."""
    if layout == 'torchvision':
        import torchvision

        return torchvision.models.get_model(name, weights=None, **arguments).eval(), *IMAGENET
    import timm

    model = timm.create_model(name, pretrained=False, **arguments).eval()
    return model, model.default_cfg['mean'], model.default_cfg['std']


@torch.no_grad()
def run(model, inner, picture):
    taken = {}
    model.get_submodule(inner).register_forward_hook(lambda *call: taken.update(inner=call[2].clone()))
    if hasattr(model, 'forward_features'):
        taken['map'] = model.forward_features(picture)
    else:
        # torchvision: VGG, MobileNetV2 and EfficientNet keep the features in one module, ResNet ends them at layer4.
        last = 'features' if hasattr(model, 'features') else 'layer4'
        model.get_submodule(last).register_forward_hook(lambda *call: taken.update(map=call[2].clone()))
        model(picture)
    return {
        'inner': taken['inner'].permute(0, 2, 3, 1).contiguous(),
        'embedding': taken['map'].double().mean((2, 3)).to(picture.dtype),
    }


if __name__ == '__main__':
    main()
