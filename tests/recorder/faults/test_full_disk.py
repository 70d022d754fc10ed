"""Will hold: a full disk stops the log, the stop is recorded, and it resumes by itself when there is room."""
