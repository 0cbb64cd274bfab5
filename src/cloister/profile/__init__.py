"""Time and memory of each layer and each cut: the enclave engine beside ONNX Runtime."""
