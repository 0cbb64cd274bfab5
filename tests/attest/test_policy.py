"""A policy says all that it accepts; what it does not say is refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloister.attest.policy import (
    BadPolicy,
    Policy,
    UnsafeAnyModelPolicy,
    policy_text,
    write_policy,
    write_policy_text,
)
from cloister.attest.tee import CONFINEMENT, Outcome, TeePolicy
from cloister.errors import UserError

DIGEST = "ab" * 32
TEXT = policy_text(DIGEST, model_digest="cd" * 32, name="net", mode="split")
DOCS = (Path(__file__).parents[2] / "docs/formats/policy.md").read_text()


def test_what_pack_writes_is_what_a_client_reads() -> None:
    policy = Policy.from_toml(TEXT)
    assert policy == Policy(
        manifest_digests=frozenset({bytes.fromhex(DIGEST)}),
        tees={"sandbox": TeePolicy(True, frozenset(CONFINEMENT))},
        max_key_lifetime_s=86_400,
        max_clock_skew_s=300,
        engine_at_least=(0, 1, 0),
        freshness="nonce",
        model_name="net",
    )


def test_what_pack_writes_says_what_it_does_not_protect() -> None:
    assert "the host sees the\n#   answer and can change it" in TEXT
    assert "Whoever runs the host can read" in TEXT
    assert "can change it" not in policy_text(DIGEST, model_digest="cd" * 32, mode="whole")
    assert "can change it" in policy_text(DIGEST, model_digest="cd" * 32)


def test_the_documented_example_is_a_policy() -> None:
    example = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert example
    assert Policy.from_toml(example.group(1)).model_name == "cifar"


def _without(line: str) -> str:
    assert line in TEXT
    return TEXT.replace(line, "")


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("format", 'format = "cloister-policy/1"'),
        ("freshness", 'freshness = "nonce"'),
        ("max_key_lifetime", 'max_key_lifetime = "24h"'),
        ("max_clock_skew", 'max_clock_skew = "5m"'),
        ("engine_at_least", 'engine_at_least = "0.1.0"'),
        ("model.manifest_sha256", f'manifest_sha256 = ["{DIGEST}"]'),
    ],
)
def test_no_field_has_a_default(field: str, line: str) -> None:
    with pytest.raises(BadPolicy, match=f"{re.escape(field)} is missing"):
        Policy.from_toml(_without(line))


def test_refuses_a_policy_that_names_no_manifest() -> None:
    with pytest.raises(BadPolicy, match="would accept any model"):
        Policy.from_toml(TEXT.replace(f'"{DIGEST}"', ""))


@pytest.mark.parametrize("digest", ["any", "*", "", "AB" * 32, "ab" * 31, "ab" * 33, "zz" * 32])
def test_refuses_a_digest_of_another_form(digest: str) -> None:
    with pytest.raises(BadPolicy, match="manifest_sha256"):
        Policy.from_toml(TEXT.replace(DIGEST, digest))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("any_model = true\n" + TEXT, "any_model is unknown"),
        (TEXT.replace("[model]", '[model]\nversion = "1"'), "model.version is unknown"),
        (TEXT + "allow_debug = true\n", "tee.sandbox.allow_debug is unknown"),
        (TEXT + "[tee.cca]\n", "tee.cca is unknown"),
        (TEXT + "[extra]\n", "extra is unknown"),
    ],
)
def test_refuses_an_unknown_field(text: str, named: str) -> None:
    with pytest.raises(BadPolicy, match=re.escape(named)):
        Policy.from_toml(text)


def test_refuses_the_sandbox_unless_the_policy_says_unsafe_development() -> None:
    with pytest.raises(BadPolicy, match="unsafe_development = true"):
        Policy.from_toml(_without("unsafe_development = true"))
    with pytest.raises(BadPolicy, match="unsafe_development = true"):
        Policy.from_toml(TEXT.replace("unsafe_development = true", "unsafe_development = false"))


def test_refuses_a_policy_that_names_no_tee() -> None:
    text = TEXT[: TEXT.index("[tee.sandbox]")]
    with pytest.raises(BadPolicy, match="tee is missing"):
        Policy.from_toml(text)
    with pytest.raises(BadPolicy, match="names no kind of TEE"):
        Policy.from_toml(text + "[tee]\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"cloister-policy/1"', '"cloister-policy/2"'),
        ('"cloister-policy/1"', "1"),
        ('"nonce"', '"any"'),
        ('"nonce"', "true"),
        ('"24h"', '"8d"'),
        ('"24h"', '"0s"'),
        ('"24h"', '"24"'),
        ('"24h"', '"-1h"'),
        ('"24h"', '"1.5h"'),
        ('"24h"', "86400"),
        ('"5m"', '"2h"'),
        ('"0.1.0"', '"0.1"'),
        ('"0.1.0"', '"any"'),
        ('"0.1.0"', "0.1"),
        ('"net"', '"../net"'),
        ('"net"', "7"),
        ('"seccomp"', '"secomp"'),
        ('"seccomp"', "1"),
        ("unsafe_development = true", 'unsafe_development = "true"'),
        ("unsafe_development = true", "unsafe_development = 1"),
        ("[tee.sandbox]", "[[tee.sandbox]]"),
        ("[model]", "[[model]]"),
        (f'["{DIGEST}"]', f'"{DIGEST}"'),
        (f'["{DIGEST}"]', "[1]"),
    ],
)
def test_refuses_a_field_of_another_type_or_range(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(BadPolicy):
        Policy.from_toml(TEXT.replace(old, new))


@pytest.mark.parametrize("text", ["", "{", "a = ", "\x00", "[" * 5000, TEXT + TEXT])
def test_refuses_what_is_no_toml_or_no_policy(text: str) -> None:
    with pytest.raises(BadPolicy):
        Policy.from_toml(text)


@given(st.text(max_size=200))
def test_random_text_is_refused_with_our_error_only(text: str) -> None:
    with pytest.raises(BadPolicy):
        Policy.from_toml(text)


def test_a_policy_made_in_python_keeps_the_same_rules() -> None:
    good: dict[str, Any] = {
        "manifest_digests": frozenset({bytes(32)}),
        "tees": {"sandbox": TeePolicy(True)},
        "max_key_lifetime_s": 60,
        "max_clock_skew_s": 0,
        "engine_at_least": (0, 1, 0),
    }
    assert Policy(**good).freshness == "nonce"
    for bad in (
        {"manifest_digests": frozenset()},
        {"manifest_digests": frozenset({b"short"})},
        {"tees": {}},
        {"tees": {"sandbox": TeePolicy()}},
        {"tees": {"cca": TeePolicy()}},
        {"max_key_lifetime_s": 0},
        {"max_clock_skew_s": 3601},
        {"freshness": "any"},
    ):
        with pytest.raises(BadPolicy):
            Policy(**{**good, **bad})


def test_any_model_is_a_class_with_unsafe_in_its_name_and_no_file_reaches_it() -> None:
    policy = UnsafeAnyModelPolicy()
    finding = policy.judge_manifest(bytes(32))
    assert finding.outcome is Outcome.NOT_CHECKED
    assert "UNSAFE" in finding.reason
    assert policy.freshness == "nonce"
    assert type(Policy.from_toml(TEXT)) is Policy


def test_writes_the_file_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    write_policy(path, manifest_digest=DIGEST, model_digest="cd" * 32)
    assert Policy.load(path).manifest_digests == {bytes.fromhex(DIGEST)}
    assert Policy.load(path).model_name is None
    before = path.read_bytes()
    with pytest.raises(BadPolicy):
        write_policy(path, manifest_digest="any", model_digest="cd" * 32)
    assert path.read_bytes() == before
    with pytest.raises(UserError, match="was not written"):
        write_policy(tmp_path / "no" / "policy.toml", manifest_digest=DIGEST, model_digest="")
    assert [file.name for file in tmp_path.iterdir()] == ["policy.toml"]


def test_no_earlier_policy_is_ever_written_over(tmp_path: Path) -> None:
    path, words = tmp_path / "policy.toml", ["one", "two", "three", "two", "one"]
    kept = [write_policy_text(path, word) for word in words]
    names = ["", ".bak", ".bak2", ".bak3", ".bak2"]
    assert kept == [None if not name else tmp_path / f"policy.toml{name}" for name in names]
    assert write_policy_text(path, "one") is None
    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert found == {
        "policy.toml": "one", "policy.toml.bak": "one", "policy.toml.bak2": "two",
        "policy.toml.bak3": "three",
    }  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [
        lambda: policy_text(DIGEST, model_digest="", tees=("sgx",)),
        lambda: policy_text(DIGEST, model_digest="", name='x"\nname = "y'),
        lambda: policy_text(DIGEST, model_digest="", name="x/y"),
        lambda: policy_text(DIGEST, model_digest="", engine="new"),
        lambda: policy_text(DIGEST + '", "' + DIGEST, model_digest="\nname = 'x'\n#"),
    ],
)
def test_refuses_to_write_a_policy_that_says_something_else(make: Callable[[], str]) -> None:
    with pytest.raises(BadPolicy):
        make()


def test_names_the_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"policy .*none\.toml"):
        Policy.load(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadPolicy, match="UTF-8"):
        Policy.load(tmp_path / "binary.toml")
    (tmp_path / "long.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(BadPolicy, match="longer"):
        Policy.load(tmp_path / "long.toml")


def test_the_page_names_every_field_and_every_confinement() -> None:
    def names(table: dict[str, Any]) -> set[str]:
        inner = [names(value) for value in table.values() if isinstance(value, dict)]
        return set(table).union(*inner)

    for name in names(tomllib.loads(TEXT)) | set(CONFINEMENT):
        assert f"`{name}`" in DOCS, name
