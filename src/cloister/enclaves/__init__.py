"""Start enclaves, and the engine that runs a container in this process, for tools."""
