"""The owner's side: seals a bundle's weights, keeps the keys, releases them to appraised enclaves.

Nothing of a service is imported from here: it gets sealed keys over HTTP, and cannot open them.
"""
