"""Remote attestation (RFC 9334): Evidence, the Verifier, the Appraisal Policy.

Pure: no I/O but the policy's file; time and nonces are arguments.
"""
