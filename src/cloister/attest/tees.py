"""The kinds of TEE that this version knows: a row for each file."""

from __future__ import annotations

from typing import Final

from cloister.attest.optee import OPTEE
from cloister.attest.sandbox import SANDBOX
from cloister.attest.sgx import SGX
from cloister.attest.snp import SNP
from cloister.attest.tdx import TDX
from cloister.attest.tee import Tee
from cloister.attest.tpm import TPM

TEES: Final[dict[str, Tee]] = {row.name: row for row in (SANDBOX, OPTEE, SGX, TDX, SNP, TPM)}
