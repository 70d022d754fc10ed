"""Will hold: roots, inclusion and consistency proofs agree with pymerkle at all sizes to 1,000."""
