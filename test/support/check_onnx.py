"""Checks an exported model with onnx and runs it in onnxruntime's Python build.

Reads a JSON request on standard input: {model: path, inputs: {name: {shape, data}}}. Writes a JSON answer: the outputs,
and what the file says about itself.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime as ort

request = json.load(sys.stdin)
onnx.checker.check_model(request["model"], full_check=True)
model = onnx.load(request["model"])
session = ort.InferenceSession(request["model"], providers=["CPUExecutionProvider"])
feeds = {
    name: np.array(tensor["data"], np.float32).reshape(tensor["shape"]) for name, tensor in request["inputs"].items()
}
names = [output.name for output in session.get_outputs()]
outputs = session.run(names, feeds)


def dims(value):
    return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]


json.dump(
    {
        "outputs": {name: {"shape": list(x.shape), "data": x.ravel().tolist()} for name, x in zip(names, outputs)},
        "producer": [model.producer_name, model.producer_version],
        "opset": [[entry.domain, entry.version] for entry in model.opset_import],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "inputShapes": {value.name: dims(value) for value in model.graph.input},
        "outputShapes": {value.name: dims(value) for value in model.graph.output},
        "descriptions": {value.name: value.doc_string for value in [*model.graph.input, *model.graph.output]},
        "initializers": [tensor.name for tensor in model.graph.initializer],
        "version": ort.__version__,
    },
    sys.stdout,
)
