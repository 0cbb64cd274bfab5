"""The whole way once, for real: what `cloister demo` does, without the printing.

network.py says which network; run.py does it; host.py is the service whose operator looks;
picture.py draws what he saw.
"""
