"""Write weight files as Keras writes them, and what Keras itself makes of them.

usage: write_keras.py OUT, with one JSON job a line on stdin: {network, formats, topFormats, topSize}, network as in
networks.json. OUT/NAME/ gets no-top/FORMAT and with-top/FORMAT files, keras2-layers.json and keras3-layers.json (names in
Keras' order, parameters) and expected.safetensors (inner [1, h, w, c], embedding [1, c]; names and shapes of every tensor
as metadata). A line on stdout names the folder once it is whole.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
os.environ.setdefault('CUDA_VISIBLE_DEVICES', '-1')
# Plain kernels: oneDNN's reorder sums, and two processes would not agree to the last bit.
os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '0')

import h5py
import keras
import numpy as np
import tf_keras
from keras.src.legacy.saving import legacy_h5_format
from safetensors.numpy import save_file

from keras_networks import build, run, tensors_of

SAVE = {
    'keras2-weights.h5': lambda model, file: model.save_weights(file),
    'keras2-v3.weights.h5': lambda model, file: model.save_weights(file),
    'keras2-model.h5': lambda model, file: compiled(model).save(file),
    'keras2-model.keras': lambda model, file: compiled(model).save(file),
    'keras2-nested.h5': lambda model, file: nested(model, tf_keras).save(file),
    'keras2-nested.keras': lambda model, file: nested(model, tf_keras).save(file),
    'keras3.weights.h5': lambda model, file: model.save_weights(file),
    'keras3-legacy.h5': lambda model, file: save_legacy_weights(model, file),
    'keras3-model.h5': lambda model, file: compiled(model).save(file),
    'keras3-model.keras': lambda model, file: compiled(model).save(file),
    'keras3-nested.h5': lambda model, file: nested(model, keras).save(file),
    'keras3-nested.keras': lambda model, file: nested(model, keras).save(file),
    'keras3-nested.weights.h5': lambda model, file: nested(model, keras).save_weights(file),
}
# The two libraries run the same kernels; this is far above their rounding and far below any difference in structure.
LARGEST_DIFFERENCE = 1e-5


def main():
    out = pathlib.Path(sys.argv[1])
    for line in sys.stdin:
        job = json.loads(line)
        folder = out / job['network']['name']
        write_network(job, folder)
        print(json.dumps({'folder': str(folder)}), flush=True)


def write_network(job, folder):
    network = job['network']
    expected = {}
    for library in ('keras3', 'keras2'):
        model = build(library, network, size=network['size'])
        save(model, library, job['formats'], folder / 'no-top')
        expected[library] = run(library, network, model)
        tensors = tensors_of(model)
        described = {'parameters': model.count_params(), 'layers': [layer.name for layer in model.layers]}
        (folder / f'{library}-layers.json').write_text(json.dumps(described))
        if of_library(job['topFormats'], library):
            whole = build(library, network, size=job['topSize'], with_top=True)
            save(whole, library, job['topFormats'], folder / 'with-top')
    for name, value in expected['keras3'].items():
        difference = np.abs(value - expected['keras2'][name]).max() / np.abs(value).max()
        assert difference <= LARGEST_DIFFERENCE, f'Keras 2 and 3 differ by {difference} at {name} of {network["name"]}'
    about = {'layout': 'keras', 'network': network['name'], 'size': str(network['size'])}
    about |= {'gain': str(network['gain']), 'tensors': json.dumps(tensors)}
    save_file(expected['keras3'], folder / 'expected.safetensors', metadata=about)


def save(model, library, formats, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in of_library(formats, library):
        SAVE[name](model, str(folder / name))


def of_library(formats, library):
    return [name for name in formats if name.startswith(library)]


def compiled(model):
    """As after training: the file holds the state of an optimiser, too."""
    model.compile('sgd', 'mse')
    model.optimizer.build(model.trainable_variables)
    return model


def nested(base, kit):
    """As one trains on it: the base is one layer of a model with a head."""
    pooled = kit.layers.GlobalAveragePooling2D()
    return compiled(kit.Sequential([base, pooled, kit.layers.Dense(2, activation='softmax', name='head')]))


def save_legacy_weights(model, file):
    """The layout Keras 2 wrote, which Keras 3 still reads and writes inside whole models."""
    with h5py.File(file, 'w') as hdf5:
        legacy_h5_format.save_weights_to_hdf5_group(hdf5, model)


if __name__ == '__main__':
    main()
