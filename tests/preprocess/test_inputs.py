"""Folders of photographs, tables of numbers, labels: read in order, or refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cloister.errors import UserError
from cloister.preprocess import imagenet_default, read_arrays, read_images, read_labels


@dataclass(frozen=True)
class Info:
    name: str
    shape: tuple[int, ...]


GRAY = imagenet_default((1, 1, 8, 8))
X = Info("x", (1, 3))


def test_images_come_sorted_and_unreadable_ones_are_named(tmp_path: Path) -> None:
    for name, value in (("b.png", 255), ("a.png", 0)):
        Image.fromarray(np.full((8, 8), value, np.uint8)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no photo")
    (tmp_path / "folder").mkdir()
    inputs = read_images(tmp_path, GRAY)
    assert inputs.names == ("a.png", "b.png")
    assert [float(item[0].max()) for item in inputs.items] == [0.0, 1.0]
    assert [entry.path.name for entry in inputs.skipped] == ["notes.txt"]


def test_images_stop_at_the_limit(tmp_path: Path) -> None:
    for index in range(4):
        Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / f"{index}.png")
    assert len(read_images(tmp_path, GRAY, limit=2)) == 2


def test_a_folder_without_photos_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no photograph in"):
        read_images(tmp_path, GRAY)
    (tmp_path / "notes.txt").write_text("no photo")
    with pytest.raises(UserError, match=r"notes\.txt"):
        read_images(tmp_path, GRAY)
    with pytest.raises(UserError, match="no such folder"):
        read_images(tmp_path / "none", GRAY)


@pytest.mark.parametrize("shape", [(5, 3), (5, 1, 3)])
def test_npz_of_n_inputs(tmp_path: Path, shape: tuple[int, ...]) -> None:
    values = np.arange(15, dtype=np.float64).reshape(shape)
    np.savez(tmp_path / "in.npz", x=values)
    inputs = read_arrays(tmp_path / "in.npz", [X])
    assert len(inputs) == 5
    assert inputs.items[4][0].tolist() == [[12.0, 13.0, 14.0]]
    assert inputs.items[0][0].dtype == np.float32


def test_npz_with_one_array_of_any_name_serves_one_input(tmp_path: Path) -> None:
    np.savez(tmp_path / "in.npz", anything=np.zeros((1, 3), np.float32))
    assert len(read_arrays(tmp_path / "in.npz", [X])) == 1


def test_npz_for_two_inputs_needs_both_names_and_equal_counts(tmp_path: Path) -> None:
    two = [X, Info("y", (2,))]
    np.savez(tmp_path / "in.npz", x=np.zeros((4, 3)), y=np.zeros((4, 2)))
    assert len(read_arrays(tmp_path / "in.npz", two)) == 4
    np.savez(tmp_path / "bad.npz", x=np.zeros((4, 3)), z=np.zeros((4, 2)))
    with pytest.raises(UserError, match="no array named 'y'"):
        read_arrays(tmp_path / "bad.npz", two)
    np.savez(tmp_path / "odd.npz", x=np.zeros((4, 3)), y=np.zeros((3, 2)))
    with pytest.raises(UserError, match=r"\[3, 4\] entries"):
        read_arrays(tmp_path / "odd.npz", two)


def test_npz_refuses_other_shapes_and_types(tmp_path: Path) -> None:
    np.savez(tmp_path / "in.npz", x=np.zeros((5, 4)))
    with pytest.raises(UserError, match=r"\[5, 4\], expected \[1, 3\]"):
        read_arrays(tmp_path / "in.npz", [X])
    np.savez(tmp_path / "text.npz", x=np.array([["a", "b", "c"]]))
    with pytest.raises(UserError, match="expected numbers"):
        read_arrays(tmp_path / "text.npz", [X])
    np.savez(tmp_path / "objects.npz", x=np.array([{}], dtype=object))
    with pytest.raises(UserError, match=r"not an \.npz"):
        read_arrays(tmp_path / "objects.npz", [X])
    (tmp_path / "junk.npz").write_bytes(b"PK\x03\x04junk")
    with pytest.raises(UserError, match=r"not an \.npz"):
        read_arrays(tmp_path / "junk.npz", [X])


def test_csv_with_and_without_a_first_line_of_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2,3\n4,5,nan\n")
    (tmp_path / "b.csv").write_text("a,b,c\n1,2,3\n4,5,nan\n\n")
    for name in ("a.csv", "b.csv"):
        inputs = read_arrays(tmp_path / name, [X])
        assert len(inputs) == 2
        assert inputs.items[0][0].tolist() == [[1.0, 2.0, 3.0]]
        assert np.isnan(inputs.items[1][0][0, 2])


def test_csv_fills_two_inputs_from_one_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2,3,4,5\n")
    inputs = read_arrays(tmp_path / "a.csv", [X, Info("y", (2,))])
    assert [tensor.tolist() for tensor in inputs.items[0]] == [[[1, 2, 3]], [4, 5]]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,2\n", "row 1 has 2 values, expected 3"),
        ("1,2,3\n1,x,3\n", "row 2 holds 'x'"),
        ("a,b,c\n", "it holds no input"),
        ("", "it holds no input"),
    ],
)
def test_csv_refuses(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(UserError, match=why):
        read_arrays(tmp_path / "a.csv", [X])


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        read_arrays(tmp_path / "a.csv", [X])
    (tmp_path / "a.xls").write_text("")
    with pytest.raises(UserError, match=r"expected \.npz or \.csv"):
        read_arrays(tmp_path / "a.xls", [X])


def test_labels_from_text_and_json(tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_text("cat\nsea  lion\n\n")
    (tmp_path / "l.json").write_text('["cat", "sea  lion"]')
    assert read_labels(tmp_path / "l.txt", 2) == ("cat", "sea  lion")
    assert read_labels(tmp_path / "l.json", 2) == ("cat", "sea  lion")


def test_labels_must_be_as_many_as_answers(tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_text("cat\ndog\n")
    with pytest.raises(UserError, match=r"has 2 label\(s\), the network has 10 answer\(s\)"):
        read_labels(tmp_path / "l.txt", 10)


@pytest.mark.parametrize("text", ['{"a": 1}', "[1, 2]", "["])
def test_labels_refuse_other_json(tmp_path: Path, text: str) -> None:
    (tmp_path / "l.json").write_text(text)
    with pytest.raises(UserError) as caught:
        read_labels(tmp_path / "l.json")
    assert caught.value.code == "bad-labels"
