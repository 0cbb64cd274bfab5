"""Cloister runs trained neural networks privately with trusted execution environments."""

__version__ = "0.1.0"
