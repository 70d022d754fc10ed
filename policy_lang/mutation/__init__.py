"""Breaking a policy on purpose, to see whether its tests notice: `hoopgate test --mutate`."""
