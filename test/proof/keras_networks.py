"""Networks of Keras Applications, in Keras 3 and in Keras 2 (tf-keras), filled by the formula."""

import contextlib
import importlib

import keras
import numpy as np
import tf_keras

import formula

KERAS = {'keras2': tf_keras, 'keras3': keras}


def build(library, network, *, size, with_top=False):
    """The network with every weight filled, for square pictures of this size; None: of the size it was published for."""
    model = construct(library, network, size=size, with_top=with_top)
    fill(model, network['gain'])
    return model


def construct(library, network, *, size, with_top=False):
    """The network as weights='imagenet' builds it, but for the weights."""
    kit = KERAS[library]
    kit.backend.clear_session()
    constructor = getattr(kit.applications, network['keras']['model'])
    with imagenet_construction(constructor) as weights:
        # With its top and these weights Keras builds EfficientNet at its own size only.
        shape = None if size is None or (with_top and weights) else (size, size, 3)
        return constructor(include_top=with_top, weights=weights, input_shape=shape, **network['keras']['arguments'])


@contextlib.contextmanager
def imagenet_construction(constructor):
    """EfficientNet with weights='imagenet' has one scaling more; have it built without fetching the weights."""
    module = importlib.import_module(constructor.__module__)
    files = getattr(module, 'file_utils', None) or getattr(module, 'data_utils')
    model_class = getattr(module, 'Functional', None) or module.training.Model
    if 'efficientnet' not in module.__name__:
        yield None
        return
    kept = files.get_file, model_class.load_weights
    files.get_file = lambda *args, **kwargs: 'none'
    model_class.load_weights = lambda *args, **kwargs: None
    try:
        yield 'imagenet'
    finally:
        files.get_file, model_class.load_weights = kept


def fill(model, gain):
    """Set every weight by its name."""
    for layer in model.layers:
        if layer.weights:
            layer.set_weights([value_of(layer, weight, gain) for weight in layer.weights])
        if hasattr(layer, 'finalize_state'):
            layer.finalize_state()


def value_of(layer, weight, gain):
    name = name_of(layer, weight)
    return np.zeros((), 'int64') if name.endswith('/count') else formula.weight(name, tuple(weight.shape), gain)


def name_of(layer, weight):
    """`layer/role`; Keras 2 and 3 differ in what they call a depthwise kernel."""
    role = weight.name.split('/')[-1].split(':')[0]
    is_depthwise = type(layer).__name__ == 'DepthwiseConv2D' and role == 'kernel'
    return f'{layer.name}/{"depthwise_kernel" if is_depthwise else role}'


def tensors_of(model):
    """Names and shapes of every weight, in order."""
    return [[name_of(layer, weight), list(weight.shape)] for layer in model.layers for weight in layer.weights]


def run(library, network, model):
    """Inner layer [1, h, w, c] and embedding [1, c] of the formula's picture, preprocessed as the network declares."""
    kit = KERAS[library]
    constructor = getattr(kit.applications, network['keras']['model'])
    preprocess = importlib.import_module(constructor.__module__).preprocess_input
    picture = preprocess(formula.picture(network['size'])[None].astype('float32'))
    last_map = [layer for layer in model.layers if len(output_shape(layer)) == 4][-1]
    taps = kit.Model(model.inputs, [model.get_layer(network['inner']).output, last_map.output])
    inner, feature_map = (np.asarray(value) for value in taps(picture))
    return {'inner': inner, 'embedding': feature_map.astype('float64').mean((1, 2)).astype('float32')}


def output_shape(layer):
    shape = layer.output.shape if not isinstance(layer.output, list) else layer.output[0].shape
    return tuple(shape)
