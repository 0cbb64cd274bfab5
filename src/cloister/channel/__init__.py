"""Bytes between client, host and enclave: HPKE, OHTTP, messages, frames. Pure: no I/O, no clock."""
