"""TON_IoT network records as pictures, for networks of photographs.

The recipe is that of Yang and Shami (ICC 2022, "A Transfer Learning and Optimized CNN Based
Intrusion Detection System for Internet of Vehicles"): every column by its quantile to 0..255, then
successive records of one class side by side as an F x F x 3 picture, enlarged to the network's
size. What differs, and why:

* Columns that give the answer away or name people are left out: addresses, ports, DNS queries,
  URIs, user agents, certificate names. `weird_notice` says nothing beside `weird_name`. 32 stay.
* Duplicates go before anything is divided: 211,043 records, 93,468 different ones in these columns
  (where one occurs in several classes, the first class counts).
* Six records a picture instead of 3 F: 8 x 8 x 3 numbers, two records a colour, each four rows of
  eight columns; 3 F = 96 would leave fewer than a thousand pictures. Each number is 4 x 4 pixels.
* Quantiles are those of the records that the network is trained on, and of no others.
"""

from __future__ import annotations

import csv
import gzip
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench import data

LEFT_OUT: Final = {
    "src_ip", "src_port", "dst_ip", "dst_port", "label", "type", "dns_query", "ssl_subject",
    "ssl_issuer", "http_uri", "http_user_agent", "weird_notice",
}  # fmt: skip
RECORDS: Final = 6
GRID: Final = 8
ENLARGED: Final = 4

Pixels = NDArray[np.uint8]


def pictures(count: int, train: int, seed: int = 0) -> tuple[Pixels, NDArray[np.int64], list[str]]:
    """Pictures [count, 32, 32, 3] in an order drawn by `seed`, the first `train` of which give the
    quantiles; the class of each, and the classes' names.
    """
    with gzip.open(data.shared("ton_iot/train_test_network.csv.gz"), "rt") as file:
        reader = csv.DictReader(file)
        columns = [name for name in reader.fieldnames or () if name not in LEFT_OUT]
        different: dict[tuple[str, ...], str] = {}
        for row in reader:
            different.setdefault(tuple(row[name] for name in columns), row["type"])
    classes = sorted(set(different.values()))
    numbers = np.stack([_numbers(texts) for texts in zip(*different, strict=True)], 1)
    of_class = np.array([classes.index(name) for name in different.values()])
    groups, labels = [], []
    for label in range(len(classes)):
        own = np.flatnonzero(of_class == label)  # in the file's order, and so in time's
        whole = own[: len(own) // RECORDS * RECORDS].reshape(-1, RECORDS)
        groups.append(whole)
        labels += [label] * len(whole)
    order = np.random.default_rng(seed).permutation(len(labels))[:count]
    chosen = np.concatenate(groups)[order]  # [count, RECORDS]
    known = np.sort(numbers[chosen[:train].reshape(-1)], 0)
    scaled = np.empty(numbers.shape, np.uint8)
    for column in range(numbers.shape[1]):
        own, values = known[:, column], numbers[:, column]
        rank = np.searchsorted(own, values, "left") + np.searchsorted(own, values, "right")
        scaled[:, column] = np.rint(255 * rank / (2 * len(own)))
    grid = scaled[chosen].reshape(count, 3, GRID, GRID).transpose(0, 2, 3, 1)
    large = grid.repeat(ENLARGED, 1).repeat(ENLARGED, 2)
    return np.ascontiguousarray(large), np.array(labels)[order], classes


def _numbers(texts: tuple[str, ...]) -> NDArray[np.float64]:
    """A column as numbers; words by their place among the sorted words, "-" before all."""
    try:
        return np.array([-1.0 if text == "-" else float(text) for text in texts])
    except ValueError:
        words = {word: place for place, word in enumerate(sorted(set(texts)))}
        return np.array([words[text] for text in texts], np.float64)
