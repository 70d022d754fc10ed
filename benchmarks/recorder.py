"""Will hold: the recorder against SQLite, LMDB, a bare append + fdatasync, the closest peer and a plain file."""
