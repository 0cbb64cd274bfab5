"""The client: checks an enclave, seals inputs to it, opens its answers.

    from cloister.client import Client

    with Client("http://host:8400", policy="policy.toml") as client:
        print(client.classify("photo.jpg").top(5))

Needs neither torch nor onnx nor onnxruntime.
"""

from cloister.client.client import Client, UnsafeWarning
from cloister.client.inference import Inference, Sizes, Top

__all__ = ["Client", "Inference", "Sizes", "Top", "UnsafeWarning"]
