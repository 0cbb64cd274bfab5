"""Networks in: load, normalise, list the cuts, split, and the reference to compare with."""
