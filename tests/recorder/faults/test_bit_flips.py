"""Will hold: 5,000 random bit flips over segments, tiles, checkpoints, keys and index, each found and named."""
