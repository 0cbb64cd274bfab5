"""How much of the input an attacker rebuilds from what leaves the enclave.

The ways of this package: images become disjoint sets (`sets`), the network's crossing tensors
become features (`features`), attackers rebuild the victims (`ridge`, `local_ridge`, `guess`),
measures compare (`measures`, `thumbnail`, `matching`), statistics judge (`intervals`, `verdict`),
and `run` does all of it cell by cell into a store that survives a kill (`store`).

It never says "safe": a verdict is LEAKS, NOT SHOWN TO LEAK (by these attackers, with this budget,
on so many images) or INCONCLUSIVE. No torch; ONNX Runtime, NumPy, SciPy and Pillow.
"""

VERSION = 2
"""Of the audit's method: numbers of another version are not compared or resumed."""
