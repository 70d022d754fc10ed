"""`hoopgate demo`: the main job, shown end to end on real parts."""
