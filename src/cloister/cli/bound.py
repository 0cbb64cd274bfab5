"""What `pack` binds into a bundle besides the network: plan, audit, and who signed the original.

Each is checked to be of this network and this cut, so that a manifest cannot name a plan or an
audit of something else.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from cloister.errors import Refused, UserError
from cloister.files import read_file

PLAN_FORMAT: Final = "cloister-plan/1"
_MOST: Final = 16 << 20


def plan_digest(path: Path, model_sha256: str, cut: str | None) -> str:
    """SHA-256 of plan.json, hex.

    Args:
        path: What `cloister plan -o` wrote.
        model_sha256: Of the network that is packed.
        cut: Where it is cut; None: whole.

    Raises:
        UserError: It is no plan, or of another network or cut.
    """
    content = read_file(path, _MOST)
    try:
        made = json.loads(content)
        chosen, model = made["chosen"], made["model_sha256"]
        chosen_cut = None if chosen is None else chosen["cut"]
        if made["format"] != PLAN_FORMAT:
            raise ValueError("another format")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            f"--plan {path} is not what `cloister plan -o` writes",
            code="bad-plan",
            hint="cloister plan MODEL --audit RUN --profile FILE --tee NAME -o plan.json",
        ) from error
    _of_model("plan", str(model), model_sha256)
    if chosen is None or chosen_cut != cut:
        what = "no cut" if chosen is None else (chosen_cut or "the whole network")
        raise UserError(
            f"--plan {path} chose {what}, packed is {cut or 'the whole network'}",
            code="other-cut",
            hint="Pack what the plan chose, or plan again.",
        )
    return hashlib.sha256(content).hexdigest()


def audit_digest(run: Path, model_sha256: str, cut: str | None) -> str:
    """SHA-256 of the audit's summary, hex: what `cloister audit --json` prints of the finished run
    under the default limits, as JSON with sorted members and no white space.

    Raises:
        UserError: It is no finished run, or of another network, or this cut was not audited.
    """
    # Audits need scipy; the base does not have it.
    from cloister.audit.outcome import outcome  # noqa: PLC0415
    from cloister.cli.audit import result  # noqa: PLC0415

    found = outcome(run)
    _of_model("audit", found.model_sha256, model_sha256)
    if cut is not None and cut not in [row.judged.cut for row in found.cuts]:
        raise UserError(
            f"--audit {run} has not looked at the cut {cut}",
            code="other-cut",
            hint=f"cloister audit MODEL --images DIR --cuts {cut}",
        )
    return summary_digest(result(found, []).to_json())


def summary_digest(summary: dict[str, Any]) -> str:
    """SHA-256 of a JSON object with sorted members and no white space; where the run lies on this
    machine is not part of it.
    """
    kept = {name: value for name, value in summary.items() if name not in ("run", "skipped")}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verified_signer(
    model: str, model_sha256: str, signature: Path | None, key: Path | None
) -> str | None:
    """SHA-256 of the public key whose OpenSSF signature over the network holds; None: not asked.

    Raises:
        UserError: Only one of the two is given, or the network is no file.
        Refused: The signature is not that key's over this file.
    """
    if signature is None and key is None:
        return None
    if signature is None or key is None or not Path(model).is_file():
        raise UserError(
            "a signed network needs its file, --model-signature and --model-key",
            code="usage",
            hint="pack model.onnx --model-signature model.sig --model-key owner.pem",
        )
    from cloister.cli.model_signature import verify  # noqa: PLC0415 - needs an extra

    digest = verify(Path(model), signature, key)
    if hashlib.sha256(Path(model).read_bytes()).hexdigest() != model_sha256:
        raise Refused(
            f"{model} was changed while it was packed, or its weights lie in other files",
            code="model-signature",
            hint="Sign and pack a network that is one file.",
        )
    return digest


def _of_model(what: str, found: str, expected: str) -> None:
    if found != expected:
        raise UserError(
            f"--{what} is of another model: SHA-256 {found[:16]}..., packed is {expected[:16]}...",
            code="other-model",
            hint=f"Run `cloister {what}` on this model.",
        )
