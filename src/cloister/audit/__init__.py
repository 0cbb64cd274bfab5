"""How much of the input an attacker rebuilds from what leaves the enclave.

The ways of this package: images or records (`subject`) become disjoint sets (`sets`), the network's
crossing tensors become features (`features`, `world`), attackers (`attackers`: one row each, one
file each) rebuild the victims, measures compare (`measures`, `thumbnail`, `matching`), statistics
judge (`intervals`, `verdict`, `outcome`). A `task` is a set of `cells`; `tiers` say which, and
`run` computes them, here or elsewhere (`spread`, `cluster`), into a store that survives a kill
(`store`).

It never says "safe": a verdict is LEAKS, NOT SHOWN TO LEAK (by these attackers, with this budget,
on so many images) or INCONCLUSIVE. Only trained attackers need torch, and import it when they are
asked.
"""

VERSION = 4
"""Of the audit's method: numbers of another version are not compared or resumed."""
