"""Networks by name: ``torchvision:NAME`` gives torchvision's network with its published weights."""

from __future__ import annotations

import difflib
import functools
import types
from collections.abc import Iterable
from typing import cast

import torch

from cloister.errors import OutsideError, UserError

SEED = 0  # of drawn weights: two loads of one name give one network
DEFAULT_SIZE = 224
VIT = "vit"
DRAW_ON_REQUEST = {"inception_v3", "googlenet"}  # these warn unless told how to draw
SIZES = {"inception_v3": 299}  # torchvision's own evaluation size where the network depends on it

# torchvision's wheel is built for CUDA; on a CPU build of torch its import asks for operators that
# are not there. Declaring them is enough: no classification network runs them.
MISSING_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@functools.cache
def _torchvision() -> types.ModuleType:
    """torchvision's models, on any build of torch."""
    try:
        from torchvision import models  # noqa: PLC0415 - heavy, and may fail
    except ModuleNotFoundError as error:
        raise UserError(
            "torchvision: names need torchvision",
            code="torchvision-missing",
            hint='pip install "cloister[audit]" torchvision',
        ) from error
    except RuntimeError:
        for schema in MISSING_OPERATORS:
            _LIBRARY.append(torch.library.Library("torchvision", "FRAGMENT"))
            _LIBRARY[-1].define(schema)
        from torchvision import models  # noqa: PLC0415
    return cast(types.ModuleType, models)


_LIBRARY: list[torch.library.Library] = []  # declarations last as long as these


def names() -> list[str]:
    """Every network that a name can call: torchvision's classifiers."""
    models = _torchvision()
    return list(models.list_models(module=models))


def module(name: str, *, random_weights: bool) -> tuple[torch.nn.Module, tuple[int, ...]]:
    """The network called ``name`` in eval mode, and the shape of its input; errors as `build`."""
    side = SIZES.get(name, DEFAULT_SIZE)
    return build(name, random_weights=random_weights), (1, 3, side, side)


def build(name: str, *, random_weights: bool, **arguments: object) -> torch.nn.Module:
    """The network called ``name``, in eval mode.

    Args:
        name: torchvision's name, or ``vit`` for a vision transformer of sizes given in
            ``arguments``.
        random_weights: Draw the weights (always the same) instead of fetching the published ones.
        arguments: What torchvision's constructor takes beside.

    Raises:
        UserError: There is no such network.
        OutsideError: Its weights cannot be fetched.
    """
    models = _torchvision()
    torch.manual_seed(SEED)
    if name == VIT and random_weights:
        return _draw_zeros(models.VisionTransformer(**arguments))
    known = names()
    if name not in known:
        nearest = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        raise UserError(
            f"torchvision has no classifier named {name!r}",
            code="unknown-model",
            hint=f"the nearest: {', '.join(nearest)}" if nearest else f"one of {', '.join(known)}",
        )
    if random_weights:
        if name in DRAW_ON_REQUEST:
            arguments["init_weights"] = True
        return _draw_zeros(models.get_model(name, weights=None, **arguments))
    try:
        return cast(torch.nn.Module, models.get_model(name, weights="DEFAULT", **arguments).eval())
    except (OSError, RuntimeError) as error:  # URLError is an OSError; RuntimeError: a damaged file
        raise OutsideError(
            f"the published weights of torchvision:{name} cannot be fetched: {error}",
            code="weights-unavailable",
            hint="try again with a network connection, put the file into torch's hub cache, "
            "or go on with drawn weights: --random-weights",
        ) from error


def _draw_zeros(network: torch.nn.Module) -> torch.nn.Module:
    """Draws the layers that start at zero, as the head of a vision transformer does."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.Linear) and not layer.weight.any():
            torch.nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
    return network.eval()


def calibrate_batch_norm(module: torch.nn.Module, images: Iterable[torch.Tensor]) -> int:
    """Sets the statistics of every batch norm in ``module`` to those of ``images``, in place.

    A network with drawn weights and default statistics sends every input to nearly the same place;
    with the statistics of real photos its features have a natural spread.

    Args:
        images: Batches N C H W, as the network takes them; more than one value per channel.

    Returns:
        How many batch norms were calibrated.
    """
    norms = [m for m in module.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return 0
    training, momenta = module.training, [n.momentum for n in norms]
    module.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
        norm.train()
    try:
        with torch.no_grad():
            for batch in images:
                module(batch)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        module.train(training)
    return len(norms)
