"""Benchmarks: every published number is made by a script of this folder."""
