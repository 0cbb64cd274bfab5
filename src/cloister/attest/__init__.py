"""Remote attestation (RFC 9334): Evidence, the Verifier, the Appraisal Policy. Pure: no I/O, no
clock.
"""
