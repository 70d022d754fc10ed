"""Will hold: deleted, replaced, reordered and rolled-back segments are found."""
