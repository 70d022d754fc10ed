"""Will hold: a segment, a tile file and the checkpoints cut at every byte recover a clean prefix and say so."""
