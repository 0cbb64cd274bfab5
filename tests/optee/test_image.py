"""OP-TEE built anew: its settings, its bounds, and, where CLOISTER_OPTEE_IMAGE names profiles
(`planned,sbsa`), the images themselves, which take minutes to build.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from optee_kit import X, ask, invoke, load, soon

from bench import data
from cloister.attest.claims import report_data
from cloister.attest.devices import load_devices, policy_table
from cloister.attest.optee import ATTESTED, OPTEE, OpteePolicy
from cloister.attest.policy import Policy, policy_text
from cloister.attest.tee import Outcome
from cloister.client import Client
from cloister.enclaves.engine import Engine
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES, OpteeEnclave
from cloister.errors import Refused, UserError
from cloister.graph.load import load as load_graph
from cloister.optee import build, image, parts
from cloister.optee.build import Sizes
from cloister.optee.image import COMMON, PROFILES, settings
from cloister.optee.lab import Lab, NoLab
from cloister.optee.machine import Boot, Machine
from cloister.optee.parts import Parts
from cloister.optee.plan import PLATFORMS, Need, Platform, largest_instance, plan
from cloister.pack.bundle import Bundle
from cloister.pack.container import compile_container
from cloister.pack.manifest import Tensor

ENV = "CLOISTER_OPTEE_IMAGE"
ISOLATED = {"planned": 0x0E10_0040, "sbsa": 0x2010_0040}


def line(lines: tuple[str, ...], name: str) -> int:
    (found,) = (text.split("=")[1] for text in lines if text.startswith(f"{name}="))
    return int(found, 0)


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_settings_hold_the_plans_numbers(name: str) -> None:
    need = Need(9 << 20, 0, 0, 0, 0, 0, 0)
    planned = plan(need, PLATFORMS[name])
    lines = settings(name, planned)
    assert set(COMMON) <= set(lines)
    size = line(lines, "CFG_TZDRAM_SIZE")
    taken = line(lines, "CFG_TEE_RAM_VA_SIZE") + planned.data_bytes + planned.aside_bytes
    assert taken <= size < taken + (1 << 20)
    assert line(lines, "CFG_PGT_CACHE_ENTRIES") == max(8, planned.tables)


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_without_a_plan_an_image_has_all_that_the_board_has(name: str) -> None:
    lines = settings(name)
    assert line(lines, "CFG_TZDRAM_SIZE") == PROFILES[name].dram_most
    assert line(lines, "CFG_PGT_CACHE_ENTRIES") == PLATFORMS[name].page_tables


def test_the_stock_one_is_not_built() -> None:
    with pytest.raises(UserError, match="expected one of planned, sbsa"):
        image.profile_of("stock")


def test_an_image_that_was_not_built_is_named(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "FORMAT", -1)
    with pytest.raises(NoLab, match="no OP-TEE was built for sbsa") as caught:
        image.opened("sbsa")
    assert "cloister optee image --profile sbsa" in caught.value.hint


# ---------------------------------------------------------------------------- real ones
@pytest.fixture(scope="module", params=sorted(PROFILES))
def built(request: pytest.FixtureRequest) -> Lab:
    if request.param not in os.environ.get(ENV, "").split(","):
        pytest.skip(f"{ENV} does not name {request.param}: minutes")
    return image.make(request.param)


@pytest.fixture(scope="module")
def bounds(built: Lab) -> Platform:
    return image.platform_of(built)


@pytest.fixture(scope="module")
def machine(built: Lab, bounds: Platform) -> Iterator[Machine]:
    most = largest_instance(bounds)
    application = build.trusted_application(built, Sizes(most))
    with Machine(built, Boot(application, build.daemon(built))) as booted:
        yield booted


@pytest.mark.timeout(1200)
def test_the_largest_application_loads_answers_and_is_attested(
    built: Lab, machine: Machine, head: HeadFile, bundle: Bundle
) -> None:
    enclave = OpteeEnclave(head, machine=machine)
    ready = load(enclave, head)
    (y,) = ask(enclave, ready, 1, X, bundle.manifest.outputs)
    np.testing.assert_array_equal(y.shape, X.shape)
    attested = enclave.link.attest(b"n" * 32, 100, 200, deadline=soon())
    enclave.close()
    assert attested.evidence.startswith(ATTESTED)
    facts = OPTEE.proof(attested.evidence, (), None, 0.0).facts()
    policy = OpteePolicy(
        attestation_keys=frozenset({bytes.fromhex(facts["attestation_key"])}),
        ta_memory=frozenset({bytes.fromhex(facts["ta_memory"])}),
    )
    proof = OPTEE.proof(attested.evidence, (), policy, 0.0)
    findings = [proof.form(), proof.genuine(), proof.measurement(), proof.debug()]
    findings.append(proof.binding(report_data(attested.claims)))
    assert [finding.outcome for finding in findings] == [Outcome.PASSED] * 5
    other = dataclasses.replace(policy, ta_memory=frozenset({bytes(32)}))
    refused = OPTEE.proof(attested.evidence, (), other, 0.0).measurement()
    assert refused.outcome is Outcome.FAILED


@pytest.mark.timeout(1200)
def test_secure_memory_is_out_of_reach(built: Lab, machine: Machine) -> None:
    code, said = machine.shell(f"devmem {ISOLATED[built.profile]:#x} 32")
    assert code != 0
    assert "Bus error" in said


@pytest.mark.timeout(1200)
def test_answers_are_those_of_the_engine(
    machine: Machine, tmp_path: Path,
    real_network: Callable[[str], bytes], real_inputs: Callable[[str, int], data.Labelled],
) -> None:  # fmt: skip
    model, path = tmp_path / "model.onnx", tmp_path / "head.clo"
    model.write_bytes(real_network("resnet20"))
    graph = load_graph(model)
    container = compile_container(
        graph, mode="whole", answers=graph.outputs, memory_budget=13_200 << 10,
        replay=REPLAY_ENTRIES,
    )  # fmt: skip
    path.write_bytes(container.to_bytes())
    outputs = tuple(Tensor(t.name, t.shape) for t in graph.outputs)
    (x,) = real_inputs("resnet20", 1).inputs
    with HeadFile(path) as opened:
        enclave = OpteeEnclave(opened, machine=machine)
        (y,) = ask(enclave, load(enclave, opened), 1, x, outputs)
        enclave.close()
    np.testing.assert_array_equal(y, Engine(path).run([x])[0])


@pytest.mark.timeout(1200)
def test_enrolment_asks_the_attestation_service_first(
    built: Lab, bounds: Platform, bundle: Bundle, tmp_path: Path
) -> None:
    """Its signature over the application's memory, which must be the expected, then the keys; a
    client that trusts them is answered, and one that expects another memory is not.
    """
    with HeadFile(bundle.head) as head:
        made = Parts.make(built, plan(Need.of(head, REPLAY_ENTRIES), bounds).require().sizes)
    arguments = ("--bundle", f"/{parts.GUEST_BUNDLE}")
    boot = Boot(made.application, made.daemon, arguments, parts.guest_files(bundle.path))
    devices = tmp_path / "devices.toml"

    def client(fields: str) -> Client:
        digest, model = bundle.manifest_digest.hex(), bundle.manifest.model_digest
        text = policy_text(digest, model_digest=model, tees=("optee",), tables={"optee": fields})
        return Client(address, Policy.from_toml(text))

    with Machine(built, boot) as machine:
        address = f"optee://127.0.0.1:{machine.port}"
        enrol = ("enrol", address, "--devices", str(devices), "--name", "bench")
        with pytest.raises(UserError, match="nobody said what the device's memory") as unsaid:
            invoke(*enrol)
        with pytest.raises(Refused, match="the device is refused"):
            invoke(*enrol, "--ta-memory", "00" * 32)
        assert not devices.exists()
        memory = unsaid.value.message.split()[-1]
        told = invoke(*enrol, "--ta-memory", memory)
        assert (told["kind"], told["added"], told["ta_memory"]) == ("attested", True, memory)
        fields = policy_table(load_devices(devices))
        with client(fields) as trusting:
            assert trusting.verify().facts["kind"] == "attested"
            np.testing.assert_array_equal(
                trusting.infer(X).outputs[0], X * tiny_bundle.weights_of()
            )
        other = fields.replace(memory, "00" * 32)
        assert other != fields
        with client(other) as strict, pytest.raises(Refused):
            strict.infer(X)
