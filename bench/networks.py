"""The networks of the published numbers, as ONNX bytes.

Real weights of the shared data: LeNet, ResNet-20 and -56 (CIFAR), SqueezeNet 1.1, MobileNetV2,
ResNet-50 v2 up to stage 3; they are built here without torch, so the tests use them too. The others
come from torchvision with random weights, batch norm calibrated on real photographs so that
activations keep their size; TON_IoT's is trained here in a second by least squares on random
features.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import helper, numpy_helper

from bench import data
from bench.data import Floats, Labelled


@dataclass
class Builder:
    """Writes an ONNX graph node by node; values are named after the layer that makes them."""

    input_name: str
    shape: tuple[int, ...]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: np.ndarray) -> str:
        """Adds an initializer."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op: str, name: str, *inputs: str, **attributes: object) -> str:
        """Adds a node with one output, both called `name`."""
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def conv(self, name: str, x: str, w: Floats, b: Floats | None, **attributes: object) -> str:
        """Adds a convolution."""
        inputs = [x, self.constant(f"{name}.weight", w)]
        if b is not None:
            inputs.append(self.constant(f"{name}.bias", b))
        return self.add("Conv", name, *inputs, kernel_shape=list(w.shape[2:]), **attributes)

    def gemm(self, name: str, x: str, w: Floats, b: Floats) -> str:
        """Adds a fully connected layer; w [out, in]."""
        return self.add(
            "Gemm",
            name,
            x,
            self.constant(f"{name}.weight", w),
            self.constant(f"{name}.bias", b),
            transB=1,
        )

    def finish(self, output: str, shape: tuple[int, ...]) -> bytes:
        """The checked model."""
        graph = helper.make_graph(
            self.nodes,
            "network",
            [helper.make_tensor_value_info(self.input_name, onnx.TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, shape)],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString()


def lenet() -> bytes:
    """LeNet on MNIST, real weights."""
    w = data.weights("mnist_lenet_fp32")
    net = Builder("image", (1, 1, 28, 28))
    x = net.conv("conv1", "image", w["conv1.weight"], w["conv1.bias"])
    x = net.add("MaxPool", "pool1", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net.conv("conv2", x, w["conv2.weight"], w["conv2.bias"])
    x = net.add("MaxPool", "pool2", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net.add("Flatten", "flatten", x)
    x = net.gemm("fc1", x, w["fc1.weight"], w["fc1.bias"])
    x = net.add("Relu", "relu1", x)
    x = net.gemm("logits", x, w["fc2.weight"], w["fc2.bias"])
    return net.finish(x, (1, 10))


def resnet20(blocks: int = 3) -> bytes:
    """ResNet-20 on CIFAR-10 (three stages of `blocks` blocks), real weights; batch norm as its own
    node, option-A shortcuts (slice and pad).
    """
    w = data.weights(f"cifar10_resnet{6 * blocks + 2}_fp32")
    net = Builder("image", (1, 3, 32, 32))

    def conv_bn(name: str, bn: str, x: str, stride: int) -> str:
        y = net.conv(name, x, w[f"{name}.weight"], None, strides=[stride] * 2, pads=[1] * 4)
        names = [
            net.constant(f"{bn}.{part}", w[f"{bn}.{part}"])
            for part in ("weight", "bias", "running_mean", "running_var")
        ]
        return net.add("BatchNormalization", bn, y, *names, epsilon=1e-5)

    x = net.add("Relu", "relu", conv_bn("conv1", "bn1", "image", 1))
    for layer, width in ((1, 16), (2, 32), (3, 64)):
        for block in range(blocks):
            name = f"layer{layer}.{block}"
            stride = 2 if layer > 1 and block == 0 else 1
            y = net.add("Relu", f"{name}.relu1", conv_bn(f"{name}.conv1", f"{name}.bn1", x, stride))
            y = conv_bn(f"{name}.conv2", f"{name}.bn2", y, 1)
            if stride == 2:
                bounds = {"starts": [0, 0], "ends": [1 << 30] * 2, "axes": [2, 3], "steps": [2, 2]}
                sliced = net.add(
                    "Slice", f"{name}.slice", x,
                    *(net.constant(f"{name}.{k}", np.int64(v)) for k, v in bounds.items()),
                )  # fmt: skip
                pad = np.array([0, width // 4, 0, 0] * 2, np.int64)
                x = net.add("Pad", f"{name}.pad", sliced, net.constant(f"{name}.pads", pad))
            x = net.add("Relu", f"{name}.relu2", net.add("Add", f"{name}.add", y, x))
    x = net.add("Flatten", "flatten", net.add("GlobalAveragePool", "pool", x))
    x = net.gemm("logits", x, w["linear.weight"], w["linear.bias"])
    return net.finish(x, (1, 10))


def resnet56() -> bytes:
    """ResNet-56 on CIFAR-10, real weights."""
    return resnet20(9)


def resnet50_v2() -> bytes:
    """ResNet-50 v2 on ImageNet, real weights, up to stage 3, whose maps are averaged: the weights
    of stage 4 are not at hand.
    """
    w = data.weights("resnet50v2_imagenet_stem_stage1-3_fp16")
    net = Builder("image", (1, 3, 224, 224))

    def norm(name: str, x: str) -> str:
        parts = ("gamma", "beta", "running_mean", "running_var")
        values = [net.constant(f"{name}.{part}", w[f"{name}_{part}"]) for part in parts]
        return net.add("BatchNormalization", name, x, *values, epsilon=1e-5)

    def conv(name: str, x: str, stride: int = 1) -> str:
        kernel = w[f"{name}_weight"]
        pads = [kernel.shape[2] // 2] * 4
        return net.conv(name, x, kernel, None, strides=[stride] * 2, pads=pads)

    x = conv("conv0", norm("batchnorm0", "image"), 2)
    x = net.add("Relu", "relu0", norm("batchnorm1", x))
    x = net.add("MaxPool", "pool0", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for stage, units in ((1, 3), (2, 4), (3, 6)):
        for unit in range(units):
            name, first = f"stage{stage}", 3 * unit + (unit > 0)
            stride = 2 if stage > 1 and unit == 0 else 1
            short = x
            for i in range(3):
                y = norm(f"{name}_batchnorm{3 * unit + i}", x)
                y = net.add("Relu", f"{name}_relu{3 * unit + i}", y)
                if unit == i == 0:
                    short = conv(f"{name}_conv3", y, stride)
                x = conv(f"{name}_conv{first + i}", y, stride if i == 1 else 1)
            x = net.add("Add", f"{name}_unit{unit}", x, short)
    return net.finish(net.add("GlobalAveragePool", "pool", x), (1, 1024, 1, 1))


def squeezenet() -> bytes:
    """SqueezeNet 1.1 on ImageNet, real weights."""
    w = data.weights("squeezenet1_1_imagenet_fp32")
    net = Builder("image", (1, 3, 224, 224))

    def conv_relu(name: str, x: str, **attributes: object) -> str:
        y = net.conv(name, x, w[f"{name}.weight"], w[f"{name}.bias"], **attributes)
        return net.add("Relu", f"{name}.relu", y)

    x = conv_relu("features.0", "image", strides=[2, 2])
    for i in range(2, 13):
        name = f"features.{i}"
        if i in (2, 5, 8):
            x = net.add("MaxPool", name, x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
            continue
        x = conv_relu(f"{name}.squeeze", x)
        wide = [conv_relu(f"{name}.expand1x1", x), conv_relu(f"{name}.expand3x3", x, pads=[1] * 4)]
        x = net.add("Concat", name, *wide, axis=1)
    x = net.add("GlobalAveragePool", "pool", conv_relu("classifier.1", x))
    return net.finish(net.add("Flatten", "logits", x), (1, 1000))


def mobilenet_v2(side: int = 224) -> bytes:
    """MobileNetV2 on ImageNet, real weights (batch norm folded where they come from)."""
    w = data.weights("mobilenet_v2_imagenet_bnfolded_fp32")
    net = Builder("image", (1, 3, side, side))

    def conv(name: str, x: str, *, clip: bool, stride: int = 1) -> str:
        kernel = w[f"{name}.weight"]
        groups = kernel.shape[0] if kernel.shape[1] == 1 and kernel.shape[2] == 3 else 1
        x = net.conv(
            name, x, kernel, w[f"{name}.bias"],
            strides=[stride] * 2, pads=[kernel.shape[2] // 2] * 4, group=groups,
        )  # fmt: skip
        if not clip:
            return x
        return net.add("Clip", f"{name}.relu6", x, "zero", "six")

    net.constant("zero", np.float32(0))
    net.constant("six", np.float32(6))
    x = conv("features.0.0", "image", clip=True, stride=2)
    strides = {2: 2, 4: 2, 7: 2, 14: 2}
    for i in range(1, 18):
        name, stride, skip = f"features.{i}.conv", strides.get(i, 1), x
        if i > 1:
            x = conv(f"{name}.0.0", x, clip=True)
        x = conv(f"{name}.0.0" if i == 1 else f"{name}.1.0", x, clip=True, stride=stride)
        last = f"{name}.1" if i == 1 else f"{name}.2"
        x = conv(last, x, clip=False)
        if (
            i > 1
            and stride == 1
            and w[f"{name}.0.0.weight"].shape[1] == w[f"{last}.weight"].shape[0]
        ):
            x = net.add("Add", f"{name}.add", x, skip)
    x = net.add("GlobalAveragePool", "pool", conv("features.18.0", x, clip=True))
    x = net.gemm(
        "logits", net.add("Flatten", "flatten", x), w["classifier.1.weight"], w["classifier.1.bias"]
    )
    return net.finish(x, (1, 1000))


@dataclass
class Cfg:
    """Writes a network as one of Darknet's cfg files has it: seeded random weights, batch norm
    after each convolution, with statistics near its input's, so that activations keep their size.

    The three of the published artifact (arXiv 2403.12568), each at 256 x 256; their multiply-adds
    and bytes of weights are checked against its figures (tests/optee/test_optee_plan.py).
    """

    net: Builder
    rng: np.random.Generator
    leak: float | None
    channels: int = 3
    side: int = 256

    @classmethod
    def new(cls, leak: float | None) -> Cfg:
        """leak: slope of the activation below zero; None: clipped there."""
        return cls(Builder("image", (1, 3, 256, 256)), np.random.default_rng(0), leak)

    def normal(self, *shape: int, scale: float) -> Floats:
        """Drawn from a normal distribution."""
        return (scale * self.rng.standard_normal(shape, np.float32)).astype(np.float32)

    def conv(
        self, name: str, x: str, n: int, size: int, stride: int = 1, *,
        depthwise: bool = False, linear: bool = False,
    ) -> str:  # fmt: skip
        """[convolutional], batch_normalize=1, pad=1."""
        groups = self.channels if depthwise else 1
        fan_in = size * size * self.channels // groups
        w = self.normal(n, self.channels // groups, size, size, scale=(2 / fan_in) ** 0.5)
        y = self.net.conv(
            f"{name}.conv", x, w, None,
            strides=[stride] * 2, pads=[size // 2] * 4, group=groups,
        )  # fmt: skip
        statistics = {
            "weight": 1 + self.normal(n, scale=0.1),
            "bias": self.normal(n, scale=0.1),
            "mean": self.normal(n, scale=0.1),
            "var": 1 + np.abs(self.normal(n, scale=0.1)),
        }
        parts = [self.net.constant(f"{name}.{k}", v) for k, v in statistics.items()]
        y = self.net.add("BatchNormalization", f"{name}.bn", y, *parts, epsilon=1e-5)
        self.channels, self.side = n, -(-self.side // stride)
        return y if linear else self.activation(name, y)

    def activation(self, name: str, x: str) -> str:
        """activation=relu or leaky."""
        if self.leak is None:
            return self.net.add("Relu", f"{name}.relu", x)
        return self.net.add("LeakyRelu", f"{name}.leaky", x, alpha=self.leak)

    def halve(self, name: str, x: str) -> str:
        """[maxpool], size=2, stride=2."""
        self.side //= 2
        return self.net.add("MaxPool", name, x, kernel_shape=[2, 2], strides=[2, 2])

    def shortcut(self, name: str, x: str, short: str, before: tuple[int, int]) -> str:
        """[shortcut]: where shapes differ, every second pixel, and zeros for channels there are
        not.
        """
        channels, side = before
        if side != self.side:
            bounds = {"starts": [0, 0], "ends": [1 << 30] * 2, "axes": [2, 3], "steps": [2, 2]}
            parts = [self.net.constant(f"{name}.{k}", np.int64(v)) for k, v in bounds.items()]
            short = self.net.add("Slice", f"{name}.slice", short, *parts)
            pads = np.array([0, 0, 0, 0, 0, self.channels - channels, 0, 0], np.int64)
            short = self.net.add("Pad", f"{name}.pad", short, self.net.constant(f"{name}.p", pads))
        return self.activation(name, self.net.add("Add", f"{name}.add", x, short))

    def finish(self, x: str) -> bytes:
        """[avgpool], 1,000 classes, [softmax]."""
        x = self.net.add("Flatten", "flatten", self.net.add("GlobalAveragePool", "pool", x))
        w = self.normal(1000, self.channels, scale=self.channels**-0.5)
        x = self.net.gemm("classes", x, w, self.normal(1000, scale=0.1))
        return self.net.finish(self.net.add("Softmax", "scores", x, axis=1), (1, 1000))


def mobilenet_v1() -> bytes:
    """MobileNet v1 of the published artifact, random weights."""
    cfg = Cfg.new(None)
    x = cfg.conv("first", "image", 32, 3, 2)
    widths = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    for i, n in enumerate(widths):
        stride = 2 if i in {1, 3, 5, 11} else 1
        x = cfg.conv(f"depthwise{i}", x, cfg.channels, 3, stride, depthwise=True)
        x = cfg.conv(f"pointwise{i}", x, n, 1)
    return cfg.finish(x)


def resnet18() -> bytes:
    """ResNet-18 of the published artifact, random weights; its shortcuts have none."""
    cfg = Cfg.new(0.1)
    x = cfg.halve("pool1", cfg.conv("first", "image", 64, 7, 2))
    for layer, n in enumerate((64, 128, 256, 512)):
        for block in range(2):
            name, before, short = f"layer{layer}.{block}", (cfg.channels, cfg.side), x
            x = cfg.conv(f"{name}.0", x, n, 3, 2 if layer > 0 and block == 0 else 1)
            x = cfg.conv(f"{name}.1", x, n, 3, linear=True)
            x = cfg.shortcut(name, x, short, before)
    return cfg.finish(x)


def darknet_reference() -> bytes:
    """Darknet Reference of the published artifact, random weights."""
    cfg = Cfg.new(0.1)
    x = "image"
    for i, n in enumerate((16, 32, 64, 128, 256, 512, 1024)):
        x = cfg.conv(f"conv{i}", x, n, 3)
        if i < 6:
            x = cfg.halve(f"halve{i}", x)
    return cfg.finish(x)


@dataclass
class Drawn:
    """Layers with He's random weights (seed 0), so that activations keep their size."""

    net: Builder
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def conv(
        self, name: str, x: str, c: int, n: int, *, k: int = 3, stride: int = 1, group: int = 1
    ) -> str:
        """A convolution with bias, of even sizes: padding keeps size / stride."""
        fan = c // group * k * k
        w = self.random.normal(0, (2 / fan) ** 0.5, (n, c // group, k, k)).astype(np.float32)
        b = self.random.normal(0, 0.05, n).astype(np.float32)
        before, after = (k - stride) // 2, (k - stride + 1) // 2
        pads = [max(0, before)] * 2 + [max(0, after)] * 2
        return self.net.conv(name, x, w, b, strides=[stride] * 2, group=group, pads=pads)

    def relu(self, name: str, x: str, **attributes: int) -> str:
        """A convolution and ReLU."""
        c, n = attributes.pop("c"), attributes.pop("n")
        return self.net.add("Relu", f"{name}.relu", self.conv(name, x, c, n, **attributes))

    def finish(self, x: str, c: int, classes: int) -> bytes:
        """Global average, a fully connected layer, softmax."""
        x = self.net.add("Flatten", "flatten", self.net.add("GlobalAveragePool", "pool", x))
        w = self.random.normal(0, c**-0.5, (classes, c)).astype(np.float32)
        x = self.net.gemm("logits", x, w, np.zeros(classes, np.float32))
        return self.net.finish(self.net.add("Softmax", "probabilities", x, axis=1), (1, classes))


def slim_mobilenet_v1(width: float, size: int, classes: int) -> bytes:
    """MobileNet v1 with a width multiplier (arXiv 1704.04861), batch norm folded."""
    drawn, c = Drawn(Builder("image", (1, 3, size, size))), int(32 * width)
    x = drawn.relu("first", "image", c=3, n=c, stride=2)
    outs = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    for i, n in enumerate(int(out * width) for out in outs):
        stride = 2 if i in {1, 3, 5, 11} else 1
        x = drawn.relu(f"depthwise{i}", x, c=c, n=c, group=c, stride=stride)
        x, c = drawn.relu(f"pointwise{i}", x, c=c, n=n, k=1), n
    return drawn.finish(x, c, classes)


def resnet8() -> bytes:
    """ResNet-8 of MLPerf Tiny on CIFAR-10, batch norm folded."""
    drawn, c = Drawn(Builder("image", (1, 3, 32, 32))), 16
    x = drawn.relu("first", "image", c=3, n=c)
    for n, stride in ((16, 1), (32, 2), (64, 2)):
        y = drawn.relu(f"layer{n}.0", x, c=c, n=n, stride=stride)
        y = drawn.conv(f"layer{n}.1", y, n, n)
        short = drawn.conv(f"layer{n}.short", x, c, n, k=1, stride=stride) if stride > 1 else x
        x, c = drawn.net.add("Relu", f"layer{n}", drawn.net.add("Add", f"sum{n}", y, short)), n
    return drawn.finish(x, c, 10)


def ton_iot() -> bytes:
    """A network on TON_IoT records: standardise, two random tanh layers, a readout fitted by ridge
    regression.

    Trained on 40,000 records drawn with seed 1; tests use other seeds' order of the same file, so
    its accuracy is not a published figure.
    """
    records = data.ton_iot(40000, seed=1)
    x_NF = np.concatenate(records.inputs)
    mean, std = x_NF.mean(0), x_NF.std(0) + np.float32(1e-3)
    rng = np.random.default_rng(0)
    w1 = rng.normal(0, 15**-0.5, (64, 15)).astype(np.float32)
    w2 = rng.normal(0, 64**-0.5, (128, 64)).astype(np.float32)
    b1, b2 = (rng.normal(0, 0.5, n).astype(np.float32) for n in (64, 128))
    hidden = np.tanh(np.tanh((x_NF - mean) / std @ w1.T + b1) @ w2.T + b2)
    design = np.concatenate([hidden, np.ones((len(hidden), 1), np.float32)], 1).astype(np.float64)
    target = np.eye(2)[records.labels] * 2 - 1
    readout = np.linalg.solve(design.T @ design + np.eye(129), design.T @ target).astype(np.float32)
    net = Builder("record", (1, 15))
    x = net.add("Sub", "centred", "record", net.constant("mean", mean))
    x = net.add("Div", "standardised", x, net.constant("std", std))
    x = net.add("Tanh", "hidden1", net.gemm("fc1", x, w1, b1))
    x = net.add("Tanh", "hidden2", net.gemm("fc2", x, w2, b2))
    x = net.gemm("logits", x, np.ascontiguousarray(readout[:-1].T), readout[-1])
    return net.finish(net.add("Softmax", "probabilities", x, axis=1), (1, 2))


def torchvision(name: str, **arguments: object) -> bytes:
    """A torchvision network with random weights (seed 0), batch norm calibrated on real
    photographs; plain networks without batch norm get He's initialisation, so that their
    activations keep their size too.
    """
    import torch

    from cloister.graph.zoo import build, calibrate_batch_norm

    torch.manual_seed(0)
    module = build(name, random_weights=True, **arguments)
    size = int(str(arguments.get("image_size", 224)))
    photos = data.imagenet(32, size).inputs
    calibrated = calibrate_batch_norm(module, [torch.from_numpy(x) for x in photos])
    if not calibrated and name != "vit":
        for layer in module.modules():
            if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
                torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    program = torch.onnx.export(
        module.eval(), (torch.from_numpy(photos[0]),), dynamo=True, verbose=False
    )
    buffer = io.BytesIO()
    program.save(buffer)
    return buffer.getvalue()


def vit() -> bytes:
    """A small vision transformer: 64 px, patches of 8, 4 layers, 4 heads, 96 wide."""
    return torchvision(
        "vit",
        image_size=64,
        patch_size=8,
        num_layers=4,
        num_heads=4,
        hidden_dim=96,
        mlp_dim=192,
        num_classes=100,
    )


@dataclass(frozen=True)
class Network:
    """A network, its real inputs, and where its weights come from."""

    name: str
    build: Callable[[], bytes]
    inputs: Callable[[int | None], Labelled]
    real_weights: bool


def _photos256(count: int | None) -> Labelled:
    return data.imagenet(count, 256)


def _photos96(count: int | None) -> Labelled:
    return data.imagenet(count, 96)


def _of(name: str) -> Callable[[], bytes]:
    return lambda: torchvision(name)


NETWORKS = {
    n.name: n
    for n in (
        Network("lenet", lenet, data.mnist, True),
        Network("resnet20", resnet20, data.cifar10, True),
        Network("ton_iot", ton_iot, data.ton_iot, True),
        Network("squeezenet1_1", squeezenet, data.imagenet, True),
        Network("mobilenet_v2", mobilenet_v2, data.imagenet, True),
        Network("mobilenet_v1", mobilenet_v1, _photos256, False),
        Network("mobilenet_v1_224", lambda: slim_mobilenet_v1(1, 224, 1000), data.imagenet, False),
        Network("resnet8", resnet8, data.cifar10, False),
        Network("mobilenet_v1_025_96", lambda: slim_mobilenet_v1(0.25, 96, 2), _photos96, False),
        Network("resnet18", resnet18, _photos256, False),
        Network("darknet_reference", darknet_reference, _photos256, False),
        Network("vit_small", vit, lambda n: data.imagenet(n, 64), False),
        Network("alexnet", _of("alexnet"), data.imagenet, False),
        Network("efficientnet_b0", _of("efficientnet_b0"), data.imagenet, False),
        Network("resnet50", _of("resnet50"), data.imagenet, False),
        Network("vgg16", _of("vgg16"), data.imagenet, False),
    )
}


def networks(names: str | None) -> Iterator[Network]:
    """The networks of a comma-separated list, or all."""
    for name in names.split(",") if names else NETWORKS:
        yield NETWORKS[name]
